using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Rcc.Client.Devices;

namespace Rcc.Client.Sync;

/// <summary>
/// Keeps a device's state in a folder of its own, across restarts, crashes and power failures. <c>device.journal</c> begins with a picture of everything and goes on with what each transaction changed;
/// when that has grown enough, a new picture takes its place in one step. Only the owner may read it, and one process at a time has it.
/// <para>
/// What a crash has cut short at the end was never committed, and is cut off. A file that is damaged otherwise is set aside as <c>device.journal.damaged</c>: the device keeps the commands that can
/// still be read, gives no number twice, and catches up from nothing.
/// </para>
/// </summary>
public sealed class FileDeviceStore : IDeviceStore, IDisposable
{
    const string JournalName = "device.journal";
    const int RowsInFrame = 1000;

    readonly Lock gate = new();
    readonly string folder;
    readonly FileDeviceStoreOptions options;
    readonly ILogger logger;
    readonly FileStream hold;
    readonly MemoryDeviceStore state = new();
    readonly MemoryStream frame = new();
    FileStream? journal;

    /// <summary>Up to where the file is sound. What lies beyond is left of a commit that failed.</summary>
    long committed;
    long pictureBytes;
    long compactAt;
    bool isDisposed;

    FileDeviceStore(string folder, FileDeviceStoreOptions options, ILogger logger, FileStream hold)
    {
        (this.folder, this.options, this.logger, this.hold) = (folder, options, logger, hold);
        var file = new FileInfo(JournalPath);
        WasDamaged = file.Exists && !TryRestore(file);
        if (!file.Exists || WasDamaged)
        {
            committed = pictureBytes = WritePicture();
            File.Move(PicturePath, JournalPath);
            OwnFile.FlushFolder(folder);
        }
        compactAt = pictureBytes + Math.Max(options.CompactAfterBytes, pictureBytes);
    }

    /// <summary>The file could not be read and was set aside when the store was opened; the device catches up from nothing.</summary>
    public bool WasDamaged { get; }

    string JournalPath => Path.Combine(folder, JournalName);

    string PicturePath => JournalPath + ".new";

    /// <summary>Opens the store in this folder, and makes it when there is none.</summary>
    /// <exception cref="StoreInUseException">Another process, or another store of this one, has it.</exception>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    public static FileDeviceStore Open(string folder, FileDeviceStoreOptions? options = null, ILogger<FileDeviceStore>? logger = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new FileDeviceStoreOptions();
        options.Validate();
        OwnFile.MakeFolder(folder);
        var claim = Claim(folder);
        try
        {
            return new FileDeviceStore(folder, options, logger ?? NullLogger<FileDeviceStore>.Instance, claim);
        }
        catch
        {
            claim.Dispose();
            throw;
        }
    }

    public DeviceSnapshot Load() => state.Load();

    public void Commit(DeviceChanges changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            journal ??= OwnFile.Open(JournalPath, FileMode.Open);
            frame.SetLength(0);
            JournalFrame.Write(frame, JournalRecord.Of(changes).ToBytes());
            // A commit that failed half-way must not stand between what was committed before and after it.
            if (journal.Length != committed)
                journal.SetLength(committed);
            journal.Position = committed;
            journal.Write(frame.GetBuffer().AsSpan(0, (int)frame.Length));
            journal.Flush(flushToDisk: true);
            committed += frame.Length;
            if (frame.Capacity > options.CompactAfterBytes)
            {
                frame.SetLength(0);
                frame.Capacity = 0;
            }
            state.Commit(changes);
            if (committed > compactAt)
                Compact();
        }
    }

    /// <summary>Releases the store; it can be opened again.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            isDisposed = true;
            journal?.Dispose();
            hold.Dispose();
            frame.Dispose();
        }
    }

    static FileStream Claim(string folder)
    {
        try
        {
            return OwnFile.Open(Path.Combine(folder, "device.lock"), FileMode.OpenOrCreate);
        }
        catch (IOException e) when (e is not (PathTooLongException or DirectoryNotFoundException or FileNotFoundException))
        {
            throw new StoreInUseException($"The store in {folder} is in use by another process, or cannot be claimed: {e.Message}", e);
        }
    }

    /// <summary>Reads what was committed. False when the file is damaged; then what could be saved of it is in memory, and it is set aside.</summary>
    bool TryRestore(FileInfo file)
    {
        ReadOnlyMemory<byte> all = File.ReadAllBytes(file.FullName);
        var transactions = new List<DeviceChanges>();
        try
        {
            while (JournalFrame.TryRead(all[(int)committed..], out var content))
            {
                var record = JournalRecord.Read(content);
                transactions.Add(record.ToChanges());
                committed += JournalFrame.HeaderBytes + content.Length;
                if (record.EndsPicture)
                    pictureBytes = committed;
            }
            var rest = all[(int)committed..];
            if (pictureBytes > 0 && (rest.IsEmpty || (JournalFrame.IsTornTail(rest.Span) && !JournalFrame.TryFind(rest, out _, out _))))
            {
                foreach (var changes in transactions)
                    state.Commit(changes);
                if (!rest.IsEmpty)
                    logger.TailCut(rest.Length);
                return true;
            }
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            // Sound bytes that say nothing this version understands: no better than damage.
        }
        Salvage(all, file.LastWriteTimeUtc);
        File.Move(file.FullName, file.FullName + ".damaged", overwrite: true);
        committed = pictureBytes = 0;
        return false;
    }

    /// <summary>The commands that can still be read, whose they are, and a number above all that were ever given: the file was written last after they were.</summary>
    void Salvage(ReadOnlyMemory<byte> all, DateTime writtenLast)
    {
        var saved = new DeviceChanges();
        DevicePosition? position = null;
        var unreadable = 0;
        while (JournalFrame.TryFind(all, out var at, out var content))
        {
            all = all[(at + JournalFrame.HeaderBytes + content.Length)..];
            try
            {
                var record = JournalRecord.Read(content);
                if (record.Position is { } found)
                    position = new() { LastNumber = Math.Max(position?.LastNumber ?? 0, found.LastNumber), PersonId = found.PersonId, Role = found.Role, Limits = found.Limits };
                foreach (var (number, value) in record.Outbox)
                    saved.Outbox[number] = value?.ToEntry();
            }
            catch (Exception e) when (IsUnreadable(e))
            {
                unreadable++;
            }
        }
        // Whose they are is not known any more, and another's they must not become.
        if (position is null)
            saved.Outbox.Clear();
        var unixMs = new DateTimeOffset(writtenLast, TimeSpan.Zero).ToUnixTimeMilliseconds();
        saved.Position = (position ?? new()) with { LastNumber = Math.Max(position?.LastNumber ?? 0, (unixMs + 1000) * 1024) };
        state.Commit(saved);
        logger.JournalDamaged(folder, state.Load().Outbox.Count, unreadable);
    }

    /// <summary>Puts a picture in the place of the journal. When that fails the journal goes on, which holds everything, and is tried again when it has grown as much once more.</summary>
    void Compact()
    {
        try
        {
            var length = WritePicture();
            journal?.Dispose();
            journal = null;
            File.Move(PicturePath, JournalPath, overwrite: true);
            committed = pictureBytes = length;
            compactAt = pictureBytes + Math.Max(options.CompactAfterBytes, pictureBytes);
            OwnFile.FlushFolder(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            compactAt = committed + options.CompactAfterBytes;
            logger.CompactionFailed(folder, e);
        }
    }

    /// <summary>Writes everything into a file of its own, which takes the journal's place only once it is whole and on the disk.</summary>
    /// <returns>Its length.</returns>
    long WritePicture()
    {
        using var picture = OwnFile.Open(PicturePath, FileMode.Create, bufferBytes: 64 * 1024);
        foreach (var record in PictureOf(state.Load()))
            JournalFrame.Write(picture, record.ToBytes());
        picture.Flush(flushToDisk: true);
        return picture.Length;
    }

    static bool IsUnreadable(Exception e) => e is JsonException or InvalidOperationException or NotSupportedException;

    static IEnumerable<JournalRecord> PictureOf(DeviceSnapshot all)
    {
        // First of all whose it is, so that a damaged picture's commands have an owner; where the device stands only when all of it is there.
        yield return Part(changes => changes.Position = all.Position with { Token = null });
        foreach (var rows in all.Items.Chunk(RowsInFrame))
            yield return Part(changes => Array.ForEach(rows, item => changes.Items[item.Key] = item));
        foreach (var rows in all.Lanes.Chunk(RowsInFrame))
            yield return Part(changes => Array.ForEach(rows, row => changes.Lanes[row.Key] = row.Value));
        foreach (var rows in all.Messages.Chunk(RowsInFrame))
            yield return Part(changes => Array.ForEach(rows, row => changes.Messages[row.Key] = row.Value));
        foreach (var rows in all.Outbox.Chunk(RowsInFrame))
            yield return Part(changes => Array.ForEach(rows, entry => changes.Outbox[entry.Command.Number] = entry));
        foreach (var rows in all.Confirmed.Chunk(RowsInFrame))
            yield return Part(changes => Array.ForEach(rows, row => changes.Confirmed[row.Key] = row.Value));
        yield return JournalRecord.Of(new DeviceChanges { Position = all.Position }, endsPicture: true);

        static JournalRecord Part(Action<DeviceChanges> fill)
        {
            var changes = new DeviceChanges();
            fill(changes);
            return JournalRecord.Of(changes);
        }
    }

    /// <summary>Files that only their owner may read and one holder may have open.</summary>
    static class OwnFile
    {
        public static void MakeFolder(string path)
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(path);
            else
                Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        /// <summary>Without a buffer a write that fails leaves nothing behind that a later one would bring.</summary>
        public static FileStream Open(string path, FileMode mode, int bufferBytes = 0)
        {
            var how = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = bufferBytes };
            if (mode != FileMode.Open && !OperatingSystem.IsWindows())
                how.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            return new FileStream(path, how);
        }

        /// <summary>A file's new name is on the disk only when its folder is.</summary>
        public static void FlushFolder(string path)
        {
            if (OperatingSystem.IsWindows())
                return;
            var folder = OpenFile(path, flags: 0);
            if (folder < 0)
                throw new IOException($"The folder {path} cannot be opened: error {Marshal.GetLastPInvokeError()}.");
            var flushed = Flush(folder);
            var error = Marshal.GetLastPInvokeError();
            _ = Close(folder);
            if (flushed != 0)
                throw new IOException($"The folder {path} cannot be flushed: error {error}.");
        }

        [DllImport("libc", EntryPoint = "open", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        static extern int OpenFile([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

        [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        static extern int Flush(int file);

        [DllImport("libc", EntryPoint = "close")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        static extern int Close(int file);
    }
}

/// <summary>How a <see cref="FileDeviceStore"/> behaves.</summary>
public sealed record FileDeviceStoreOptions
{
    /// <summary>Bytes the journal may grow beyond its picture, or the picture's own size where that is more, until a new picture takes its place: at least 4096. Default 1 MiB.</summary>
    public long CompactAfterBytes { get; init; } = 1024 * 1024;

    internal void Validate()
    {
        if (CompactAfterBytes < 4096)
            throw new InvalidOperationException($"{nameof(FileDeviceStoreOptions)}.{nameof(CompactAfterBytes)} is {CompactAfterBytes}; it must be at least 4096.");
    }
}

/// <summary>Somebody else has the store. Two replicas must not write one store: each would count tokens the other never saw.</summary>
public sealed class StoreInUseException : IOException
{
    public StoreInUseException()
    {
    }

    public StoreInUseException(string message)
        : base(message)
    {
    }

    public StoreInUseException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
