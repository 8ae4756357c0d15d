using Rcc.Contracts;

namespace Rcc.Replay.Play;

/// <summary>A command that was given to a device.</summary>
/// <param name="Device">The device.</param>
/// <param name="Method">The hub's method.</param>
/// <param name="Sent">The command with its number, once it has gone out for the first time.</param>
/// <param name="Settled">The server's final answer; <see cref="ErrorCode.Suspended"/> when the device is signed out before it has one.</param>
sealed record GivenCommand(ReplayDevice Device, string Method, Task<DeviceCommand> Sent, Task<Outcome> Settled);
