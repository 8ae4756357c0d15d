using Microsoft.Extensions.Logging;

namespace Rcc.LocalSilo;

static partial class LocalSiloLog
{
    [LoggerMessage(9500, LogLevel.Information, "The local silo hosts {Count} grain classes")]
    public static partial void Started(this ILogger logger, int count);

    [LoggerMessage(9501, LogLevel.Information, "The local silo stopped; {Count} activations had not ended in time")]
    public static partial void Stopped(this ILogger logger, int count);

    [LoggerMessage(9502, LogLevel.Warning, "{Grain} could not be activated")]
    public static partial void ActivationFailed(this ILogger logger, Exception exception, string grain);

    [LoggerMessage(9503, LogLevel.Warning, "{Grain} failed while it was deactivated")]
    public static partial void DeactivationFailed(this ILogger logger, Exception exception, string grain);

    [LoggerMessage(9504, LogLevel.Warning, "A timer of {Grain} failed; it ticks on")]
    public static partial void TimerFailed(this ILogger logger, Exception exception, string grain);

    [LoggerMessage(9505, LogLevel.Warning, "The one-way call {Call} failed")]
    public static partial void OneWayCallFailed(this ILogger logger, Exception exception, string call);
}
