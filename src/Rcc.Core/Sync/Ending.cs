using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Agents;

namespace Rcc.Core.Sync;

/// <summary>Which items of the log end live connections.</summary>
internal static class Ending
{
    /// <summary>A connection is what its device was when it was authenticated. When what the agent may do changes it ends, and the device comes back as who it is now.</summary>
    public const string ControlsChanged = "controls changed";

    public static bool SignsOut(ItemEntry device) =>
        JsonSerializer.Deserialize(device.State.AsSpan(), ContractJson.Default.DeviceState)?.SignedOutAt is not null;

    public static bool Suspends(ItemEntry account) =>
        JsonSerializer.Deserialize(account.State.AsSpan(), ContractJson.Default.AccountState)?.Suspended == true;

    public static Controls ControlsOf(ItemEntry agent) =>
        JsonSerializer.Deserialize(agent.State.AsSpan(), ContractJson.Default.AgentState)?.Controls ?? Controls.All;
}
