using Rcc.Postgres.Embedded;

namespace Rcc.Postgres.Tests.Embedded;

public class ServerLogFileTests
{
    [Fact]
    public void The_log_keeps_its_newest_lines_and_never_grows_beyond_two_files()
    {
        using var folder = new TemporaryFolder();
        using var log = new ServerLogFile(folder["server.log"], maxBytes: 1000);

        for (var line = 1; line <= 1000; line++)
        {
            log.Append($"line {line} of a thousand");
        }

        Assert.Equal("server.log server.log.1", string.Join(' ', Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal)));
        Assert.All(Directory.GetFiles(folder.Path), file => Assert.InRange(new FileInfo(file).Length, 1, 1000));
        Assert.EndsWith("line 1000 of a thousand", log.Tail, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder["server.log"]));
    }
}
