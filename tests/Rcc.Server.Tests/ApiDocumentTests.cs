using System.Text.Json;

namespace Rcc.Server.Tests;

/// <summary>The OpenAPI document: valid, complete, and true.</summary>
public sealed class ApiDocumentTests(RunningServer server)
{
    static readonly string[] Verbs = ["get", "post", "put", "patch", "delete"];

    [Fact]
    public async Task It_is_OpenAPI_3_1() => Assert.StartsWith("3.1.", (await DocumentAsync()).GetProperty("openapi").GetString(), StringComparison.Ordinal);

    [Fact]
    public async Task It_has_every_route_of_the_API_and_no_other()
    {
        var described = Operations(await DocumentAsync()).Select(o => $"{o.Verb.ToUpperInvariant()} {o.Path}");
        var mapped = RouteAccess.Entries.Keys.Where(k => k.Contains("/api/v1/", StringComparison.Ordinal)).Select(k => k.Replace(":guid", "", StringComparison.Ordinal));
        Assert.Equal(mapped.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_operation_is_named_explained_and_answered()
    {
        var operations = Operations(await DocumentAsync()).ToList();
        Assert.All(operations, o =>
        {
            Assert.NotEmpty(o.Operation.GetProperty("operationId").GetString()!);
            Assert.NotEmpty(o.Operation.GetProperty("summary").GetString()!);
            var responses = o.Operation.GetProperty("responses");
            Assert.Contains(responses.EnumerateObject(), r => r.Name[0] is '2' or '3');
            foreach (var status in new[] { "400", "401", "403", "404", "409", "413", "422", "429", "503" })
                Assert.Equal("#/components/schemas/Problem", responses.GetProperty(status).GetProperty("content").GetProperty("application/problem+json").GetProperty("schema").GetProperty("$ref").GetString());
        });
        Assert.Equal(operations.Count, operations.Select(o => o.Operation.GetProperty("operationId").GetString()).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Every_operation_says_which_credential_it_takes()
    {
        foreach (var (path, verb, operation) in Operations(await DocumentAsync()))
        {
            var entry = RouteAccess.Entries.Single(e => e.Key.Replace(":guid", "", StringComparison.Ordinal) == $"{verb.ToUpperInvariant()} {path}").Value;
            Assert.Equal(!entry.May.HasFlag(Who.Anyone), operation.TryGetProperty("security", out var security) && security.GetArrayLength() > 0);
        }
    }

    [Fact]
    public async Task Every_parameter_of_a_path_is_declared()
    {
        foreach (var (path, verb, operation) in Operations(await DocumentAsync()))
        {
            var inPath = path.Split('/').Where(p => p.StartsWith('{')).Select(p => p.Trim('{', '}')).Order(StringComparer.Ordinal);
            var declared = operation.TryGetProperty("parameters", out var parameters)
                ? parameters.EnumerateArray().Where(p => p.GetProperty("in").GetString() == "path").Select(p => p.GetProperty("name").GetString()!).Order(StringComparer.Ordinal)
                : Enumerable.Empty<string>();
            Assert.True(inPath.SequenceEqual(declared, StringComparer.Ordinal), $"{verb} {path}");
        }
    }

    [Fact]
    public async Task Words_of_a_query_are_listed_and_explained()
    {
        var (_, _, list) = Operations(await DocumentAsync()).Single(o => o.Operation.GetProperty("operationId").GetString() == "listConversations");
        var status = list.GetProperty("parameters").EnumerateArray().Single(p => p.GetProperty("name").GetString() == "status");
        Assert.Equal("string", status.GetProperty("schema").GetProperty("type").GetString());
        Assert.Equal(["open", "resolved", "snoozed"], status.GetProperty("schema").GetProperty("enum").EnumerateArray().Select(word => word.GetString()));
        Assert.Contains("put off or not", status.GetProperty("description").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_reference_leads_somewhere()
    {
        var document = await DocumentAsync();
        Assert.All(References(document), reference =>
        {
            var at = document;
            foreach (var part in reference.Split('/').Skip(1)) Assert.True(at.TryGetProperty(part, out at), reference);
        });
    }

    [Fact]
    public async Task What_is_answered_has_the_members_the_document_says()
    {
        var tenant = await Tenants.FirstAsync(server);
        var document = await DocumentAsync();
        await HasMembersOfAsync(document, "Conversation", tenant, $"{tenant.Path}/conversations/{tenant.Conversation}");
        await HasMembersOfAsync(document, "Agent", tenant, $"{tenant.Path}/agents/{tenant.Agent.Id}");
        await HasMembersOfAsync(document, "Team", tenant, $"{tenant.Path}/teams/{tenant.Team}");
        await HasMembersOfAsync(document, "Inbox", tenant, $"{tenant.Path}/inboxes/{tenant.Inbox}");
        await HasMembersOfAsync(document, "Contact", tenant, $"{tenant.Path}/contacts/{tenant.Customer.Id}");
        await HasMembersOfAsync(document, "Account", tenant, tenant.Path);
        await HasMembersOfAsync(document, "PageOfMessage", tenant, $"{tenant.Path}/conversations/{tenant.Conversation}/messages");
    }

    static async Task HasMembersOfAsync(JsonElement document, string schema, Tenant tenant, string path)
    {
        var described = document.GetProperty("components").GetProperty("schemas").GetProperty(schema);
        var members = (await tenant.Master.Api.GetAsync(path)).Ok().Json.EnumerateObject().Select(m => m.Name).ToList();
        Assert.Equal(described.GetProperty("properties").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal), members.Order(StringComparer.Ordinal));
        Assert.All(described.GetProperty("required").EnumerateArray(), r => Assert.Contains(r.GetString(), members));
    }

    static IEnumerable<(string Path, string Verb, JsonElement Operation)> Operations(JsonElement document) =>
        from path in document.GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        where Verbs.Contains(operation.Name, StringComparer.Ordinal)
        select (path.Name, operation.Name, operation.Value);

    static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(m => m.NameEquals("$ref") ? [m.Value.GetString()!] : References(m.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };

    async Task<JsonElement> DocumentAsync() => (await server.Api().GetAsync("/openapi/v1.json")).Ok().Json;
}
