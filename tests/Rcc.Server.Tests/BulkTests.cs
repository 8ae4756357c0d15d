using System.Text.Json;

namespace Rcc.Server.Tests;

/// <summary>Acts on many conversations, from a device: each is decided by itself, and repeated it changes nothing.</summary>
public sealed class BulkTests(RunningServer server)
{
    [Fact]
    public async Task A_device_acts_on_many_and_a_repetition_is_answered_as_the_first_time()
    {
        var tenant = await Tenant.MakeAsync(server);
        var other = (await tenant.Customer.Api.PostAsync($"{tenant.Path}/conversations", new { })).Id();
        (await tenant.Master.Api.PostAsync($"{tenant.Path}/conversations/{other}/assignments", new { assignee_id = tenant.Agent.Id })).Ok();
        var unknown = Guid.CreateVersion7();
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await using var phone = await HubSocket.SynchronizeAsync(server.Address, (await tenant.SignInAgentAsync()).Credential);
        var number = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1024;
        var command = new { number, conversationIds = new[] { tenant.Conversation, unknown, other }, step = new { operation = "snooze", snoozeMinutes = 30 } };

        var done = await desk.CallAsync("ControlConversations", command);
        Assert.Equal("ok", HubTests.CodeOf(done));
        Assert.Equal(
            [(tenant.Conversation, "ok"), (unknown, "notFound"), (other, "ok")],
            done.GetProperty("results").EnumerateArray().Select(one => (one.GetProperty("conversationId").GetGuid(), HubTests.CodeOf(one)!)));
        var shown = new HashSet<string?>();
        while (shown.Count < 2)
        {
            shown.UnionWith((await phone.NextPushAsync()).GetProperty("items").EnumerateArray()
                .Where(item => item.GetProperty("kind").GetString() == "handling" && item.GetProperty("state").TryGetProperty("snooze", out _)).Select(item => item.GetProperty("id").GetString()));
        }

        Assert.Equal([$"{tenant.Conversation}/{tenant.Conversation}", $"{other}/{other}"], shown.Order(StringComparer.Ordinal));

        // Later the same minutes would be another time: the first answer counts all the same.
        (await tenant.Agent.Api.PostAsync($"{tenant.Path}/conversations/{other}/unsnooze", new { })).Ok();
        var again = await desk.CallAsync("ControlConversations", command);
        Assert.Equal(Told(done), Told(again));
        Assert.False((await tenant.Agent.Api.GetAsync($"{tenant.Path}/conversations/{other}/handling")).Ok().Json.GetProperty("snooze") is { ValueKind: JsonValueKind.Object });

        // One number for each: the next free one is after the last of them.
        Assert.Equal("numberReused", HubTests.CodeOf(await desk.CallAsync("ControlConversation", new { number = number + 2, conversationId = other, operation = "unsnooze" })));
        Assert.Equal("ok", HubTests.CodeOf(await desk.CallAsync("ControlConversation", new { number = number + 3, conversationId = other, operation = "unsnooze" })));
    }

    /// <summary>What was carried out is answered member by member as the first time; of what was refused, why.</summary>
    static IEnumerable<string> Told(JsonElement answer) => answer.GetProperty("results").EnumerateArray().Select(one =>
        HubTests.CodeOf(one) == "ok" ? one.GetRawText() : $"{one.GetProperty("conversationId")} {HubTests.CodeOf(one)} {one.GetProperty("outcome").GetProperty("detail")}");

    [Fact]
    public async Task A_repeated_request_with_a_key_is_answered_as_the_first_time_also_when_it_depends_on_the_time()
    {
        var tenant = await Tenant.MakeAsync(server);
        var body = new { conversation_ids = new[] { tenant.Conversation }, action = new { operation = "snooze", snooze_minutes = 30 } };
        var first = (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/bulk_actions", body, ("Idempotency-Key", "many"))).Ok();
        var again = (await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{tenant.Path}/bulk_actions", body, ("Idempotency-Key", "many"))).Ok();
        Assert.Equal("ok", first.Json.GetProperty("data")[0].GetProperty("code").GetString());
        Assert.Equal(first.Body, again.Body);
    }

    [Fact]
    public async Task Who_may_not_act_on_many_is_refused_before_anything_is_tried()
    {
        var tenant = await Tenant.MakeAsync(server);
        (await tenant.Master.Api.SendAsync(HttpMethod.Patch, $"{tenant.Path}/agents/{tenant.Agent.Id}", new { controls = new[] { "snooze" } })).Ok();
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        var refused = await desk.CallAsync("ControlConversations", new { number = 1, conversationIds = new[] { tenant.Conversation }, step = new { operation = "snooze" } });
        Assert.Equal("forbidden", HubTests.CodeOf(refused));
        Assert.Empty(refused.GetProperty("results").EnumerateArray());
    }
}
