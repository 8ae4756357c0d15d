using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Rcc.Bench.Load;

/// <summary>Sleeps to within some 50 µs: <see cref="Thread.Sleep(int)"/> knows whole milliseconds, and spinning would take a core from what is measured.</summary>
static partial class PreciseSleep
{
    const long NanosecondsPerSecond = 1_000_000_000;

    public static void Until(long timestamp)
    {
        while (timestamp - Stopwatch.GetTimestamp() is var left and > 0)
        {
            var nanoseconds = (long)((double)left / Stopwatch.Frequency * NanosecondsPerSecond);
            if (OperatingSystem.IsWindows())
            {
                Thread.Sleep((int)(nanoseconds / 1_000_000));
            }
            else
            {
                // A signal ends it early; the loop looks at the clock again.
                _ = NanoSleep(new TimeSpec(nanoseconds / NanosecondsPerSecond, nanoseconds % NanosecondsPerSecond), 0);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in TimeSpec requested, nint remaining);

    [StructLayout(LayoutKind.Sequential)]
    readonly record struct TimeSpec(long Seconds, long Nanoseconds);
}
