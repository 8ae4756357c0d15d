using System.Text;

namespace Rcc.Postgres.Embedded;

/// <summary>What the PostgreSQL server says: a file of bounded size and the one before it, and the last lines for an error.</summary>
sealed class ServerLogFile : IDisposable
{
    const int TailLines = 20;

    readonly Lock gate = new();
    readonly long maxBytes;
    readonly string path;
    readonly Queue<string> tail = new();
    StreamWriter writer;

    public ServerLogFile(string path, long maxBytes)
    {
        this.path = path;
        this.maxBytes = maxBytes;
        writer = Open();
    }

    /// <summary>The newest lines since the last <see cref="Forget"/>.</summary>
    public string Tail
    {
        get
        {
            lock (gate)
            {
                return string.Join('\n', tail);
            }
        }
    }

    public void Append(string line)
    {
        lock (gate)
        {
            tail.Enqueue(line);
            if (tail.Count > TailLines)
            {
                tail.Dequeue();
            }

            if (writer.BaseStream.Length + Encoding.UTF8.GetByteCount(line) >= maxBytes)
            {
                writer.Dispose();
                File.Move(path, path + ".1", overwrite: true);
                writer = Open();
            }

            writer.WriteLine(line);
        }
    }

    /// <summary>Starts the tail anew, so that an error shows this start's lines only.</summary>
    public void Forget()
    {
        lock (gate)
        {
            tail.Clear();
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            writer.Dispose();
        }
    }

    StreamWriter Open()
    {
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new StreamWriter(path, Encoding.UTF8, options) { AutoFlush = true };
    }
}
