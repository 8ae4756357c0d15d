using System.Net;

namespace Rcc.Server.Tests;

/// <summary>What exceeds a tenant's share is refused, and others are served.</summary>
public sealed class ShareTests(RunningServer server)
{
    [Fact]
    public async Task A_tenant_over_its_share_is_rate_limited_before_its_credential_is_even_looked_up_and_others_are_served()
    {
        var (greedy, other) = (await Tenant.MakeAsync(server), await Tenants.FirstAsync(server));
        (await server.Api(server.Operator).SendAsync(
            HttpMethod.Put, $"/platform/api/v1/accounts/{greedy.Id}/plan", new { name = "small", share = new { requests_per_second = 1, request_burst = 3 } })).Ok();

        ApiAnswer answer;
        do
        {
            answer = await greedy.Master.Api.GetAsync(greedy.Path);
        }
        while (answer.Status == HttpStatusCode.OK);

        Assert.Contains("1 a second", answer.Refused(HttpStatusCode.TooManyRequests, "rateLimited").Text("detail"), StringComparison.Ordinal);
        Assert.Equal("1", answer.Headers["Retry-After"]);
        (await other.Master.Api.GetAsync(other.Path)).Ok();

        // The same for everybody else of the tenant, and it ends.
        while ((await greedy.Agent.Api.GetAsync(greedy.Path)).Status != HttpStatusCode.OK) await Task.Yield();
        (await server.Api(server.Operator).SendAsync(HttpMethod.Put, $"/platform/api/v1/accounts/{greedy.Id}/plan", new { name = "large" })).Ok();
    }

    [Fact]
    public async Task Many_requests_at_once_wait_their_turn_and_are_all_served()
    {
        var (busy, other) = (await Tenants.FirstAsync(server), await Tenants.SecondAsync(server));
        (await other.Master.Api.GetAsync(other.Path)).Ok();

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => busy.Application.Api.GetAsync($"{busy.Path}/conversations")));

        Assert.All(answers, answer => answer.Ok());
    }
}
