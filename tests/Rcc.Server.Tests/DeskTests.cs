using System.Net;
using System.Text.Json;

namespace Rcc.Server.Tests;

/// <summary>What a desk shows, for who asks by REST instead of synchronising.</summary>
public sealed class DeskTests(RunningServer server)
{
    [Fact]
    [Trait("Catalogue", "RCC-8")]
    public async Task An_agent_reads_what_is_offered_to_it_and_nobody_elses()
    {
        var tenant = await Tenant.MakeAsync(server);
        var colleague = await tenant.AddAgentAsync();
        var conversation = $"{tenant.Path}/conversations/{tenant.Conversation}";
        Assert.Empty(await DataAsync(colleague, "profile/offers"));
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{conversation}/transfer/consult", new { agent_id = colleague.Id })).Ok();
        var offer = Assert.Single(await DataAsync(colleague, "profile/offers"));
        Assert.Equal(
            (tenant.Conversation, tenant.Agent.Id, true),
            (offer.GetProperty("conversation_id").GetGuid(), offer.GetProperty("from_id").GetGuid(), offer.GetProperty("consultation").GetBoolean()));
        Assert.Empty(await DataAsync(tenant.Agent, "profile/offers"));

        // Accepted it stands no more, although the agent's place is reserved.
        (await colleague.Api.SendAsync(HttpMethod.Post, $"{conversation}/offer/accept")).Ok();
        Assert.Empty(await DataAsync(colleague, "profile/offers"));

        Task<JsonElement[]> DataAsync(Person person, string path) => ReadAsync(person, $"{tenant.Path}/{path}");
    }

    [Fact]
    public async Task Whispers_are_read_by_the_two_they_are_between()
    {
        var tenant = await Tenant.MakeAsync(server);
        var colleague = await tenant.AddAgentAsync();
        var conversation = $"{tenant.Path}/conversations/{tenant.Conversation}";
        await tenant.Agent.Api.PostAsync($"{conversation}/participants", new { agent_id = colleague.Id });
        (await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{conversation}/supervision/monitor")).Ok();
        (await tenant.Master.Api.SendAsync(HttpMethod.Post, $"{conversation}/supervision/whisper", new { content = "Refund it" })).Ok();
        foreach (var person in new[] { tenant.Agent, tenant.Master })
        {
            var whisper = Assert.Single(await ReadAsync(person, $"{conversation}/supervision/whispers"));
            Assert.Equal(
                ("Refund it", tenant.Master.Id, tenant.Agent.Id),
                (whisper.GetProperty("content").GetString(), whisper.GetProperty("from_id").GetGuid(), whisper.GetProperty("to_id").GetGuid()));
        }

        Assert.Empty(await ReadAsync(colleague, $"{conversation}/supervision/whispers"));
        (await tenant.Customer.Api.GetAsync($"{conversation}/supervision/whispers")).Refused(HttpStatusCode.Forbidden, "forbidden");
    }

    [Fact]
    [Trait("Catalogue", "RCC-33")]
    public async Task The_counts_are_those_that_a_desk_shows()
    {
        var tenant = await Tenant.MakeAsync(server);
        (await tenant.Agent.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/profile/availability", new { availability = "busy" })).Ok();
        for (var made = 0; made < 2; made++) await (await tenant.BeginAsync()).Api.PostAsync($"{tenant.Path}/conversations", new { });

        var counts = (await tenant.Agent.Api.GetAsync($"{tenant.Path}/conversations/meta")).Ok().Json;
        Assert.Equal((1, 1, 2), (Number(counts, "mine_count"), Number(counts, "unread_count"), Number(counts, "unassigned_count")));
        var queue = Assert.Single(counts.GetProperty("queues").EnumerateArray());
        Assert.Equal((tenant.Id, 2), (queue.GetProperty("queue_id").GetGuid(), Number(queue, "waiting_count")));
        Assert.Contains(counts.GetProperty("agents").EnumerateArray(), agents => agents.GetProperty("availability").GetString() == "busy" && Number(agents, "count") == 1);

        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations/{tenant.Conversation}/update_last_seen", new { seq = 1 })).Ok();
        Assert.Equal(0, Number((await tenant.Agent.Api.GetAsync($"{tenant.Path}/conversations/meta")).Ok().Json, "unread_count"));
    }

    [Fact]
    public async Task Who_types_by_REST_shows_where_who_types_on_a_device_does()
    {
        var tenant = await Tenant.MakeAsync(server);
        var typing = $"{tenant.Path}/conversations/{tenant.Conversation}/toggle_typing_status";
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await using var widget = await HubSocket.SynchronizeAsync(server.Address, tenant.Customer.Credential);

        // A private message's typing, and that of who does not take part, is not for the customer.
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, typing, new { typing_status = "on", @private = true })).Ok();
        (await tenant.Master.Api.SendAsync(HttpMethod.Post, typing, new { typing_status = "on" })).Ok();
        await TypesAsync(desk, tenant.Master.Id);
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, typing, new { typing_status = "on" })).Ok();
        await TypesAsync(widget, tenant.Agent.Id);
        Assert.DoesNotContain(tenant.Master.Id.ToString(), widget.Wire, StringComparison.Ordinal);

        (await tenant.Customer.Api.SendAsync(HttpMethod.Post, typing, new { typing_status = "on" })).Ok();
        await TypesAsync(desk, tenant.Customer.Id);
        (await tenant.Customer.Api.SendAsync(HttpMethod.Post, typing, new { typing_status = "on", @private = true })).Refused(HttpStatusCode.Forbidden, "forbidden");
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/conversations/{tenant.Conversation}/toggle_status", new { status = "resolved" })).Ok();
        (await tenant.Agent.Api.SendAsync(HttpMethod.Post, typing, new { typing_status = "on" })).Refused(HttpStatusCode.Conflict, "closed");
    }

    static async Task TypesAsync(HubSocket hub, Guid person)
    {
        while (!(await hub.NextPushAsync()).TryGetProperty("ephemeral", out var facts)
            || !facts.EnumerateArray().Any(fact => fact.GetProperty("kind").GetString() == "typing" && fact.GetProperty("personId").GetGuid() == person))
        {
        }
    }

    static int Number(JsonElement of, string name) => of.GetProperty(name).GetInt32();

    static async Task<JsonElement[]> ReadAsync(Person person, string path) => [.. (await person.Api.GetAsync(path)).Ok().Json.GetProperty("data").EnumerateArray()];
}
