using System.Diagnostics;

namespace Rcc.Server.Tests.Processes;

/// <summary>Waits for what other processes bring about.</summary>
internal static class Until
{
    /// <summary>Generous: a slow machine that runs other tests meanwhile is no defect.</summary>
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static Task TrueAsync(Func<bool> condition, Func<string> what) => TrueAsync(() => Task.FromResult(condition()), what);

    public static async Task TrueAsync(Func<Task<bool>> condition, Func<string> what)
    {
        var waited = Stopwatch.StartNew();
        while (!await condition())
        {
            if (waited.Elapsed > Limit) Assert.Fail($"Not within {Limit.TotalSeconds} s: {what()}");
            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
    }
}
