using System.Runtime.InteropServices;

namespace Rcc.Bench.Targets;

/// <summary>What <see cref="System.Diagnostics.Process"/> cannot send.</summary>
static partial class PosixSignals
{
    const int SigInt = 2;

    /// <summary>Ctrl-C.</summary>
    public static void Interrupt(int process) => _ = Kill(process, SigInt);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
