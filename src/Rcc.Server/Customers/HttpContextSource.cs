using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Options;
using Rcc.Contracts.Customers;
using Rcc.Core;
using Rcc.Core.Customers;

namespace Rcc.Server.Customers;

/// <summary>Asks a tenant's own server by HTTP: one POST, signed as Standard Webhooks are.</summary>
internal sealed class HttpContextSource(LookupHttp http, IOptions<CustomerOptions> options, SealedSecrets secrets, TimeProvider clock) : IContextSource
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { NoNullElements.Demand } },
    };

    public LookupOrigin Origin => LookupOrigin.Server;

    public async Task<LookupResult> LookUpAsync(LookupQuestion question, CancellationToken cancellationToken)
    {
        if (question.Where.OpenSecret(secrets, question.Tenant) is not { } secret)
        {
            return LookupResult.Failed(LookupFailure.SecretLost);
        }

        return await http.AskAsync(
            null,
            async (client, soon) =>
            {
                using var request = Ask(question, secret);
                using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, soon);
                return response.StatusCode switch
                {
                    HttpStatusCode.OK => await http.ReadAsync(response.Content, soon) is { } json ? Understand(json) : LookupResult.Failed(LookupFailure.TooLarge),
                    HttpStatusCode.NoContent => new(),
                    _ => LookupResult.Failed(LookupFailure.Status),
                };
            },
            cancellationToken);
    }

    HttpRequestMessage Ask(LookupQuestion question, string secret)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new Question(
                "contact.lookup",
                question.Tenant.Value,
                new(question.ContactId, question.Contact.Identifier, question.Contact.Name, question.Contact.Email, question.Contact.Addresses)),
            Json);
        var id = $"msg_{question.Lookup:N}";
        var timestamp = clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] signed = [.. Encoding.ASCII.GetBytes($"{id}.{timestamp}."), .. body];
        var signature = HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), signed);
        return new(HttpMethod.Post, question.Where.Url)
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } },
            Headers = { { "webhook-id", id }, { "webhook-timestamp", timestamp }, { "webhook-signature", $"v1,{Convert.ToBase64String(signature)}" }, { "Accept", "application/json" } },
        };
    }

    LookupResult Understand(ReadOnlySpan<byte> json)
    {
        try
        {
            var found = JsonSerializer.Deserialize<Answer>(json, Json)?.Context.Select(value => new FoundContext(
                value.Name, value.Value.GetRawText(), value.LifetimeSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null)).ToImmutableArray();
            return found is { } all && all.All(IsRight) && all.DistinctBy(value => value.Name, StringComparer.Ordinal).Count() == all.Length
                ? new() { Found = all }
                : LookupResult.Failed(LookupFailure.Malformed);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or ArgumentException or FormatException or OverflowException)
        {
            // Whatever the serializer makes of it: it is not as documented.
            return LookupResult.Failed(LookupFailure.Malformed);
        }
    }

    bool IsRight(FoundContext value) =>
        Rcc.Core.Customers.ContextInformation.IsName(value.Name) && Encoding.UTF8.GetByteCount(value.Json) <= options.Value.MaxContextValueBytes && (value.Lifetime is null || value.Lifetime > TimeSpan.Zero);

    sealed record Question(string Type, Guid AccountId, Customer Contact);

    sealed record Customer(Guid Id, string? Identifier, string? Name, string? Email, IReadOnlyList<ContactAddress> Addresses);

    sealed record Answer(IReadOnlyList<NamedValue> Context);

    sealed record NamedValue(string Name, JsonElement Value, int? LifetimeSeconds = null);
}
