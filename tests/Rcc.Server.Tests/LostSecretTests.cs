using System.Net;
using System.Text.Json;

namespace Rcc.Server.Tests;

/// <summary>An account that was taken in where its secrets cannot be opened: what must be set again is told at once, and to whoever needs it.</summary>
[Trait("Catalogue", "RCC-32")]
public sealed class LostSecretTests(RunningServer server)
{
    [Fact]
    public async Task What_another_key_has_sealed_is_named_by_the_import_and_by_each_refusal_until_it_is_set_again()
    {
        var tenant = await Tenant.MakeAsync(server);
        var (secret, recovery) = await Authenticator.EnrolAsync(tenant);
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/context_lookup", new { url = "https://crm.example/" })).Ok();
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/profile_lookup", Xdms("password"))).Ok();
        var archive = await Archives.ExportAsync(server.Api(server.Operator), tenant.Id);
        await using var elsewhere = await RunningServer.WithAsync();

        var lost = (await Archives.ImportAsync(elsewhere.Api(elsewhere.Operator), archive)).Ok().Json.GetProperty("lost_secrets").EnumerateArray();
        Assert.Equal([("agent", tenant.Agent.Id, "second_factor"), ("identity_provider", tenant.Id, "client_secret"), ("inbox", tenant.Inbox, "identity_secret"), ("context_lookup", tenant.Id, "secret"), ("profile_lookup", tenant.Id, "password")], lost.Select(Entry));

        Assert.Contains("must reset", (await SignInAsync(Authenticator.Code(secret, 1))).Refused(HttpStatusCode.Conflict, "secretLost").Text("detail"), StringComparison.Ordinal);
        (await SignInAsync(null)).Refused(HttpStatusCode.Unauthorized, "secondFactorRequired");
        var agent = elsewhere.Api((await SignInAsync(recovery[0])).Ok().Text("access_token"));
        (await agent.SendAsync(HttpMethod.Post, $"{tenant.Path}/profile/second_factor/disable", new { code = Authenticator.Code(secret, 1) })).Refused(HttpStatusCode.Conflict, "secretLost");

        // The account's people are as they were, with their credentials.
        (await elsewhere.Api(tenant.Master.Credential).SendAsync(HttpMethod.Delete, $"{tenant.Path}/agents/{tenant.Agent.Id}/second_factor")).Ok();
        (await SignInAsync(null)).Ok();

        var provider = $"{tenant.Path}/identity_provider";
        var administrator = elsewhere.Api(tenant.Administrator.Credential);
        Assert.Contains("administrator", (await StartAsync()).Refused(HttpStatusCode.Conflict, "secretLost").Text("detail"), StringComparison.Ordinal);
        (await administrator.SendAsync(HttpMethod.Put, provider, Edit(null))).Refused(HttpStatusCode.Conflict, "secretLost");
        (await administrator.SendAsync(HttpMethod.Put, provider, Edit("new"))).Ok();

        // The provider of the tests is nowhere, but it is asked now.
        Assert.NotEqual("secretLost", (await StartAsync()).Code);
        (await administrator.SendAsync(HttpMethod.Put, provider, Edit(null))).Ok();

        // Customers without a signed identity come in as before; those with one when the secret was made anew.
        var inbox = $"{tenant.Path}/inboxes/{tenant.Inbox}";
        await elsewhere.Api().PostAsync(Sessions(), new { });
        (await elsewhere.Api().SendAsync(HttpMethod.Post, Sessions(), Signed(tenant.IdentitySecret))).Refused(HttpStatusCode.Conflict, "secretLost");
        Assert.Equal(JsonValueKind.Null, (await administrator.GetAsync(inbox)).Ok().Json.GetProperty("identity_secret").ValueKind);
        await elsewhere.Api().PostAsync(Sessions(), Signed((await administrator.PostAsync($"{inbox}/rotate_secret", new { })).Text("identity_secret")));

        var lookup = $"{tenant.Path}/context_lookup";
        Assert.Equal(JsonValueKind.Null, (await administrator.GetAsync(lookup)).Ok().Json.GetProperty("secret").ValueKind);
        await elsewhere.Api(tenant.Agent.Credential).PostAsync($"{tenant.Path}/contacts/{tenant.Customer.Id}/context/lookup", new { });
        await elsewhere.Log.WaitForAsync($"Tenant {tenant.Id}: looking up context failed: SecretLost");
        (await administrator.SendAsync(HttpMethod.Put, lookup, new { url = "https://crm.example/", rotate_secret = true })).Ok();
        Assert.StartsWith("whsec_", (await administrator.GetAsync(lookup)).Ok().Text("secret"), StringComparison.Ordinal);

        var profiles = $"{tenant.Path}/profile_lookup";
        Assert.False((await administrator.GetAsync(profiles)).Ok().Json.GetProperty("has_password").GetBoolean());
        await elsewhere.Log.WaitForAsync($"Tenant {tenant.Id}: looking up context failed: SecretLost (Profile)");
        (await administrator.SendAsync(HttpMethod.Put, profiles, Xdms(null))).Refused(HttpStatusCode.Conflict, "secretLost");
        (await administrator.SendAsync(HttpMethod.Put, profiles, Xdms("new"))).Ok();
        (await administrator.SendAsync(HttpMethod.Put, profiles, Xdms(null))).Ok();
        Assert.True((await administrator.GetAsync(profiles)).Ok().Json.GetProperty("has_password").GetBoolean());

        string Sessions() => $"/public/api/v1/inboxes/{tenant.InboxIdentifier}/contacts";

        static object Signed(string secret) => new { identifier = "customer-1", identifier_hash = Tenant.Sign("customer-1", secret) };

        Task<ApiAnswer> SignInAsync(string? code) =>
            elsewhere.Api().SendAsync(HttpMethod.Post, "/api/v1/auth/sign_in", new { account = tenant.Slug, email = tenant.AgentEmail, password = Tenant.Password, code });

        Task<ApiAnswer> StartAsync() =>
            elsewhere.Api().GetAsync($"/api/v1/auth/oidc/start?account={tenant.Slug}&return_url=https://desk.example/&code_challenge={new string('A', 43)}");
    }

    [Fact]
    public async Task Where_the_former_key_is_known_nothing_is_lost()
    {
        var tenant = await Tenant.MakeAsync(server);
        var (secret, _) = await Authenticator.EnrolAsync(tenant);
        (await tenant.Administrator.Api.SendAsync(HttpMethod.Put, $"{tenant.Path}/context_lookup", new { url = "https://crm.example/" })).Ok();
        var archive = await Archives.ExportAsync(server.Api(server.Operator), tenant.Id);
        var key = (await File.ReadAllTextAsync(Path.Combine(server.Server.DataFolder, "secrets.key"), TestContext.Current.CancellationToken)).Trim();
        await using var elsewhere = await RunningServer.WithAsync($"--Rcc:Secrets:FormerKeys={key}");

        Assert.Equal(0, (await Archives.ImportAsync(elsewhere.Api(elsewhere.Operator), archive)).Ok().Json.GetProperty("lost_secrets").GetArrayLength());

        (await elsewhere.Api().PostAsync("/api/v1/auth/sign_in", new { account = tenant.Slug, email = tenant.AgentEmail, password = Tenant.Password, code = Authenticator.Code(secret, 1) })).Ok();
        Assert.Equal(tenant.IdentitySecret, (await elsewhere.Api(tenant.Administrator.Credential).GetAsync($"{tenant.Path}/inboxes/{tenant.Inbox}")).Ok().Text("identity_secret"));
    }

    static object Xdms(string? password) => new { xcap_root = "https://xcap.example", username = "rcc", password };

    static object Edit(string? secret) => new { issuer = "https://login.example", client_id = "rcc", client_secret = secret, return_urls = new[] { "https://desk.example/" } };

    static (string?, Guid, string?) Entry(JsonElement entry) =>
        (entry.GetProperty("object_type").GetString(), entry.GetProperty("object_id").GetGuid(), entry.GetProperty("secret").GetString());
}
