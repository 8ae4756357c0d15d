using System.Net;
using System.Text;
using Npgsql;

namespace Rcc.Server.Tests;

/// <summary>Erasing a customer, through the front door and down to the rows.</summary>
public sealed class ContactEraseTests(RunningServer server)
{
    [Fact]
    public async Task Who_is_erased_is_nowhere_any_more_and_what_was_said_stays()
    {
        var tenant = await Tenant.MakeAsync(server);
        var mark = $"zq{Guid.NewGuid():N}";
        var customer = await tenant.BeginAsync($"id-{mark}");
        var contact = $"{tenant.Path}/contacts/{customer.Id}";
        (await tenant.Application.Api.SendAsync(HttpMethod.Patch, contact, new { name = $"Name {mark}", email = $"{mark}@example.org", custom_attributes = new { tier = mark } })).Ok();
        await tenant.Application.Api.PostAsync($"{contact}/addresses", new { kind = "mailto", value = $"{mark}@example.com" });
        (await tenant.Application.Api.SendAsync(HttpMethod.Put, $"{contact}/context", new { name = "test:a", value = mark })).Ok();
        (await tenant.Application.Api.SendAsync(HttpMethod.Put, $"{contact}/context", new { name = $"subscription:{mark}", value = new { status = "active", plan = mark } })).Ok();
        (await tenant.Application.Api.SendAsync(HttpMethod.Put, $"{contact}/context", new { name = "test:b", value = mark, @volatile = true })).Ok();
        var merged = (await tenant.Application.Api.PostAsync($"{tenant.Path}/contacts", new { name = $"Old {mark}", email = $"old-{mark}@example.org" })).Id();
        (await tenant.Application.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/contacts/{merged}", new { custom_attributes = new { tier = mark } })).Ok();
        (await tenant.Application.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/contacts/{merged}/context", new { name = "test:c", value = mark, @volatile = true })).Ok();

        // Devices called by a name, signed in and signed out, in two commits of fifty.
        var devices = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => server.Api().PostAsync(
            $"/public/api/v1/inboxes/{tenant.InboxIdentifier}/contacts", new { identifier = $"id-{mark}", identifier_hash = tenant.Sign($"id-{mark}"), device_name = $"Phone {i} {mark}" })));
        foreach (var device in devices[..20]) (await server.Api(device.Text("access_token")).SendAsync(HttpMethod.Post, "/api/v1/auth/sign_out")).Ok();
        await tenant.Application.Api.PostAsync($"{contact}/merge", new { contact_id = merged });
        var conversation = (await customer.Api.PostAsync($"{tenant.Path}/conversations", new { })).Id();
        await customer.Api.PostAsync($"{tenant.Path}/conversations/{conversation}/messages", new { content = "what I said" });
        await OfferAsync(tenant, conversation);
        await tenant.Master.Api.PostAsync($"{tenant.Path}/conversations/{conversation}/assignments", new { assignee_id = tenant.Agent.Id });
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await desk.NextItemAsync(item => item.IsContact(customer.Id));
        await using var own = await HubSocket.SynchronizeAsync(server.Address, customer.Credential);

        (await tenant.Administrator.Api.SendAsync(HttpMethod.Delete, contact)).Refused(HttpStatusCode.Conflict, "conflict");
        (await tenant.Master.Api.SendAsync(HttpMethod.Delete, contact)).Refused(HttpStatusCode.Forbidden, "forbidden");
        await tenant.Agent.Api.PostAsync($"{tenant.Path}/conversations/{conversation}/toggle_status", new { status = "resolved" });
        Assert.NotEmpty(await FindAsync(mark));
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/contacts/{merged}")).Ok();

        await own.Closed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        foreach (var device in devices) (await server.Api(device.Text("access_token")).GetAsync($"{tenant.Path}/conversations")).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        (await customer.Api.GetAsync($"{tenant.Path}/conversations")).Refused(HttpStatusCode.Unauthorized, "unauthenticated");
        await desk.NextItemAsync(item => item.IsOf("conversation", conversation) && !item.GetProperty("state").TryGetProperty("contactName", out _));
        foreach (var id in new[] { customer.Id, merged })
        {
            (await tenant.Master.Api.GetAsync($"{tenant.Path}/contacts/{id}")).Refused(HttpStatusCode.NotFound, "notFound");
            (await tenant.Application.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/contacts/{id}", new { name = "Again" })).Refused(HttpStatusCode.NotFound, "notFound");
            Assert.DoesNotContain(id.ToString(), (await tenant.Master.Api.GetAsync($"{tenant.Path}/contacts?limit=50")).Ok().Body, StringComparison.Ordinal);
        }

        (await tenant.Application.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations", new { inbox_id = tenant.Inbox, contact_id = customer.Id })).Refused(HttpStatusCode.NotFound, "notFound");
        Assert.Empty(await FindAsync(mark));
        Assert.Contains("what I said", (await tenant.Agent.Api.GetAsync($"{tenant.Path}/conversations/{conversation}/messages")).Ok().Body, StringComparison.Ordinal);

        // Again is as good as once; and whoever comes with the same identity is somebody new.
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Delete, contact)).Ok();
        var again = await tenant.BeginAsync($"id-{mark}");
        Assert.NotEqual(customer.Id, again.Id);
        Assert.Empty((await again.Api.GetAsync($"{tenant.Path}/conversations")).Ok().Json.GetProperty("data").EnumerateArray());
        await tenant.Application.Api.PostAsync($"{tenant.Path}/contacts/{again.Id}/addresses", new { kind = "mailto", value = $"{mark}@example.com" });
        var act = (await tenant.Administrator.Api.GetAsync($"{tenant.Path}/audit_logs?object_type=contact&action=erase")).Ok().Json.GetProperty("data").EnumerateArray();
        Assert.Equal(customer.Id, Assert.Single(act).GetProperty("object_id").GetGuid());
    }

    /// <summary>The conversation is transferred to somebody who is shown whose it is, and declines.</summary>
    static async Task OfferAsync(Tenant tenant, Guid conversation)
    {
        var colleague = await tenant.AddAgentAsync();
        await tenant.Master.Api.PostAsync($"{tenant.Path}/conversations/{conversation}/assignments", new { assignee_id = tenant.Master.Id });
        (await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations/{conversation}/transfer", new { agent_id = colleague.Id })).Ok();
        (await colleague.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations/{conversation}/offer/decline")).Ok();
    }

    /// <summary>The tables with rows that hold a text, as text or in bytes.</summary>
    async Task<List<string>> FindAsync(string text)
    {
        await using var connection = new NpgsqlConnection(server.Server.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        List<string> tables = [];
        await using (var list = new NpgsqlCommand("SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace", connection))
        {
            await using var rows = await list.ExecuteReaderAsync(TestContext.Current.CancellationToken);
            while (await rows.ReadAsync(TestContext.Current.CancellationToken)) tables.Add(rows.GetString(0));
        }

        Assert.Contains("item", tables);
        List<string> found = [];
        foreach (var table in tables)
        {
            await using var search = new NpgsqlCommand($"SELECT EXISTS (SELECT FROM \"{table}\" t WHERE position($1 IN t::text) > 0 OR position($2 IN t::text) > 0)", connection);
            search.Parameters.Add(new() { Value = text });
            search.Parameters.Add(new() { Value = Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text)) });
            if ((bool)(await search.ExecuteScalarAsync(TestContext.Current.CancellationToken))!) found.Add(table);
        }

        return found;
    }
}
