using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using Rcc.Contracts.Devices;
using Rcc.Server.Devices;

namespace Rcc.Server.Tests;

/// <summary>Every hub method, tried by everybody and with everything that is wrong. The list of methods is the hub's own, so that a new one cannot be forgotten.</summary>
[Trait("Catalogue", "INV-24")]
public sealed class HubTests(RunningServer server)
{
    const string Huge = "huge";

    /// <summary>Who may call a method, and arguments that are right for a tenant.</summary>
    static readonly Dictionary<string, (Who May, Func<Tenant, object> Arguments, bool NamesObject)> Methods = new(StringComparer.Ordinal)
    {
        ["Synchronize"] = (Who.Person, _ => new { }, false),
        ["Confirm"] = (Who.Person, t => new { held = new[] { new { conversationId = t.Conversation, seq = 1 } } }, false),
        ["OpenConversation"] = (Who.Customer, _ => new { number = Number(), conversationId = Guid.CreateVersion7() }, false),
        ["PostMessage"] = (Who.Person, t => new { number = Number(), conversationId = t.Conversation, content = "Hello" }, true),
        ["ResolveConversation"] = (Who.Master | Who.Agent, t => new { number = Number(), conversationId = t.Conversation }, true),
        ["ReopenConversation"] = (Who.Master | Who.Agent, t => new { number = Number(), conversationId = t.Conversation }, true),
        ["AssignConversation"] = (Who.Master | Who.Agent, t => new { number = Number(), conversationId = t.Conversation, agentId = t.Agent.Id }, true),
        ["ControlConversation"] = (Who.Master | Who.Agent, t => new { number = Number(), conversationId = t.Conversation, operation = "acceptOffer" }, true),
        ["ControlConversations"] = (Who.Master | Who.Agent, t => new { number = Number(), conversationIds = new[] { t.Conversation }, step = new { operation = "unsnooze" } }, false),
        ["MarkRead"] = (Who.Agent | Who.Customer, t => new { number = Number(), conversationId = t.Conversation, seq = 1 }, true),
        ["SetDraft"] = (Who.Master | Who.Agent, t => new { number = Number(), conversationId = t.Conversation, text = "Dear" }, true),
        ["SetOpenConversation"] = (Who.Master | Who.Agent, t => new { number = Number(), conversationId = t.Conversation }, true),
        ["SetAvailability"] = (Who.Master | Who.Agent, _ => new { number = Number(), availability = "busy" }, false),
        ["SetContext"] = (Who.Master | Who.Agent, t => new { number = Number(), agentId = t.Agent.Id, name = "test:mood", value = "glad" }, true),
        ["ClearContext"] = (Who.Master | Who.Agent, t => new { number = Number(), contactId = t.Customer.Id, name = "test:mood" }, true),
        ["SetActivity"] = (Who.Master | Who.Agent, _ => new { active = false }, false),
        ["SetTyping"] = (Who.Agent | Who.Customer, t => new { conversationId = t.Conversation, active = true }, true),
        ["LoadQueuePosition"] = (Who.Person, t => new { conversationId = t.Conversation }, true),
        ["LoadMessages"] = (Who.Person, t => new { conversationId = t.Conversation }, true),
        ["Request"] = (Who.Person, _ => new { method = "GET", path = "/conversations?limit=1" }, false),
    };

    /// <summary>Nothing is offered or waits in a tenant that was just made: told apart from who may not by the code.</summary>
    static readonly string[] Uncontrolled = ["conflict"];

    static long number;

    public static TheoryData<string> All => [.. Methods.Keys];

    public static TheoryData<string> NamingObjects => [.. Methods.Where(m => m.Value.NamesObject).Select(m => m.Key)];

    public static TheoryData<string> ButSynchronize => [.. Methods.Keys.Where(m => m != "Synchronize")];

    [Fact]
    public void Every_hub_method_has_its_entry_and_is_in_the_contract()
    {
        var ofHub = typeof(DeviceHub).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(m => m.GetBaseDefinition().DeclaringType != typeof(Hub)).Select(m => m.Name).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(ofHub, Methods.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(ofHub, typeof(IDeviceHub).GetMethods().Select(m => m.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Who_is_no_person_of_a_tenant_cannot_connect()
    {
        var tenant = await Tenants.FirstAsync(server);
        Assert.Equal(401, await HubSocket.RefusedWithAsync(server.Address));
        Assert.Equal(401, await HubSocket.RefusedWithAsync(server.Address, "garbage"));
        Assert.Equal(401, await HubSocket.RefusedWithAsync(server.Address, "rccd_" + new string('A', 43)));
        Assert.Equal(403, await HubSocket.RefusedWithAsync(server.Address, tenant.Application.Credential));
        Assert.Equal(403, await HubSocket.RefusedWithAsync(server.Address, server.Operator));
    }

    [Fact]
    public async Task A_credential_in_the_address_is_refused_where_a_ticket_is_taken()
    {
        var tenant = await Tenants.FirstAsync(server);
        Assert.Equal(401, await HubSocket.RefusedWithAsync(server.Address, ticket: tenant.Agent.Credential));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Each_role_may_call_what_is_for_it_and_nothing_else(string method)
    {
        var tenant = await Tenant.MakeAsync(server);
        var (may, arguments, _) = Methods[method];
        foreach (var (who, person) in new[] { (Who.Master, tenant.Master), (Who.Agent, tenant.Agent), (Who.Customer, tenant.Customer) })
        {
            await using var hub = await ReadLiveAsync(person);
            var code = CodeOf(await hub.CallAsync(method, arguments(tenant)));
            if (may.HasFlag(who)) Assert.Contains(code, method is "ControlConversation" or "LoadQueuePosition" ? Uncontrolled : ["ok"]);
            else Assert.True(code is "forbidden" or "notFound", $"{who}: {code}");
        }
    }

    [Theory]
    [MemberData(nameof(NamingObjects))]
    public async Task Another_tenants_objects_are_answered_like_unknown_ones(string method)
    {
        var (tenant, other) = (await Tenants.FirstAsync(server), await Tenants.SecondAsync(server));
        var (may, arguments, _) = Methods[method];
        foreach (var (who, person) in new[] { (Who.Master, other.Master), (Who.Agent, other.Agent), (Who.Customer, other.Customer) })
        {
            if (!may.HasFlag(who)) continue;
            await using var hub = await ReadLiveAsync(person);
            var foreign = await hub.CallAsync(method, arguments(tenant));
            var unknown = await hub.CallAsync(method, Unknown(arguments(tenant)));
            Assert.True(CodeOf(foreign) is "notFound" or "forbidden", $"{who}: {foreign}");
            Assert.Equal(unknown.GetRawText(), foreign.GetRawText());
        }
    }

    [Theory]
    [MemberData(nameof(ButSynchronize))]
    public async Task Before_Synchronize_was_answered_every_call_is_refused(string method)
    {
        var tenant = await Tenants.FirstAsync(server);
        await using var hub = await HubSocket.ConnectAsync(server.Address, tenant.Agent.Credential);
        Assert.Equal("conflict", CodeOf(await hub.CallAsync(method, Methods[method].Arguments(tenant))));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Arguments_of_the_wrong_form_are_refused_and_the_connection_lives_on(string method)
    {
        var tenant = await Tenants.FirstAsync(server);
        await using var hub = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        Assert.Equal("malformed", CodeOf(await hub.CallRawAsync(method, "[null]")));
        foreach (var arguments in new[] { "[]", "[1]", "[\"text\"]", "[[]]", "[{\"number\":\"one\",\"held\":3,\"token\":1,\"conversationId\":\"no uuid\"}]", "[{},{}]", """[{"conversationId":"\ud800"}]""" })
        {
            var answer = await hub.CallRawAsync(method, arguments);
            Assert.True(answer.ValueKind == JsonValueKind.String || CodeOf(answer) is not "ok" || method is "Synchronize" or "Confirm", $"{arguments}: {answer}");
        }

        Assert.Equal("ok", CodeOf(await hub.CallAsync("Synchronize", new { })));
    }

    [Theory]
    [InlineData("Confirm", """{"held":[{"conversationId":"01890000-0000-7000-8000-000000000000","seq":0}]}""", "malformed")]
    [InlineData("Confirm", """{"held":null}""", "malformed")]
    [InlineData("PostMessage", """{"number":0,"conversationId":"C","content":"x"}""", "malformed")]
    [InlineData("PostMessage", """{"number":9007199254740992,"conversationId":"C","content":"x"}""", "malformed")]
    [InlineData("PostMessage", """{"number":1,"conversationId":"C","content":""}""", "malformed")]
    [InlineData("PostMessage", """{"number":1,"conversationId":"C","content":"x","lane":"secret"}""", null)]
    [InlineData("PostMessage", """{"number":1,"conversationId":"C","content":"x","lane":7}""", "malformed")]
    [InlineData("PostMessage", """{"number":1,"conversationId":"C","content":"x","contentType":"text/html"}""", "malformed")]
    [InlineData("PostMessage", """{"number":1,"conversationId":"C","content":"x","messageId":"00000000-0000-0000-0000-000000000000"}""", "malformed")]
    [InlineData("PostMessage", """{"number":1,"conversationId":"C","content":"huge"}""", "tooLarge")]
    [InlineData("SetDraft", """{"number":1,"conversationId":"C","text":"huge"}""", "tooLarge")]
    [InlineData("MarkRead", """{"number":1,"conversationId":"C","seq":0}""", "malformed")]
    [InlineData("LoadMessages", """{"conversationId":"C","limit":0}""", "malformed")]
    [InlineData("LoadMessages", """{"conversationId":"C","limit":1000000}""", "tooLarge")]
    [InlineData("LoadMessages", """{"conversationId":"C","before":0}""", "malformed")]
    [InlineData("SetAvailability", """{"number":1,"availability":9}""", "malformed")]
    [InlineData("SetContext", """{"number":1,"name":"a:b","value":1}""", "malformed")]
    [InlineData("SetContext", """{"number":1,"agentId":"C","contactId":"C","name":"a:b","value":1}""", "malformed")]
    [InlineData("SetContext", """{"number":1,"agentId":"C","name":"ab","value":1}""", "malformed")]
    [InlineData("SetContext", """{"number":1,"agentId":"C","name":"a:b","value":1,"source":"database"}""", "malformed")]
    [InlineData("SetContext", """{"number":1,"agentId":"C","name":"a:b","value":1,"source":7}""", "malformed")]
    [InlineData("SetContext", """{"number":1,"agentId":"C","name":"a:b","value":1,"lifetimeSeconds":0}""", "malformed")]
    [InlineData("SetContext", """{"number":1,"agentId":"C","name":"a:b","value":1,"conversationId":"C"}""", "malformed")]
    [InlineData("SetContext", """{"number":1,"agentId":"C","name":"a:b","value":"huge"}""", "tooLarge")]
    [InlineData("SetContext", """{"number":1,"agentId":"C","name":"a:b"}""", null)]
    [InlineData("ClearContext", """{"number":1,"agentId":"C","name":""}""", "malformed")]
    [InlineData("ControlConversations", """{"number":1,"conversationIds":[],"step":{"operation":"unsnooze"}}""", "malformed")]
    [InlineData("ControlConversations", """{"number":1,"conversationIds":null,"step":{"operation":"unsnooze"}}""", "malformed")]
    [InlineData("ControlConversations", """{"number":1,"conversationIds":["C","C"],"step":{"operation":"unsnooze"}}""", "malformed")]
    [InlineData("ControlConversations", """{"number":1,"conversationIds":["C"]}""", "malformed")]
    [InlineData("ControlConversations", """{"number":0,"conversationIds":["C"],"step":{"operation":"unsnooze"}}""", "malformed")]
    [InlineData("ControlConversations", """{"number":9007199254740991,"conversationIds":["C"],"step":{"operation":"unsnooze"}}""", "malformed")]
    [InlineData("ControlConversations", """{"number":1,"conversationIds":["C"],"step":{"operation":"post","text":"x"}}""", "unknownOperation")]
    [InlineData("Request", """{"method":"GET","path":"conversations"}""", "malformed")]
    [InlineData("Request", """{"method":"get","path":"/conversations"}""", "malformed")]
    [InlineData("Request", """{"method":"OPTIONS","path":"/conversations"}""", "malformed")]
    [InlineData("Request", """{"method":"POST","path":"/conversations/C/messages","body":{"content":7}}""", "malformed")]
    [InlineData("Request", """{"method":"POST","path":"/conversations/C/messages","body":{"content":"x"},"idempotencyKey":"a b"}""", "malformed")]
    [InlineData("Request", """{"method":"POST","path":"/conversations/C/messages","body":{"content":"huge"}}""", "tooLarge")]
    [InlineData("Synchronize", """{"pageItems":0}""", "tooLarge")]
    [InlineData("Synchronize", """{"filter":{"statuses":[9]}}""", "malformed")]
    public async Task Bad_input_names_the_rule(string method, string body, string? code)
    {
        var tenant = await Tenants.FirstAsync(server);
        await using var hub = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        var before = await hub.CallAsync("LoadMessages", new { conversationId = tenant.Conversation });
        var arguments = $"[{body.Replace("\"C\"", $"\"{tenant.Conversation}\"", StringComparison.Ordinal).Replace("/C/", $"/{tenant.Conversation}/", StringComparison.Ordinal).Replace($"\"{Huge}\"", $"\"{new string('x', 40_000)}\"", StringComparison.Ordinal)}]";
        var answer = await hub.CallRawAsync(method, arguments);
        if (code is null)
        {
            Assert.StartsWith("error: ", answer.GetString(), StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(code, CodeOf(answer));
            Assert.NotEmpty(OutcomeOf(answer).GetProperty("detail").GetString()!);
        }

        var after = await hub.CallAsync("LoadMessages", new { conversationId = tenant.Conversation });
        Assert.Equal(before.GetProperty("lastSeq").GetInt64(), after.GetProperty("lastSeq").GetInt64());
    }

    [Fact]
    public async Task A_method_that_does_not_exist_is_an_error_and_the_connection_lives_on()
    {
        var tenant = await Tenants.FirstAsync(server);
        await using var hub = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        Assert.StartsWith("error: ", (await hub.CallAsync("DeleteEverything", new { })).GetString(), StringComparison.Ordinal);
        Assert.StartsWith("error: ", (await hub.CallAsync("OnConnectedAsync")).GetString(), StringComparison.Ordinal);
        Assert.Equal("ok", CodeOf(await hub.CallAsync("Synchronize", new { })));
    }

    [Theory]
    [InlineData("this is no JSON")]
    [InlineData("{\"type\":1")]
    [InlineData("{\"type\":\"one\"}")]
    public async Task What_is_no_message_ends_the_connection_and_nothing_else(string message)
    {
        var tenant = await Tenants.FirstAsync(server);
        await using var other = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await using var hub = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await hub.SendAsync(message);
        await hub.Closed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal("ok", CodeOf(await other.CallAsync("Synchronize", new { })));
    }

    [Fact]
    public async Task A_message_over_the_limit_ends_the_connection()
    {
        var tenant = await Tenants.FirstAsync(server);
        await using var hub = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await hub.SendAsync($"{{\"type\":1,\"target\":\"Confirm\",\"arguments\":[{{\"token\":\"{new string('x', 300_000)}\"}}]}}");
        await hub.Closed.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    [Trait("Catalogue", "SYNC-11")]
    public async Task The_answer_to_Synchronize_precedes_the_first_change()
    {
        var tenant = await Tenants.FirstAsync(server);
        for (var again = 0; again < 20; again++)
        {
            await using var hub = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
            await hub.NextPushAsync();
            Assert.Equal(["answer", "push"], hub.Order.Take(2));
        }
    }

    /// <summary>What somebody may call on a synchronised connection, with arguments that are right for the tenant.</summary>
    internal static IEnumerable<(string Name, object Argument)> MethodsOf(Tenant tenant, Who who) =>
        Methods.Where(m => m.Key != "Synchronize" && m.Value.May.HasFlag(who)).Select(m => (m.Key, m.Value.Arguments(tenant)));

    static long Number() => (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1024) + Interlocked.Increment(ref number);

    internal static JsonElement OutcomeOf(JsonElement answer) => answer.TryGetProperty("outcome", out var outcome) ? outcome : answer;

    internal static string? CodeOf(JsonElement answer) => answer.ValueKind == JsonValueKind.Object ? OutcomeOf(answer).GetProperty("code").GetString() : answer.ToString();

    /// <summary>Synchronised up to now: typing is for who reads a conversation live, and that begins after the last page.</summary>
    Task<HubSocket> ReadLiveAsync(Person person) => ReadLiveAsync(server, person);

    internal static async Task<HubSocket> ReadLiveAsync(RunningServer server, Person person)
    {
        var hub = await HubSocket.SynchronizeAsync(server.Address, person.Credential);
        while ((await hub.NextPushAsync()).TryGetProperty("more", out var more) && more.GetBoolean())
        {
        }

        return hub;
    }

    static JsonElement Unknown(object arguments)
    {
        var members = JsonSerializer.SerializeToNode(arguments)!.AsObject();
        foreach (var named in new[] { "conversationId", "agentId", "contactId" }.Where(members.ContainsKey)) members[named] = Guid.CreateVersion7().ToString();
        if (members.ContainsKey("number")) members["number"] = Number();
        return JsonSerializer.SerializeToElement(members);
    }
}
