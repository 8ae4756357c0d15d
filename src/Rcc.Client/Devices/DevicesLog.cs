using Microsoft.Extensions.Logging;
using Rcc.Contracts;

namespace Rcc.Client.Devices;

/// <summary>What a device client logs. Never content, never tokens.</summary>
static partial class DevicesLog
{
    [LoggerMessage(5500, LogLevel.Debug, "The device is {Status}")]
    public static partial void StatusChanged(this ILogger logger, DeviceStatus status);

    [LoggerMessage(5501, LogLevel.Information, "The connection is lost; trying again in {PauseMs} ms")]
    public static partial void LinkLost(this ILogger logger, long pauseMs, Exception? reason);

    [LoggerMessage(5502, LogLevel.Debug, "A batch did not follow what is stored; asking again from the stored token")]
    public static partial void GapFound(this ILogger logger);

    [LoggerMessage(5503, LogLevel.Warning, "The server does not let this device in: {Code}")]
    public static partial void Halted(this ILogger logger, ErrorCode code);

    [LoggerMessage(5504, LogLevel.Error, "The call of {Method} ended in a hub error")]
    public static partial void HubError(this ILogger logger, string method, Exception e);

    [LoggerMessage(5505, LogLevel.Error, "The device has failed")]
    public static partial void Failed(this ILogger logger, Exception e);

    [LoggerMessage(5506, LogLevel.Error, "An observer of the device has failed")]
    public static partial void ObserverFailed(this ILogger logger, Exception e);

    [LoggerMessage(5508, LogLevel.Information, "The last {Bytes} bytes of the store were written by a commit that never ended; they are cut off")]
    public static partial void TailCut(this ILogger logger, int bytes);

    [LoggerMessage(5509, LogLevel.Error, "The store in {Folder} is damaged and set aside; {Commands} commands were saved, {Unreadable} records could not be read, and the device catches up from nothing")]
    public static partial void JournalDamaged(this ILogger logger, string folder, int commands, int unreadable);

    [LoggerMessage(5510, LogLevel.Warning, "The store in {Folder} could not be made smaller; it grows on")]
    public static partial void CompactionFailed(this ILogger logger, string folder, Exception e);

    [LoggerMessage(5507, LogLevel.Debug, "A connection did not close cleanly")]
    public static partial void CloseFailed(this ILogger logger, Exception e);
}
