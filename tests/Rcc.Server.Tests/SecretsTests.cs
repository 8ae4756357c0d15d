using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Rcc.Server.Tenants;

namespace Rcc.Server.Tests;

/// <summary>No secret and no text of a message reaches a log line at any level, or a trace.</summary>
public sealed class SecretsTests(RunningServer server)
{
    [Fact]
    public async Task No_secret_and_no_message_is_logged_or_traced_at_any_level()
    {
        var traced = new System.Collections.Concurrent.ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => traced.Enqueue($"{activity.DisplayName} {string.Join(' ', activity.TagObjects.Select(t => $"{t.Key}={t.Value}"))}"),
        };
        ActivitySource.AddActivityListener(listener);

        var tenant = await Tenant.MakeAsync(server);
        const string text = "a text for nobody else 8c1f";
        const string wrong = "a wrong password 77ab";
        await server.Api().SendAsync(HttpMethod.Post, "/api/v1/auth/sign_in", new { account = tenant.Slug, email = tenant.AgentEmail, password = wrong });
        var ticket = (await tenant.Agent.Api.PostAsync("/api/v1/auth/ticket", new { })).Text("ticket");
        await using (var hub = await HubSocket.ConnectAsync(server.Address, ticket: ticket))
        {
            await hub.CallAsync("Synchronize", new { });
            await hub.CallAsync("PostMessage", new { number = 1, conversationId = tenant.Conversation, content = text });
            await hub.CallAsync("SetDraft", new { number = 2, conversationId = tenant.Conversation, text });
            await hub.CallRawAsync("PostMessage", $$"""[{"number":"no number","conversationId":"{{text}}"}]""");
        }

        await HubSocket.RefusedWithAsync(server.Address, ticket: ticket);
        var code = server.Server.Services.GetRequiredService<SetUp>().Open();
        await server.Api().GetAsync($"/setup?code={code}");

        Assert.NotEmpty(server.Log.All);
        Assert.NotEmpty(traced);
        string[] secrets =
        [
            Tenant.Password, wrong, text, ticket, code, server.Operator, tenant.IdentitySecret,
            tenant.Master.Credential, tenant.Agent.Credential, tenant.Customer.Credential, tenant.Application.Credential,
        ];
        Assert.All(secrets, secret => Assert.DoesNotContain(server.Log.All.Concat(traced), line => line.Contains(secret, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Requests_are_logged_by_their_route()
    {
        var tenant = await Tenants.FirstAsync(server);
        await tenant.Master.Api.GetAsync($"{tenant.Path}/agents?limit=7");

        // The answer is out before its line is written.
        await server.Log.WaitForAsync("GET /api/v1/accounts/{account_id:guid}/agents 200 in ");
        Assert.DoesNotContain(server.Log.All, line => line.Contains("limit=7", StringComparison.Ordinal));
    }
}
