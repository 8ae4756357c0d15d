using System.Text.Json;
using Rcc.Contracts;

namespace Rcc.Core.Sync;

/// <summary>Which items of the log end live connections.</summary>
internal static class Ending
{
    public static bool SignsOut(ItemEntry device) =>
        JsonSerializer.Deserialize(device.State.AsSpan(), ContractJson.Default.DeviceState)?.SignedOutAt is not null;

    public static bool Suspends(ItemEntry account) =>
        JsonSerializer.Deserialize(account.State.AsSpan(), ContractJson.Default.AccountState)?.Suspended == true;
}
