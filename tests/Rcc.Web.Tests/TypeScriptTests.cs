using System.Diagnostics;

namespace Rcc.Web.Tests;

/// <summary>The TypeScript client's own tests, so that one command runs everything.</summary>
public class TypeScriptTests
{
    [Theory]
    [InlineData("check")]
    [InlineData("test")]
    public async Task The_web_workspace_passes_its_own_script(string script)
    {
        // Building the server has brought its packages.
        using var npm = Process.Start(new ProcessStartInfo("npm", ["run", script])
        {
            WorkingDirectory = Path.Combine(Built.Checkout, "src", "Rcc.Web"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;

        var output = npm.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = npm.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await npm.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(npm.ExitCode == 0, $"npm run {script} failed:\n{await output}\n{await errors}");
    }
}
