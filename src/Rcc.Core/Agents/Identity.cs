using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rcc.Core.Sync;

namespace Rcc.Core.Agents;

/// <summary>Who somebody is to an OpenID provider, and which agent that is. Issuer and subject name a person for ever; an e-mail address does not (OpenID Connect Core 1.0 §5.7).</summary>
public sealed record Identity(string Issuer, string Subject, Guid AgentId)
{
    /// <summary>Two that differ never meet: the first half of a SHA-256 has no second pre-image.</summary>
    public static ItemKey Key(string issuer, string subject) =>
        new(ItemKind.Identity, new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{issuer}\n{subject}")).AsSpan(0, 16)));

    public static Identity Read(StoredItem item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return item.Read(IdentityJson.Default.Identity);
    }

    internal ItemChange ToItem(int revision) => new(
        Key(Issuer, Subject), revision, ImmutableArray.Create(JsonSerializer.SerializeToUtf8Bytes(this, IdentityJson.Default.Identity)), Audience.OfNobody, []);
}

/// <summary>What a provider has said of somebody who signs in; its signature was checked.</summary>
[GenerateSerializer, Immutable, Alias("rcc.agents.IdentityClaim")]
public sealed record IdentityClaim([property: Id(0)] string Issuer, [property: Id(1)] string Subject)
{
    /// <summary>Only an address that the provider has verified.</summary>
    [Id(2)] public string? VerifiedEmail { get; init; }

    [Id(3)] public string? Name { get; init; }

    /// <summary>SHA-256 of the invitation that the person came with.</summary>
    [Id(4)] public ImmutableArray<byte> InvitationHash { get; init; } = [];
}

/// <summary>The agent an identity is linked to now.</summary>
/// <param name="Revision">Of the link; 0: there is none.</param>
/// <param name="AgentId">Whose it is; null: nobody's, or that of an agent who was removed.</param>
public readonly record struct IdentityLink(int Revision, Guid? AgentId);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Identity))]
internal sealed partial class IdentityJson : JsonSerializerContext;
