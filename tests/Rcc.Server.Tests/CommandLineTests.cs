namespace Rcc.Server.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public void Options_and_settings_are_read()
    {
        var (line, exitCode) = CommandLine.Read(["--demo", "--data", "/tmp/x", "--urls", "http://127.0.0.1:1", "--restored", "--recover-operator", "--Rcc:Hub:KeepAliveSeconds=5"]);
        Assert.Equal(0, exitCode);
        Assert.Equivalent(
            new CommandLine { Demo = true, DataFolder = "/tmp/x", Urls = "http://127.0.0.1:1", Restored = true, RecoverOperator = true, Settings = ["--Rcc:Hub:KeepAliveSeconds=5"] },
            line);
    }

    [Fact]
    public void Without_arguments_everything_has_its_default()
    {
        var (line, _) = CommandLine.Read([]);
        Assert.Equivalent(new CommandLine(), line);
    }

    [Theory]
    [InlineData("--dmeo")]
    [InlineData("demo")]
    [InlineData("--=x")]
    public void What_is_no_option_is_refused(string argument)
    {
        var (line, exitCode) = CommandLine.Read([argument]);
        Assert.Null(line);
        Assert.Equal(1, exitCode);
    }
}
