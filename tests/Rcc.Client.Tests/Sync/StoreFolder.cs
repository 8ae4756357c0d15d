namespace Rcc.Client.Tests.Sync;

/// <summary>A folder for a store, gone with the test.</summary>
sealed class StoreFolder : IDisposable
{
    readonly string root = Directory.CreateTempSubdirectory("rcc-store-").FullName;

    public string Path => System.IO.Path.Combine(root, "device");

    public string Journal => System.IO.Path.Combine(Path, "device.journal");

    public void Dispose() => Directory.Delete(root, recursive: true);
}
