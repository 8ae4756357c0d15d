namespace Rcc.LocalSilo.Tests;

/// <summary>Waits for what another thread is about to do.</summary>
static class Eventually
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task HoldsAsync(Func<bool> condition, Func<string> expectation)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, $"Expected {expectation()}");
            await Task.Delay(1);
        }
    }

    /// <summary>Tries until the exception no longer comes.</summary>
    public static async Task SucceedsAsync<TException>(Func<Task> action)
        where TException : Exception
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await action();
                return;
            }
            catch (TException) when (TimeProvider.System.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(1);
            }
        }
    }
}
