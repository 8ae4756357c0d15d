namespace Rcc.Postgres.Embedded;

/// <summary>A lock between processes that the kernel gives back when its holder ends, however it ends.</summary>
public sealed class FileLock : IDisposable
{
    const int WindowsSharingViolation = unchecked((int)0x80070020);
    const int LinuxTryAgain = 11;
    const int MacTryAgain = 35;

    readonly FileStream stream;

    FileLock(FileStream stream) => this.stream = stream;

    /// <summary>The lock, or null while another process holds it. The file stays behind: deleting it would let two holders in.</summary>
    public static FileLock? TryTake(string path)
    {
        try
        {
            return new FileLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (e.HResult is WindowsSharingViolation or LinuxTryAgain or MacTryAgain)
        {
            return null;
        }
    }

    /// <summary>Waits for the lock.</summary>
    public static async Task<FileLock> TakeAsync(string path, CancellationToken cancellationToken)
    {
        // Neither flock nor share modes can be awaited.
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            if (TryTake(path) is { } taken)
            {
                return taken;
            }

            await tick.WaitForNextTickAsync(cancellationToken);
        }
    }

    public void Dispose() => stream.Dispose();
}
