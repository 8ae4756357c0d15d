namespace Rcc.Server;

/// <summary>Where the embedded PostgreSQL keeps its files when nobody says.</summary>
internal static class DataFolder
{
    const string Solution = "Rcc.sln";

    /// <summary><c>data</c> beside the solution when the program runs from its checkout, else the platform's folder for state: never dependent on the working directory.</summary>
    public static string Default()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Solution))) return Path.Combine(folder.FullName, "data");
        }

        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } state && Path.IsPathRooted(state))
            return Path.Combine(state, "rcc");
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return OperatingSystem.IsLinux() && home.Length > 0
            ? Path.Combine(home, ".local", "state", "rcc")
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "rcc");
    }
}
