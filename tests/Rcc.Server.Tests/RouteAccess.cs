using Microsoft.AspNetCore.Routing;

namespace Rcc.Server.Tests;

/// <summary>Who may use a route.</summary>
[Flags]
public enum Who
{
    None = 0,
    MasterAgent = 1,
    Agent = 2,
    Customer = 4,
    Application = 8,
    Operator = 16,

    /// <summary>With or without any credential.</summary>
    Anyone = 32,

    Administrator = 64,

    /// <summary>Who manages others.</summary>
    Master = MasterAgent | Administrator,
    Person = Master | Agent | Customer,
    OfTenant = Person | Application,
}

/// <summary>What the enumeration test knows of a route. A route without an entry fails it.</summary>
/// <param name="May">Who may use it.</param>
/// <param name="Body">A body that is right for the tenant.</param>
/// <param name="Ends">Using it ends what the tenant is made of, so it gets a tenant of its own.</param>
/// <param name="NamesObject">The path, or the body, names an object of the tenant besides the account.</param>
/// <param name="NeedsOccasion">It acts on what a tenant that was just made has not: who may use it is answered that the state is another.</param>
/// <param name="AsksWhoTakesPart">Only participants may, so it gets a conversation in which nothing was tried before.</param>
/// <param name="Query">A query that is right.</param>
/// <param name="Everyday">It changes something, but is the day's work and no administrative act: the action record keeps nothing of it. So is everything about a conversation or a contact but merging.</param>
/// <param name="After">A route that must have been used before this one has anything to do.</param>
internal sealed record RouteEntry(
    Who May, Func<Tenant, object?>? Body = null, bool Ends = false, bool NamesObject = false, bool AsksWhoTakesPart = false, bool NeedsOccasion = false, string Query = "",
    bool Everyday = false, string? After = null);

/// <summary>All routes, and who may use each.</summary>
internal static class RouteAccess
{
    const string Account = "/api/v1/accounts/{account_id:guid}";
    const string Conversation = Account + "/conversations/{conversation_id:guid}";
    const string Contact = Account + "/contacts/{contact_id:guid}";
    const string Platform = "/platform/api/v1";
    const string Address = "route@example.org";

    const Who Readers = Who.Master | Who.Agent | Who.Application;
    const Who Controllers = Who.Master | Who.Agent | Who.Application;
    const Who Managers = Who.Master | Who.Application;

    public static IReadOnlyDictionary<string, RouteEntry> Entries { get; } = new Dictionary<string, RouteEntry>(StringComparer.Ordinal)
    {
        ["POST /api/v1/auth/sign_in"] = new(Who.Anyone, t => new { account = t.Slug, email = t.AgentEmail, password = Tenant.Password }),
        ["POST /api/v1/auth/second_factor"] = new(Who.Anyone, t => new { account = t.Slug, email = t.AgentEmail, password = Tenant.Password }),
        ["POST /api/v1/auth/second_factor/confirm"] = new(
            Who.Anyone, t => new { account = t.Slug, email = t.AgentEmail, password = Tenant.Password, code = "000000" }, Ends: true, NeedsOccasion: true),
        ["GET /api/v1/auth/oidc/start"] = new(Who.Anyone),
        ["GET /api/v1/auth/oidc/callback"] = new(Who.Anyone),
        ["POST /api/v1/auth/oidc/token"] = new(Who.Anyone, _ => new { code = "rccx_" + new string('A', 43), code_verifier = new string('a', 43) }),
        ["POST /api/v1/auth/invitation"] = new(Who.Anyone, t => new { token = t.Invitation }, Ends: true),
        ["POST /api/v1/auth/invitation/accept"] = new(Who.Anyone, t => new { token = t.Invitation, name = "Ida", password = Tenant.Password }, Ends: true),
        ["POST /api/v1/auth/sign_out"] = new(Who.Person, Ends: true, Everyday: true),
        ["POST /api/v1/auth/ticket"] = new(Who.Person, Everyday: true),
        ["GET /public/api/v1/inboxes/{inbox_identifier}"] = new(Who.Anyone),
        ["POST /public/api/v1/inboxes/{inbox_identifier}/contacts"] = new(Who.Anyone, _ => new { }),

        [$"GET {Account}"] = new(Who.Master | Who.Agent | Who.Application),
        [$"PATCH {Account}"] = new(Who.Administrator, _ => new { branding = new { primary_color = "#102030" } }),
        [$"GET {Account}/usage"] = new(Who.Master),
        [$"GET {Account}/identity_provider"] = new(Who.Administrator),
        [$"PUT {Account}/identity_provider"] = new(
            Who.Administrator, _ => new { issuer = "https://login.example", client_id = "rcc", client_secret = "secret", return_urls = new[] { "https://desk.example/" } }),
        [$"DELETE {Account}/identity_provider"] = new(Who.Administrator, Ends: true),
        [$"GET {Account}/agents"] = new(Readers),
        [$"POST {Account}/agents"] = new(Managers, _ => new { name = "New", email = $"{Guid.NewGuid():N}@example.org", password = Tenant.Password }),
        [$"GET {Account}/agents/{{agent_id:guid}}"] = new(Readers, NamesObject: true),
        [$"PATCH {Account}/agents/{{agent_id:guid}}"] = new(Managers | Who.Agent, _ => new { name = "Renamed" }, NamesObject: true),
        [$"PUT {Account}/agents/{{agent_id:guid}}/role"] = new(Who.Administrator, _ => new { role = "master_agent" }, Ends: true, NamesObject: true),
        [$"PUT {Account}/agents/{{agent_id:guid}}/email"] = new(Managers, _ => new { email = $"{Guid.NewGuid():N}@example.org" }, Ends: true, NamesObject: true),
        [$"POST {Account}/agents/{{agent_id:guid}}/suspend"] = new(Managers, Ends: true, NamesObject: true),
        [$"POST {Account}/agents/{{agent_id:guid}}/resume"] = new(Managers, Ends: true, NamesObject: true, After: $"POST {Account}/agents/{{agent_id:guid}}/suspend"),
        [$"DELETE {Account}/agents/{{agent_id:guid}}"] = new(Managers, Ends: true, NamesObject: true),
        [$"POST {Account}/agents/invitations"] = new(Managers, _ => new { email = $"{Guid.NewGuid():N}@example.org" }),
        [$"POST {Account}/agents/{{agent_id:guid}}/invitation"] = new(Managers, NamesObject: true),
        [$"GET {Account}/agents/{{agent_id:guid}}/devices"] = new(Managers | Who.Agent, NamesObject: true),
        [$"DELETE {Account}/agents/{{agent_id:guid}}/devices/{{device_id:guid}}"] = new(Managers | Who.Agent, Ends: true, NamesObject: true),
        [$"GET {Account}/agents/{{agent_id:guid}}/context"] = new(Readers, NamesObject: true),
        [$"GET {Account}/agents/{{agent_id:guid}}/presence"] = new(Readers, NamesObject: true),
        [$"PUT {Account}/agents/{{agent_id:guid}}/context"] = new(Managers | Who.Agent, _ => new { name = "test:mood", value = "glad" }, NamesObject: true, Everyday: true),
        [$"DELETE {Account}/agents/{{agent_id:guid}}/context"] = new(Managers | Who.Agent, NamesObject: true, Query: "?name=test:mood&source=manual", Everyday: true),
        [$"GET {Account}/agents/{{agent_id:guid}}/identities"] = new(Managers | Who.Agent, NamesObject: true),
        [$"DELETE {Account}/agents/{{agent_id:guid}}/identities"] = new(Managers | Who.Agent, NamesObject: true, Everyday: true),
        [$"GET {Account}/teams"] = new(Readers),
        [$"POST {Account}/teams"] = new(Managers, t => new { name = $"Team {Guid.NewGuid():N}", master_agent_id = t.Master.Id }),
        [$"GET {Account}/teams/{{team_id:guid}}"] = new(Readers, NamesObject: true),
        [$"PATCH {Account}/teams/{{team_id:guid}}"] = new(Who.Master | Who.Application, _ => new { name = $"Team {Guid.NewGuid():N}" }, NamesObject: true),
        [$"DELETE {Account}/teams/{{team_id:guid}}"] = new(Managers, Ends: true, NamesObject: true, NeedsOccasion: true),
        [$"GET {Account}/profile"] = new(Who.Master | Who.Agent),
        [$"PATCH {Account}/profile"] = new(Who.Master | Who.Agent, _ => new { name = "Renamed" }),
        [$"PUT {Account}/profile/availability"] = new(Who.Master | Who.Agent, _ => new { availability = "busy" }, Everyday: true),
        [$"POST {Account}/profile/second_factor"] = new(Who.Master | Who.Agent, _ => new { password = Tenant.Password }, Everyday: true),
        [$"POST {Account}/profile/second_factor/confirm"] = new(Who.Master | Who.Agent, _ => new { code = "000000" }, Ends: true, NeedsOccasion: true),
        [$"POST {Account}/profile/second_factor/recovery_codes"] = new(Who.Master | Who.Agent, _ => new { code = "000000" }, NeedsOccasion: true),
        [$"POST {Account}/profile/second_factor/disable"] = new(Who.Master | Who.Agent, _ => new { code = "000000" }, NeedsOccasion: true),
        [$"DELETE {Account}/agents/{{agent_id:guid}}/second_factor"] = new(Managers, NamesObject: true, NeedsOccasion: true),
        [$"GET {Account}/availability_labels"] = new(Readers),
        [$"PUT {Account}/availability_labels"] = new(Who.Administrator, _ => new { data = new[] { new { name = "Lunch", availability = "away" } } }),
        [$"GET {Account}/devices"] = new(Who.Master | Who.Agent),
        [$"DELETE {Account}/devices/{{device_id:guid}}"] = new(Who.Agent, Ends: true, NamesObject: true),
        [$"GET {Account}/inboxes"] = new(Readers),
        [$"POST {Account}/inboxes"] = new(Who.Administrator | Who.Application, _ => new { name = "Another" }),
        [$"GET {Account}/inboxes/{{inbox_id:guid}}"] = new(Readers, NamesObject: true),
        [$"PATCH {Account}/inboxes/{{inbox_id:guid}}"] = new(Who.Administrator | Who.Application, _ => new { name = "Renamed" }, NamesObject: true),
        [$"POST {Account}/inboxes/{{inbox_id:guid}}/archive"] = new(Who.Administrator | Who.Application, Ends: true, NamesObject: true),
        [$"POST {Account}/inboxes/{{inbox_id:guid}}/rotate_secret"] = new(Who.Administrator | Who.Application, Ends: true, NamesObject: true),
        [$"POST {Account}/inboxes/{{inbox_id:guid}}/restore"] = new(Who.Administrator | Who.Application, Ends: true, NamesObject: true, After: $"POST {Account}/inboxes/{{inbox_id:guid}}/archive"),
        [$"DELETE {Account}/inboxes/{{inbox_id:guid}}"] = new(Who.Administrator | Who.Application, Ends: true, NamesObject: true, NeedsOccasion: true),
        [$"GET {Account}/queues"] = new(Readers),
        [$"POST {Account}/queues"] = new(Managers, t => new { name = $"Queue {Guid.NewGuid():N}", team_ids = new[] { t.Team } }),
        [$"GET {Account}/queues/{{queue_id:guid}}"] = new(Readers, NamesObject: true),
        [$"PUT {Account}/queues/{{queue_id:guid}}"] = new(Managers, t => new { name = $"Queue {Guid.NewGuid():N}", team_ids = new[] { t.Team } }, NamesObject: true),
        [$"DELETE {Account}/queues/{{queue_id:guid}}"] = new(Managers, Ends: true, NamesObject: true),
        [$"GET {Account}/access_tokens"] = new(Who.Administrator),
        [$"POST {Account}/access_tokens"] = new(Who.Administrator, _ => new { name = "Another", scopes = new[] { "contacts:read" } }),
        [$"POST {Account}/access_tokens/{{access_token_id:guid}}/rotate"] = new(Who.Administrator, _ => new { overlap_seconds = 60 }, Ends: true, NamesObject: true),
        [$"DELETE {Account}/access_tokens/{{access_token_id:guid}}"] = new(Who.Administrator, Ends: true, NamesObject: true),
        [$"GET {Account}/audit_logs"] = new(Who.Administrator | Who.Application),
        [$"GET {Account}/audit_logs/export"] = new(Who.Administrator | Who.Application),
        [$"GET {Account}/contacts"] = new(Readers),
        [$"POST {Account}/contacts"] = new(Readers, _ => new { name = "Contact" }),
        [$"GET {Account}/contacts/{{contact_id:guid}}"] = new(Readers, NamesObject: true),
        [$"GET {Account}/contacts/search"] = new(Readers, Query: "?q=Customer"),
        [$"PATCH {Contact}"] = new(Readers, _ => new { name = "Customer" }, NamesObject: true),
        [$"DELETE {Contact}"] = new(Who.Administrator | Who.Application, Ends: true, NamesObject: true, NeedsOccasion: true),
        [$"POST {Contact}/labels"] = new(Readers, _ => new { labels = new[] { Tenant.Label } }, NamesObject: true),
        [$"POST {Contact}/addresses"] = new(Readers, _ => new { kind = "mailto", value = Address }, NamesObject: true),
        [$"DELETE {Contact}/addresses"] = new(Readers, NamesObject: true, Ends: true, Query: $"?kind=mailto&value={Address}"),
        [$"GET {Contact}/subscriptions"] = new(Readers, NamesObject: true),
        [$"PUT {Contact}/context"] = new(Readers, _ => new { name = "test:mood", value = "glad" }, NamesObject: true),
        [$"DELETE {Contact}/context"] = new(Readers, NamesObject: true, Query: "?name=test:mood&source=manual"),
        [$"POST {Contact}/context/lookup"] = new(Readers, NamesObject: true),
        [$"POST {Contact}/merge"] = new(Managers, t => new { contact_id = t.OtherContact }, Ends: true, NamesObject: true),
        [$"POST {Contact}/unmerge"] = new(Managers, t => new { contact_id = t.MergedContact }, Ends: true, NamesObject: true),
        [$"GET {Account}/labels"] = new(Readers),
        [$"POST {Account}/labels"] = new(Managers, _ => new { title = $"l-{Guid.NewGuid():N}", color = "#00ff00" }),
        [$"PATCH {Account}/labels/{{label}}"] = new(Managers, _ => new { color = "#0000ff" }),
        [$"DELETE {Account}/labels/{{label}}"] = new(Managers, Ends: true),
        [$"GET {Account}/custom_attribute_definitions"] = new(Readers),
        [$"POST {Account}/custom_attribute_definitions"] = new(Managers, _ => new { attribute_key = $"k_{Guid.NewGuid():N}", attribute_model = "contact", attribute_display_type = "text" }),
        [$"PATCH {Account}/custom_attribute_definitions/{{attribute_model}}/{{attribute_key}}"] = new(Managers, _ => new { attribute_display_name = "Renamed" }),
        [$"DELETE {Account}/custom_attribute_definitions/{{attribute_model}}/{{attribute_key}}"] = new(Managers, Ends: true),
        [$"GET {Account}/context_lookup"] = new(Who.Administrator | Who.Application),
        [$"PUT {Account}/context_lookup"] = new(Who.Administrator | Who.Application, _ => new { url = "https://crm.invalid/lookup" }, Ends: true),
        [$"DELETE {Account}/context_lookup"] = new(Who.Administrator | Who.Application, After: $"PUT {Account}/context_lookup"),
        [$"GET {Account}/profile_lookup"] = new(Who.Administrator | Who.Application),
        [$"PUT {Account}/profile_lookup"] = new(Who.Administrator | Who.Application, _ => new { xcap_root = "https://xcap.invalid", username = "rcc", password = "secret" }, Ends: true),
        [$"DELETE {Account}/profile_lookup"] = new(Who.Administrator | Who.Application, After: $"PUT {Account}/profile_lookup"),
        [$"GET {Account}/disclosure_rules"] = new(Managers),
        [$"PUT {Account}/disclosure_rules"] = new(Who.Administrator | Who.Application, _ => new { rules = new[] { new { attribute = "context.test:never", handling = "hide" } } }),
        [$"GET {Account}/conversations"] = new(Who.OfTenant),
        [$"POST {Account}/conversations"] = new(Who.OfTenant, t => new { inbox_id = t.Inbox, contact_id = t.Customer.Id, unassigned = true }),
        [$"GET {Conversation}"] = new(Who.OfTenant, NamesObject: true),
        [$"POST {Conversation}/assignments"] = new(Who.Master | Who.Agent | Who.Application, t => new { assignee_id = t.Agent.Id }, NamesObject: true),
        [$"POST {Conversation}/toggle_status"] = new(Who.Master | Who.Agent | Who.Application, _ => new { status = "open" }, NamesObject: true),
        [$"POST {Conversation}/labels"] = new(Who.Master | Who.Agent | Who.Application, _ => new { labels = new[] { Tenant.Label } }, NamesObject: true),
        [$"POST {Conversation}/custom_attributes"] = new(Who.Master | Who.Agent | Who.Application, _ => new { custom_attributes = new { order_number = 7 } }, NamesObject: true),
        [$"POST {Conversation}/offer/accept"] = new(Who.Master | Who.Agent | Who.Application, NamesObject: true, NeedsOccasion: true),
        [$"POST {Conversation}/offer/decline"] = new(Who.Master | Who.Agent | Who.Application, NamesObject: true, NeedsOccasion: true),
        [$"POST {Conversation}/hold"] = new(Controllers, NamesObject: true, AsksWhoTakesPart: true),
        [$"POST {Conversation}/resume"] = new(Controllers, NamesObject: true, NeedsOccasion: true),
        [$"POST {Conversation}/transfer"] = new(Controllers, t => new { agent_id = t.Agent.Id }, NamesObject: true, NeedsOccasion: true),
        [$"POST {Conversation}/transfer/consult"] = new(Controllers, t => new { team_id = t.Team }, NamesObject: true, NeedsOccasion: true),
        [$"POST {Conversation}/transfer/complete"] = new(Controllers, NamesObject: true, NeedsOccasion: true),
        [$"POST {Conversation}/transfer/cancel"] = new(Controllers, NamesObject: true, NeedsOccasion: true),
        [$"POST {Conversation}/snooze"] = new(Controllers, _ => new { until = DateTimeOffset.UtcNow.AddDays(1) }, NamesObject: true),
        [$"POST {Conversation}/unsnooze"] = new(Controllers, NamesObject: true),
        [$"POST {Conversation}/toggle_priority"] = new(Controllers, _ => new { priority = "high" }, NamesObject: true),
        [$"GET {Account}/inboxes/{{inbox_id:guid}}/dispositions"] = new(Who.Master | Who.Agent | Who.Application, NamesObject: true),
        [$"PUT {Account}/inboxes/{{inbox_id:guid}}/dispositions"] = new(Who.Administrator | Who.Application, _ => new { names = new[] { "Sold" } }, NamesObject: true),
        [$"GET {Account}/queues/{{queue_id:guid}}/dispositions"] = new(Who.Master | Who.Agent | Who.Application, NamesObject: true),
        [$"PUT {Account}/queues/{{queue_id:guid}}/dispositions"] = new(Managers, _ => new { names = new[] { "Sold" } }, NamesObject: true),
        [$"POST {Conversation}/macros/{{macro_id:guid}}"] = new(Controllers, NamesObject: true),
        [$"POST {Account}/bulk_actions"] = new(Controllers, t => new { conversation_ids = new[] { t.Conversation }, action = new { operation = "unsnooze" } }, Everyday: true),
        [$"GET {Account}/canned_responses"] = new(Readers),
        [$"POST {Account}/canned_responses"] = new(Managers, _ => new { short_code = "hi", content = "Hello!", visibility = "account" }),
        [$"GET {Account}/canned_responses/{{canned_response_id:guid}}"] = new(Readers, NamesObject: true),
        [$"PUT {Account}/canned_responses/{{canned_response_id:guid}}"] = new(Managers, _ => new { short_code = "hi", content = "Hello!" }, NamesObject: true),
        [$"DELETE {Account}/canned_responses/{{canned_response_id:guid}}"] = new(Managers, Ends: true, NamesObject: true),
        [$"GET {Account}/macros"] = new(Readers),
        [$"POST {Account}/macros"] = new(Managers, _ => new { name = "Urgent", actions = new[] { new { operation = "setPriority", priority = "urgent" } }, visibility = "account" }),
        [$"GET {Account}/macros/{{macro_id:guid}}"] = new(Readers, NamesObject: true),
        [$"PUT {Account}/macros/{{macro_id:guid}}"] = new(Managers, _ => new { name = "Urgent", actions = new[] { new { operation = "setPriority", priority = "urgent" } } }, NamesObject: true),
        [$"DELETE {Account}/macros/{{macro_id:guid}}"] = new(Managers, Ends: true, NamesObject: true),
        [$"GET {Account}/profile/offers"] = new(Who.Master | Who.Agent),
        [$"GET {Account}/conversations/meta"] = new(Who.Master | Who.Agent),
        [$"GET {Conversation}/supervision/whispers"] = new(Who.Master | Who.Agent, NamesObject: true, AsksWhoTakesPart: true),
        [$"POST {Conversation}/toggle_typing_status"] = new(Who.OfTenant, _ => new { typing_status = "on" }, NamesObject: true, Everyday: true),
        [$"GET {Conversation}/handling"] = new(Readers, NamesObject: true),
        [$"POST {Conversation}/participants"] = new(Controllers, t => new { agent_id = t.Agent.Id }, NamesObject: true),
        [$"DELETE {Conversation}/participants/{{agent_id:guid}}"] = new(Controllers, NamesObject: true, NeedsOccasion: true),
        [$"POST {Conversation}/supervision/monitor"] = new(Who.Master, NamesObject: true, NeedsOccasion: true, AsksWhoTakesPart: true),
        [$"POST {Conversation}/supervision/whisper"] = new(Who.Master, _ => new { content = "Psst" }, NamesObject: true, NeedsOccasion: true, AsksWhoTakesPart: true),
        [$"POST {Conversation}/supervision/barge"] = new(Who.Master, NamesObject: true, AsksWhoTakesPart: true),
        [$"POST {Conversation}/supervision/take_over"] = new(Who.Master, NamesObject: true, AsksWhoTakesPart: true),
        [$"GET {Conversation}/queue_position"] = new(Who.OfTenant, NamesObject: true, NeedsOccasion: true),
        [$"POST {Conversation}/update_last_seen"] = new(Who.Agent | Who.Customer, _ => new { seq = 1 }, NamesObject: true, AsksWhoTakesPart: true),
        [$"GET {Conversation}/messages"] = new(Who.OfTenant, NamesObject: true),
        [$"POST {Conversation}/messages"] = new(Who.OfTenant, _ => new { content = "Hello" }, NamesObject: true, AsksWhoTakesPart: true),

        [$"POST {Platform}/auth/sign_in"] = new(Who.Anyone, _ => new { name = "operator", password = "operator-password" }),
        [$"POST {Platform}/auth/sign_out"] = new(Who.Operator, Ends: true, Everyday: true),
        [$"PUT {Platform}/auth/password"] = new(Who.Operator, _ => new { current_password = "operator-password", password = "operator-password" }, NeedsOccasion: true),
        [$"GET {Platform}/operators"] = new(Who.Operator),
        [$"POST {Platform}/operators"] = new(Who.Operator, _ => new { name = $"{Guid.NewGuid():N}", password = Tenant.Password }),
        [$"POST {Platform}/operators/{{operator_id:guid}}/disable"] = new(Who.Operator),
        [$"POST {Platform}/operators/{{operator_id:guid}}/enable"] = new(Who.Operator, After: $"POST {Platform}/operators/{{operator_id:guid}}/disable"),
        [$"DELETE {Platform}/operators/{{operator_id:guid}}/sessions"] = new(Who.Operator),
        [$"GET {Platform}/audit_logs"] = new(Who.Operator),
        [$"GET {Platform}/audit_logs/export"] = new(Who.Operator),
        [$"GET {Platform}/accounts"] = new(Who.Operator),
        [$"POST {Platform}/accounts"] = new(
            Who.Operator, _ => new { name = "A", slug = $"a-{Guid.NewGuid():N}", master_agent = new { name = "M", email = "m@example.org", password = Tenant.Password } }),
        [$"GET {Platform}/accounts/{{account_id:guid}}"] = new(Who.Operator),
        [$"PUT {Platform}/accounts/{{account_id:guid}}/plan"] = new(Who.Operator, _ => new { name = "standard" }),
        [$"GET {Platform}/accounts/{{account_id:guid}}/usage"] = new(Who.Operator),
        [$"POST {Platform}/accounts/{{account_id:guid}}/suspend"] = new(Who.Operator, Ends: true),
        [$"POST {Platform}/accounts/{{account_id:guid}}/resume"] = new(Who.Operator, Ends: true, After: $"POST {Platform}/accounts/{{account_id:guid}}/suspend"),
        [$"DELETE {Platform}/accounts/{{account_id:guid}}"] = new(Who.Operator, Ends: true),
        [$"POST {Platform}/accounts/{{account_id:guid}}/cancel_deletion"] = new(Who.Operator, Ends: true, After: $"DELETE {Platform}/accounts/{{account_id:guid}}"),
        [$"POST {Platform}/accounts/{{account_id:guid}}/export"] = new(Who.Operator),
        [$"POST {Platform}/accounts/import"] = new(Who.Operator, _ => SmallArchive.Make()),
        [$"POST {Platform}/accounts/{{account_id:guid}}/master_agents"] = new(Who.Operator, _ => new { name = "M", email = $"{Guid.NewGuid():N}@example.org", password = Tenant.Password }),
        [$"POST {Platform}/accounts/{{account_id:guid}}/administrators"] = new(Who.Operator, _ => new { name = "A", email = $"{Guid.NewGuid():N}@example.org", password = Tenant.Password }),

        ["GET /setup"] = new(Who.Anyone),
        ["POST /setup"] = new(Who.Anyone),
        ["GET /openapi/{documentName}.json"] = new(Who.Anyone),
        ["ANY /health/live"] = new(Who.Anyone),
        ["ANY /health/ready"] = new(Who.Anyone),
        ["ANY /hubs/v1/device"] = new(Who.Person),
        ["ANY /hubs/v1/device/negotiate"] = new(Who.Person),
    };

    /// <summary>The routes' names: method and pattern.</summary>
    public static IEnumerable<string> NamesOf(RouteEndpoint route)
    {
        var pattern = "/" + route.RoutePattern.RawText!.Trim('/');
        return route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods
            ? methods.Where(m => m != "OPTIONS").Select(m => $"{m} {pattern}")
            : [$"ANY {pattern}"];
    }

    /// <summary>The path of a route for a tenant's own objects, or for those of another.</summary>
    public static string PathOf(string name, Tenant account, Tenant objects) => (name[(name.IndexOf(' ', StringComparison.Ordinal) + 1)..] + Entries[name].Query)
        .Replace("{label}", Tenant.Label, StringComparison.Ordinal)
        .Replace("{attribute_model}", "contact", StringComparison.Ordinal)
        .Replace("{attribute_key}", Tenant.Attribute, StringComparison.Ordinal)
        .Replace("{operator_id:guid}", objects.SpareOperator.ToString(), StringComparison.Ordinal)
        .Replace("{account_id:guid}", account.Id.ToString(), StringComparison.Ordinal)
        .Replace("{agent_id:guid}/invitation", $"{objects.InvitedAgent}/invitation", StringComparison.Ordinal)
        .Replace("{agent_id:guid}", objects.Agent.Id.ToString(), StringComparison.Ordinal)
        .Replace("{device_id:guid}", objects.Agent.DeviceId.ToString(), StringComparison.Ordinal)
        .Replace("{canned_response_id:guid}", objects.CannedResponse.ToString(), StringComparison.Ordinal)
        .Replace("{macro_id:guid}", objects.Macro.ToString(), StringComparison.Ordinal)
        .Replace("{team_id:guid}", objects.Team.ToString(), StringComparison.Ordinal)
        .Replace("{inbox_id:guid}", objects.Inbox.ToString(), StringComparison.Ordinal)
        .Replace("{queue_id:guid}", objects.Queue.ToString(), StringComparison.Ordinal)
        .Replace("{access_token_id:guid}", objects.Application.Id.ToString(), StringComparison.Ordinal)
        .Replace("{contact_id:guid}", objects.Customer.Id.ToString(), StringComparison.Ordinal)
        .Replace("{conversation_id:guid}", objects.Conversation.ToString(), StringComparison.Ordinal)
        .Replace("{inbox_identifier}", objects.InboxIdentifier, StringComparison.Ordinal)
        .Replace("{documentName}", "v1", StringComparison.Ordinal);

    public static HttpMethod MethodOf(string name) => name[..name.IndexOf(' ', StringComparison.Ordinal)] is var method && method == "ANY" ? HttpMethod.Get : new(method);
}
