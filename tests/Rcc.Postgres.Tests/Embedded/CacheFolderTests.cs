using Rcc.Postgres.Embedded;

namespace Rcc.Postgres.Tests.Embedded;

public class CacheFolderTests
{
    [Theory]
    [InlineData("/elsewhere", "/xdg", "/elsewhere")]
    [InlineData(null, "/xdg", "/xdg/rcc")]
    [InlineData(null, "relative", "/home/me/.cache/rcc")]
    [InlineData(null, null, "/home/me/.cache/rcc")]
    public void The_variable_wins_over_the_platforms_folder(string? own, string? xdg, string expected)
    {
        var resolved = CacheFolder.Resolve(
            name => name switch
            {
                CacheFolder.Variable => own,
                "XDG_CACHE_HOME" => xdg,
                _ => null,
            },
            "/home/me");

        Assert.Equal(OperatingSystem.IsMacOS() ? expected.Replace(".cache", "Library/Caches", StringComparison.Ordinal) : expected, resolved);
    }
}
