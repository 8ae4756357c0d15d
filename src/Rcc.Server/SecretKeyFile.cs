using Rcc.Core;

namespace Rcc.Server;

/// <summary>The key that secrets are sealed with, when no setting gives one: a file in the data folder, which only its owner can read. A copy of the database is worth nothing without it.</summary>
internal static class SecretKeyFile
{
    const string Name = "secrets.key";

    public static string ReadOrMake(string folder)
    {
        var path = Path.Combine(folder, Name);
        if (!File.Exists(path)) Make(folder, path);
        return File.ReadAllText(path).Trim();
    }

    /// <summary>Written whole under another name first: of two servers that start at once one wins, and nobody reads half a key.</summary>
    static void Make(string folder, string path)
    {
        Directory.CreateDirectory(folder);
        var draft = Path.Combine(folder, $"{Name}.{Guid.NewGuid():N}");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new StreamWriter(draft, options)) file.WriteLine(SealedSecrets.MakeKey());
        try
        {
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(draft);
        }
    }
}
