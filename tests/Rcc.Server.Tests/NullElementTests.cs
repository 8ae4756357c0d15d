using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using HttpJson = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Rcc.Server.Tests;

/// <summary>No list of any body of any route takes a null for an element. The bodies are the program's own, so that a new one cannot be forgotten.</summary>
public sealed class NullElementTests(RunningServer server)
{
    [Fact]
    public async Task A_null_in_any_list_of_any_body_is_malformed_and_the_list_named()
    {
        var json = server.Server.Services.GetRequiredService<IOptions<HttpJson>>().Value.SerializerOptions;
        var tenant = await Tenants.FirstAsync(server);
        List<string> tried = [];
        foreach (var route in server.Routes.Where(route => route.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType is not null))
        {
            var body = json.GetTypeInfo(route.Metadata.GetMetadata<IAcceptsMetadata>()!.RequestType!);
            foreach (var name in RouteAccess.NamesOf(route))
            {
                foreach (var (list, sample) in WithNulls(body, json))
                {
                    var answer = await ApiOf(tenant, RouteAccess.Entries[name].May).SendAsync(RouteAccess.MethodOf(name), RouteAccess.PathOf(name, tenant, tenant), sample);
                    Assert.True(answer.Status == HttpStatusCode.BadRequest && answer.Code == "malformed", $"{name} with {sample}: {answer.Status} {answer.Body}");
                    Assert.Contains(list, answer.Text("detail"), StringComparison.Ordinal);
                    tried.Add($"{name} {list}");
                }
            }
        }

        // What was found missing a check, and one that is a list in a list.
        Assert.Contains(tried, one => one.StartsWith("POST /api/v1/accounts/{account_id:guid}/contacts addresses", StringComparison.Ordinal));
        Assert.Contains(tried, one => one.EndsWith("/disclosure_rules rules", StringComparison.Ordinal));
        Assert.Contains(tried, one => one.EndsWith("/availability_labels data", StringComparison.Ordinal));
        Assert.Contains(tried, one => one.EndsWith("/macros labels", StringComparison.Ordinal));
    }

    /// <summary>Bodies in which everything is there, each with a null in one of its lists.</summary>
    static IEnumerable<(string List, JsonObject Body)> WithNulls(JsonTypeInfo type, JsonSerializerOptions json)
    {
        foreach (var member in type.Kind == JsonTypeInfoKind.Object ? type.Properties : [])
        {
            var of = json.GetTypeInfo(member.PropertyType);
            if (of.Kind == JsonTypeInfoKind.Enumerable)
            {
                yield return (member.Name, With(new JsonArray((JsonNode?)null)));
                foreach (var (list, element) in WithNulls(json.GetTypeInfo(of.ElementType!), json))
                {
                    yield return (list, With(new JsonArray(element)));
                }
            }
            else
            {
                foreach (var (list, inner) in WithNulls(of, json))
                {
                    yield return (list, With(inner));
                }
            }

            JsonObject With(JsonNode value)
            {
                var body = SampleOf(type, json)!.AsObject();
                body[member.Name] = value;
                return body;
            }
        }
    }

    static JsonNode? SampleOf(JsonTypeInfo type, JsonSerializerOptions json) => type.Kind switch
    {
        JsonTypeInfoKind.Object => new JsonObject(type.Properties.Select(member => KeyValuePair.Create(member.Name, SampleOf(json.GetTypeInfo(member.PropertyType), json)))),
        JsonTypeInfoKind.Enumerable => new JsonArray(),
        JsonTypeInfoKind.Dictionary => new JsonObject(),
        _ => JsonSerializer.SerializeToNode(ValueOf(Nullable.GetUnderlyingType(type.Type) ?? type.Type), json),
    };

    static object? ValueOf(Type type) =>
        type == typeof(string) ? "x" : type == typeof(JsonElement) ? 1 : type.IsEnum ? Enum.GetValues(type).GetValue(0) : Activator.CreateInstance(type);

    Api ApiOf(Tenant tenant, Who may) =>
        may.HasFlag(Who.Anyone) ? server.Api()
        : may.HasFlag(Who.Operator) ? server.Api(server.Operator)
        : tenant.Of(new[] { Who.Administrator, Who.MasterAgent, Who.Agent, Who.Application, Who.Customer }.First(who => may.HasFlag(who))).Api;
}
