using System.Text;

namespace Rcc.Postgres.Embedded;

/// <summary>What the PostgreSQL server says: a file of bounded size and the one before it, and the last lines for an error.</summary>
sealed class ServerLogFile : IDisposable
{
    const int TailLines = 20;

    readonly Lock _gate = new();
    readonly long _maxBytes;
    readonly string _path;
    readonly Queue<string> _tail = new();
    StreamWriter _writer;

    public ServerLogFile(string path, long maxBytes)
    {
        _path = path;
        _maxBytes = maxBytes;
        _writer = Open();
    }

    /// <summary>The newest lines since the last <see cref="Forget"/>.</summary>
    public string Tail
    {
        get
        {
            lock (_gate)
            {
                return string.Join('\n', _tail);
            }
        }
    }

    public void Append(string line)
    {
        lock (_gate)
        {
            _tail.Enqueue(line);
            if (_tail.Count > TailLines)
            {
                _tail.Dequeue();
            }

            if (_writer.BaseStream.Length + Encoding.UTF8.GetByteCount(line) >= _maxBytes)
            {
                _writer.Dispose();
                File.Move(_path, _path + ".1", overwrite: true);
                _writer = Open();
            }

            _writer.WriteLine(line);
        }
    }

    /// <summary>Starts the tail anew, so that an error shows this start's lines only.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _tail.Clear();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _writer.Dispose();
        }
    }

    StreamWriter Open()
    {
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new StreamWriter(_path, Encoding.UTF8, options) { AutoFlush = true };
    }
}
