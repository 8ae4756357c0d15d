using System.Net.Sockets;

/// <summary>
/// Loaded into every measured server by <c>DOTNET_STARTUP_HOOKS</c> (the runtime asks for this name, in no namespace), so that each runs as its users run it, with its own
/// runtime settings, and can still be told to collect its garbage before its memory is read.
/// </summary>
#pragma warning disable CA1050, MA0047 // The runtime looks for exactly this type.
static class StartupHook
#pragma warning restore CA1050, MA0047
{
    /// <summary>The variable that names the Unix socket on which to listen.</summary>
    internal const string SocketVariable = "RCC_BENCH_CONTROL";

    /// <summary>What to send; the answer is the same byte, when done.</summary>
    internal const byte Collect = (byte)'c';

    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(SocketVariable) is not { Length: > 0 } path)
        {
            return;
        }

        // What the server itself starts is not measured.
        Environment.SetEnvironmentVariable(SocketVariable, null);
        Environment.SetEnvironmentVariable("DOTNET_STARTUP_HOOKS", null);
        new Thread(() => Serve(path)) { IsBackground = true, Name = "bench control" }.Start();
    }

    static void Serve(string path)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        using var caller = listener.Accept();
        var one = new byte[1];
        while (caller.Receive(one) == 1 && one[0] == Collect)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            caller.Send(one);
        }
    }
}
