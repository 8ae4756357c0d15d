using System.Diagnostics;
using System.Globalization;

namespace Rcc.Server.Tests.Processes;

/// <summary>Signals to processes.</summary>
internal static class Signals
{
    /// <summary>Sends a signal, <c>KILL</c>, <c>STOP</c>, <c>CONT</c> or <c>TERM</c>. A process that is gone already is no error.</summary>
    public static async Task SendAsync(string signal, params IEnumerable<int> processes)
    {
        var ids = string.Join(' ', processes.Select(id => id.ToString(CultureInfo.InvariantCulture)));
        using var kill = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"kill -{signal} {ids}"]) { UseShellExecute = false, RedirectStandardError = true })!;
        await kill.StandardError.ReadToEndAsync();
        await kill.WaitForExitAsync();
    }
}
