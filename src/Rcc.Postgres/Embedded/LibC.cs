using System.Runtime.InteropServices;

namespace Rcc.Postgres.Embedded;

/// <summary>The two system calls .NET has no door to.</summary>
static class LibC
{
    public const int Interrupt = 2;
    public const int Quit = 3;
    public const int Kill = 9;

    /// <summary>Sends a signal; a process that is already gone is no error.</summary>
    public static void Signal(int processId, int signal)
    {
        const int NoSuchProcess = 3;
        if (KillProcess(processId, signal) != 0 && Marshal.GetLastPInvokeError() is var error && error != NoSuchProcess)
        {
            throw new EmbeddedPostgresException($"Process {processId} could not be signalled: {Marshal.GetPInvokeErrorMessage(error)}.");
        }
    }

    /// <summary>The path without symbolic links, as the kernel names it in <c>/proc</c>.</summary>
    public static string RealPath(string path)
    {
        var resolved = ResolvePath(path, IntPtr.Zero);
        if (resolved == IntPtr.Zero)
        {
            throw new EmbeddedPostgresException($"{path} could not be resolved: {Marshal.GetLastPInvokeErrorMessage()}.");
        }

        try
        {
            return Marshal.PtrToStringUTF8(resolved)!;
        }
        finally
        {
            Free(resolved);
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int KillProcess(int processId, int signal);

    [DllImport("libc", EntryPoint = "realpath", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern IntPtr ResolvePath([MarshalAs(UnmanagedType.LPUTF8Str)] string path, IntPtr buffer);

    [DllImport("libc", EntryPoint = "free")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern void Free(IntPtr memory);
}
