namespace Rcc.Server.Tests;

/// <summary>Two tenants that no test ends, for all tests that need only some tenant, or another one.</summary>
internal static class Tenants
{
    static readonly SemaphoreSlim One = new(1);
    static Tenant? first;
    static Tenant? second;

    public static async Task<Tenant> FirstAsync(RunningServer server) => (await BothAsync(server)).First;

    public static async Task<Tenant> SecondAsync(RunningServer server) => (await BothAsync(server)).Second;

    static async Task<(Tenant First, Tenant Second)> BothAsync(RunningServer server)
    {
        await One.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            first ??= await Tenant.MakeAsync(server);
            second ??= await Tenant.MakeAsync(server);
            return (first, second);
        }
        finally
        {
            One.Release();
        }
    }
}
