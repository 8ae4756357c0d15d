namespace Rcc.Postgres.Embedded;

/// <summary>The user's folder for what can be brought again: server, tests and tools share it.</summary>
public static class CacheFolder
{
    /// <summary>The variable that names another folder.</summary>
    public const string Variable = "RCC_CACHE";

    /// <summary>
    /// <c>RCC_CACHE</c>; else <c>rcc</c> in the platform's cache folder: <c>XDG_CACHE_HOME</c> or <c>~/.cache</c> on Linux
    /// (XDG Base Directory Specification), <c>~/Library/Caches</c> on macOS, <c>LOCALAPPDATA</c> on Windows.
    /// </summary>
    public static string Resolve() =>
        Resolve(Environment.GetEnvironmentVariable, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    internal static string Resolve(Func<string, string?> variable, string home)
    {
        if (variable(Variable) is { Length: > 0 } named)
        {
            return Path.GetFullPath(named);
        }

        // The specification says that a relative path is to be ignored.
        if (!OperatingSystem.IsWindows() && variable("XDG_CACHE_HOME") is { } xdg && Path.IsPathFullyQualified(xdg))
        {
            return Path.Combine(xdg, "rcc");
        }

        if (OperatingSystem.IsWindows() && variable("LOCALAPPDATA") is { Length: > 0 } local)
        {
            return Path.Combine(local, "rcc");
        }

        if (home.Length == 0)
        {
            throw new EmbeddedPostgresException($"This user has no home folder to keep downloads in; set {Variable} to a folder.");
        }

        return OperatingSystem.IsMacOS()
            ? Path.Combine(home, "Library", "Caches", "rcc")
            : Path.Combine(home, ".cache", "rcc");
    }
}
