using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Rcc.Server.Tests;

/// <summary>Customers' profiles, read from Shared Profile XDMSes that are right, slow, hostile and broken.</summary>
[Trait("Catalogue", "RCC-49")]
[Trait("Catalogue", "REF-4.4")]
public sealed class ProfileLookupTests(ContextLookupTests.PermissiveServer permissive) : IClassFixture<ContextLookupTests.PermissiveServer>
{
    const string Ada = "sip:ada@example.com";

    readonly RunningServer server = permissive.Running;

    [Fact]
    [Trait("Catalogue", "RCC-51")]
    [Trait("Catalogue", "RCC-52")]
    public async Task The_profile_is_on_all_devices_of_the_agent_when_a_conversation_is_opened()
    {
        await using var xdms = await Xdms.StartAsync();
        xdms.Documents["sip:j%C3%B6rg%2Fada@example.com"] = Xdms.Profile(
            "sip:jörg/ada@example.com",
            """<up:display-name>Jörg &amp; Ada</up:display-name><up:name><up:given-name>Jörg</up:given-name></up:name><e:tier xmlns:e="urn:example:crm" since="2019">gold</e:tier>""");
        var tenant = await MakeAsync(xdms);
        var customer = await tenant.BeginAsync("customer-1");
        await AddAsync(tenant, customer.Id, "tel", "+4930123456");
        await AddAsync(tenant, customer.Id, "sip", "nobody@example.com");
        await AddAsync(tenant, customer.Id, "sip", "jörg/ada@example.com");
        xdms.Asked.Clear();
        var conversation = (await customer.Api.PostAsync($"{tenant.Path}/conversations", new { })).Id();
        await tenant.Master.Api.PostAsync($"{tenant.Path}/conversations/{conversation}/assignments", new { assignee_id = tenant.Agent.Id });
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        var item = await desk.NextItemAsync(one => one.IsContact(customer.Id) && Context(one).Count == 4);
        Assert.Equal(
            [("profile:@uri", "\"sip:jörg/ada@example.com\""), ("profile:display-name", "\"Jörg & Ada\""), ("profile:name", """{"given-name":"Jörg"}"""), ("profile:{urn:example:crm}tier", """{"@since":"2019","#text":"gold"}""")],
            Context(item).Values.Select(value => (value.GetProperty("name").GetString()!, Plain(value.GetProperty("value")))).Order());
        Assert.All(Context(item).Values, value =>
        {
            Assert.Equal("database", value.GetProperty("source").GetString());
            Assert.InRange(value.GetProperty("setAt").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(5));
            Assert.False(value.TryGetProperty("staleSince", out _) || value.TryGetProperty("setBy", out _));
        });

        var phone = await tenant.SignInAgentAsync();
        await using var late = await HubSocket.SynchronizeAsync(server.Address, phone.Credential);
        Assert.Equal(item.GetRawText(), (await late.NextItemAsync(one => one.IsContact(customer.Id))).GetRawText());

        // In the users' homes, SIP addresses first, and no further than the first document.
        Assert.Equal(
            [
                ("/services/org.openmobilealliance.user-profile/users/sip:nobody@example.com/user-profile", 404),
                ("/services/org.openmobilealliance.user-profile/users/sip:j%C3%B6rg%2Fada@example.com/user-profile", 200),
            ],
            xdms.Asked.Select(asked => (asked.Target, asked.Status)).Take(2));
        Assert.DoesNotContain(xdms.Asked, asked => asked.Target.Contains("tel:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_document_that_has_not_changed_is_confirmed_one_that_has_is_read_and_one_that_is_gone_takes_all_with_it()
    {
        await using var xdms = await Xdms.StartAsync();
        var (tenant, contact) = await KnownAsync(xdms, database: null);
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        var known = Context(await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && Context(item).ContainsKey("profile:display-name")))["profile:display-name"];
        xdms.Fail(500);
        await LookUpAsync(tenant, contact);
        await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && IsStale(item, "profile:display-name"));

        // It was not touched since, so neither is its time.
        xdms.Instead = null;
        xdms.Asked.Clear();
        await LookUpAsync(tenant, contact);
        var fresh = await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && !IsStale(item, "profile:display-name"));
        Assert.Equal(known.GetRawText(), Context(fresh)["profile:display-name"].GetRawText());
        Assert.Equal(304, Assert.Single(xdms.Asked).Status);

        // What somebody took away comes back with the next answer, as from any source.
        (await tenant.Agent.Api.SendAsync(HttpMethod.Delete, $"{contact}/context?name=profile:display-name")).Ok();
        await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && !Context(item).ContainsKey("profile:display-name"));
        await LookUpAsync(tenant, contact);
        await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && Context(item).ContainsKey("profile:display-name"));
        Assert.Equal(200, xdms.Asked.Last().Status);

        xdms.Documents["sip:ada@example.com"] = Xdms.Profile(Ada, "<up:gender>female</up:gender>");
        await LookUpAsync(tenant, contact);
        await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && Context(item).ContainsKey("profile:gender") && !Context(item).ContainsKey("profile:display-name"));

        // The telephone's document is another one, and the last.
        xdms.Documents.Clear();
        xdms.Documents["tel:+4930123456"] = Xdms.Profile("tel:+4930123456", "<up:freetext>Calls</up:freetext>");
        await LookUpAsync(tenant, contact);
        await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && Context(item).ContainsKey("profile:freetext") && !Context(item).ContainsKey("profile:gender"));
        xdms.Documents.Clear();
        await LookUpAsync(tenant, contact);
        await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && Context(item).Count == 0);
    }

    [Fact]
    public async Task Nothing_is_gone_while_it_is_not_known_of_every_address_and_no_more_are_asked_than_may_be()
    {
        await using var xdms = await Xdms.StartAsync();
        var (tenant, contact) = await KnownAsync(xdms, database: null);
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        xdms.Instead = context =>
        {
            context.Response.StatusCode = context.Request.Path.Value!.Contains("tel:", StringComparison.Ordinal) ? 500 : 404;
            return Task.CompletedTask;
        };
        await LookUpAsync(tenant, contact);
        await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && IsStale(item, "profile:display-name"));

        for (var i = 0; i < 5; i++) await AddAsync(tenant, tenant.Customer.Id, "sip", $"ada-{i}@example.com");
        xdms.Asked.Clear();
        await LookUpAsync(tenant, contact);
        await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && Context(item).Count == 0);
        Assert.Equal(
            ["sip:ada@example.com", "sip:ada-0@example.com", "sip:ada-1@example.com", "sip:ada-2@example.com", "sip:ada-3@example.com"],
            xdms.Asked.Select(asked => asked.Target.Split('/')[^2]));
    }

    [Theory]
    [InlineData("500", 500)]
    [InlineData("401", 401)]
    [InlineData("403", 403)]
    [InlineData("304 to who did not ask", 304, "other")]
    [InlineData("redirect", 302)]
    [InlineData("broken", 0)]
    [InlineData("silent", 0)]
    [InlineData("half", 0)]
    [InlineData("large", 0)]
    [InlineData("endless", 0)]
    [InlineData("another type", 200, Right, "application/xml")]
    [InlineData("no type", 200, Right, null)]
    [InlineData("no XML", 200, "{}")]
    [InlineData("another document", 200, "<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"/>")]
    [InlineData("another namespace", 200, "<user-profiles><user-profile><display-name>Eve</display-name></user-profile></user-profiles>")]
    [InlineData("external DTD", 200, "<!DOCTYPE user-profiles SYSTEM \"http://xcap.example/x.dtd\">" + Right)]
    [InlineData("entities", 200, "<!DOCTYPE x [<!ENTITY a \"0123456789\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]><user-profiles xmlns=\"urn:oma:xml:xdm:user-profile\"><user-profile><freetext>&c;&c;&c;</freetext></user-profile></user-profiles>")]
    [InlineData("deep", 200, "deep")]
    [InlineData("long value", 200, "long")]
    [InlineData("many values", 200, "many")]
    public async Task An_XDMS_that_answers_wrongly_takes_nothing_away_marks_its_own_as_stale_and_nobody_elses(string how, int status, string body = "", string? type = "application/vnd.oma.user-profile+xml")
    {
        await using var xdms = await Xdms.StartAsync();
        await using var database = await CustomerDatabase.StartAsync();
        var (tenant, contact) = await KnownAsync(xdms, database);
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        xdms.Asked.Clear();
        xdms.Instead = how switch
        {
            "redirect" => context =>
            {
                context.Response.Redirect("/services/elsewhere");
                return Task.CompletedTask;
            },
            "broken" => context =>
            {
                context.Abort();
                return Task.CompletedTask;
            },
            "silent" => context => Task.Delay(Timeout.Infinite, context.RequestAborted),
            "half" => async context =>
            {
                context.Response.ContentType = type;
                await context.Response.WriteAsync("<user-profiles ");
                await context.Response.Body.FlushAsync();
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            },
            "large" => context =>
            {
                (context.Response.ContentType, context.Response.ContentLength) = (type, 10_000_000);
                return context.Response.WriteAsync("<");
            },
            "endless" => async context =>
            {
                context.Response.ContentType = type;
                while (!context.RequestAborted.IsCancellationRequested) await context.Response.WriteAsync(new string(' ', 4_096));
            },
            _ => context =>
            {
                context.Response.StatusCode = status;
                if (status != 200) return Task.CompletedTask;
                context.Response.ContentType = type;
                return context.Response.WriteAsync(body switch
                {
                    "deep" => string.Concat(Enumerable.Repeat("<a>", 30_000)),
                    "long" => Document($"<freetext>{new string('x', 5_000)}</freetext>"),
                    "many" => Document(string.Concat(Enumerable.Range(0, 200).Select(i => $"<e{i}/>"))),
                    _ => body,
                });
            },
        };
        if (how.StartsWith("304", StringComparison.Ordinal))
        {
            (await SetAsync(tenant, new { xcap_root = $"{xdms.Root}/{body}" })).Ok();
        }

        database.Say("""{"context":[{"name":"crm:tier","value":"silver"}]}""");
        await LookUpAsync(tenant, contact);
        var stale = await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && IsStale(item, "profile:display-name") && Context(item)["crm:tier"].GetProperty("value").GetString() == "silver");
        Assert.Equal("Ada", Context(stale)["profile:display-name"].GetProperty("value").GetString());
        Assert.False(IsStale(stale, "crm:tier"));
        Assert.DoesNotContain(xdms.Asked, asked => asked.Target.EndsWith("elsewhere", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Catalogue", "RCC-46")]
    public async Task A_tenants_own_server_that_fails_takes_nothing_of_the_profile()
    {
        await using var xdms = await Xdms.StartAsync();
        await using var database = await CustomerDatabase.StartAsync();
        var (tenant, contact) = await KnownAsync(xdms, database);
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        database.Say("no", 500);
        xdms.Documents["sip:ada@example.com"] = Xdms.Profile(Ada, "<up:display-name>Ada Lovelace</up:display-name>");
        await LookUpAsync(tenant, contact);
        var stale = await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && IsStale(item, "crm:tier") && Context(item)["profile:display-name"].GetProperty("value").GetString() == "Ada Lovelace");
        Assert.False(IsStale(stale, "profile:display-name"));

        database.Say("", 204);
        await LookUpAsync(tenant, contact);
        Assert.Contains("profile:display-name", Context(await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && !Context(item).ContainsKey("crm:tier"))).Keys);

        // Where profiles are looked up no more, what was found stays, and the other goes on.
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Delete, $"{tenant.Path}/profile_lookup")).Ok();
        xdms.Asked.Clear();
        database.Say("""{"context":[{"name":"crm:tier","value":"iron"}]}""");
        await LookUpAsync(tenant, contact);
        Assert.Contains("profile:display-name", Context(await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && Context(item).ContainsKey("crm:tier"))).Keys);
        Assert.Empty(xdms.Asked);
    }

    [Fact]
    public async Task A_silent_XDMS_keeps_neither_messages_nor_the_tenants_own_server_waiting()
    {
        await using var xdms = await Xdms.StartAsync();
        await using var database = await CustomerDatabase.StartAsync();
        var (tenant, contact) = await KnownAsync(xdms, database);
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        var (asked, answered) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        xdms.Instead = async context =>
        {
            asked.TrySetResult();
            await answered.Task.WaitAsync(context.RequestAborted);
        };
        database.Say("""{"context":[{"name":"crm:tier","value":"silver"}]}""");
        await LookUpAsync(tenant, contact);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await tenant.Customer.Api.PostAsync($"{tenant.Path}/conversations/{tenant.Conversation}/messages", new { content = "meanwhile" });

        // It has come before the other can have failed: nothing is stale yet.
        var item = await desk.NextItemAsync(one => one.IsContact(tenant.Customer.Id) && Context(one)["crm:tier"].GetProperty("value").GetString() == "silver");
        Assert.False(IsStale(item, "profile:display-name"));
        await desk.NextItemAsync(one => one.IsContact(tenant.Customer.Id) && IsStale(one, "profile:display-name"));
        answered.SetResult();
    }

    [Theory]
    [InlineData("Basic", "rcc")]
    [InlineData("MD5", "sip:rcc@example.com")]
    [InlineData("SHA-256", "rcc")]
    public async Task It_proves_who_it_is_and_asks_in_the_name_it_was_given(string how, string username)
    {
        const string Password = "a \"secret\" of Jörg's";
        await using var xdms = await Xdms.StartAsync();
        xdms.Documents["sip:ada@example.com"] = Xdms.Profile(Ada, "<up:display-name>Ada</up:display-name>");
        xdms.Reader = (username, Password, how);
        var tenant = await MakeAsync(xdms);
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        (await SetAsync(tenant, new { xcap_root = $"{xdms.Root}/", username, password = Password, asserted_identity = "SIP:desk@Example.com" })).Ok();
        await AddAsync(tenant, tenant.Customer.Id, "sip", "nobody@example.com");
        await AddAsync(tenant, tenant.Customer.Id, "sip", "ada@example.com");
        var contact = $"{tenant.Path}/contacts/{tenant.Customer.Id}";
        await LookUpAsync(tenant, contact);
        await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && Context(item).ContainsKey("profile:display-name"));
        Assert.All(xdms.Asked, asked =>
        {
            Assert.Equal("\"sip:desk@example.com\"", asked.Headers["X-XCAP-Asserted-Identity"]);
            Assert.Equal("\"sip:desk@example.com\"", asked.Headers["X-3GPP-Asserted-Identity"]);
        });

        // With another password it reads nothing.
        (await SetAsync(tenant, new { xcap_root = xdms.Root, username, password = "wrong" })).Ok();
        await LookUpAsync(tenant, contact);
        await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && IsStale(item, "profile:display-name"));
        await server.Log.WaitForAsync($"Tenant {tenant.Id}: looking up context failed: NotAuthorized (Profile)");
        Assert.DoesNotContain(server.Log.All, line => line.Contains(Password, StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Catalogue", "RCC-53")]
    public async Task What_a_rule_hides_of_the_profile_is_on_no_device_of_whom_it_is_hidden_from()
    {
        await using var xdms = await Xdms.StartAsync();
        var (tenant, contact) = await KnownAsync(xdms, database: null);
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && Context(item).Count == 2);
        await HideAsync("context.profile:display-name");
        await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && Context(item).ContainsKey("profile:@uri") && !Context(item).ContainsKey("profile:display-name"));
        await HideAsync("context.profile:*");
        await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && Context(item).Count == 0);
        await LookUpAsync(tenant, contact);
        Assert.Equal(0, (await tenant.Agent.Api.GetAsync(contact)).Ok().Json.GetProperty("context").GetArrayLength());
        Assert.Equal(2, (await tenant.Master.Api.GetAsync(contact)).Ok().Json.GetProperty("context").GetArrayLength());
        await using var late = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        Assert.Empty(Context(await late.NextItemAsync(item => item.IsContact(tenant.Customer.Id))));

        async Task HideAsync(string attribute) =>
            (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/disclosure_rules", new { rules = new[] { new { attribute, handling = "hide", role = "agent" } } })).Ok();
    }

    [Fact]
    [Trait("Catalogue", "RCC-21")]
    public async Task Who_has_not_contracted_it_can_neither_set_it_nor_use_it()
    {
        await using var xdms = await Xdms.StartAsync();
        var (tenant, contact) = await KnownAsync(xdms, database: null);
        (await server.Api(server.Operator).SendAsync(HttpMethod.Put, $"/platform/api/v1/accounts/{tenant.Id}/plan", new { name = "bare", services = new[] { "transfers" } })).Ok();
        while ((await tenant.Agent.Api.SendAsync(HttpMethod.Post, $"{contact}/context/lookup")).Code != "notEntitled") await Task.Yield();
        (await SetAsync(tenant, new { xcap_root = xdms.Root })).Refused(HttpStatusCode.Forbidden, "notEntitled");
        xdms.Asked.Clear();
        var opened = (await tenant.Customer.Api.PostAsync($"{tenant.Path}/conversations", new { })).Id();
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await tenant.Master.Api.PostAsync($"{tenant.Path}/conversations/{opened}/assignments", new { assignee_id = tenant.Agent.Id });
        await desk.UntilSettingsAsync(tenant);
        Assert.Empty(xdms.Asked);
    }

    const string Right = "<user-profiles xmlns=\"urn:oma:xml:xdm:user-profile\"><user-profile><display-name>Eve</display-name></user-profile></user-profiles>";

    static string Document(string inside) => $"<user-profiles xmlns=\"urn:oma:xml:xdm:user-profile\"><user-profile>{inside}</user-profile></user-profiles>";

    static Dictionary<string, JsonElement> Context(JsonElement item) =>
        item.GetProperty("state").GetProperty("context").EnumerateArray().ToDictionary(value => value.GetProperty("name").GetString()!, StringComparer.Ordinal);

    static bool IsStale(JsonElement item, string name) => Context(item)[name].TryGetProperty("staleSince", out _);

    /// <summary>However its characters are escaped.</summary>
    static string Plain(JsonElement value)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) value.WriteTo(writer);
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    static Task<ApiAnswer> SetAsync(Tenant tenant, object body) => tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/profile_lookup", body);

    static Task AddAsync(Tenant tenant, Guid contact, string kind, string value) => tenant.Master.Api.PostAsync($"{tenant.Path}/contacts/{contact}/addresses", new { kind, value });

    static Task LookUpAsync(Tenant tenant, string contact) => tenant.Agent.Api.PostAsync($"{contact}/context/lookup", new { });

    async Task<Tenant> MakeAsync(Xdms xdms)
    {
        var tenant = await Tenant.MakeAsync(server);
        (await SetAsync(tenant, new { xcap_root = xdms.Root })).Ok();
        return tenant;
    }

    /// <summary>A tenant whose customer, served by its agent, is known as Ada, and by its own server, if it has one, as gold.</summary>
    async Task<(Tenant Tenant, string Contact)> KnownAsync(Xdms xdms, CustomerDatabase? database)
    {
        xdms.Documents["sip:ada@example.com"] = Xdms.Profile(Ada, "<up:display-name>Ada</up:display-name>");
        database?.Say("""{"context":[{"name":"crm:tier","value":"gold"}]}""");
        var tenant = await MakeAsync(xdms);
        if (database is not null)
        {
            (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/context_lookup", new { url = database.Address })).Ok();
        }

        var contact = $"{tenant.Path}/contacts/{tenant.Customer.Id}";
        await AddAsync(tenant, tenant.Customer.Id, "sip", "ada@example.com");
        await AddAsync(tenant, tenant.Customer.Id, "tel", "+4930123456");
        await using var desk = await HubSocket.SynchronizeAsync(server.Address, tenant.Agent.Credential);
        await LookUpAsync(tenant, contact);
        await desk.NextItemAsync(item => item.IsContact(tenant.Customer.Id) && Context(item).ContainsKey("profile:display-name") && (database is null || Context(item).ContainsKey("crm:tier")));
        return (tenant, contact);
    }
}
