using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Rcc.Server.Tests;

/// <summary>A server that is told to stop.</summary>
public sealed class StoppingTests
{
    [Fact]
    public async Task A_device_that_comes_while_the_server_stops_is_let_go_and_keeps_nobody_waiting()
    {
        await using var server = await RunningServer.WithAsync();
        var tenant = await Tenant.MakeAsync(server);
        server.Server.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        await using var late = await HubSocket.ConnectAsync(server.Address, tenant.Agent.Credential);
        await late.Closed.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }
}
