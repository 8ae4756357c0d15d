using System.Text.Json.Serialization;

namespace Rcc.Bench.Load;

/// <summary>Which hub is spoken to. The bare hub has the product's method names and shapes, but neither sync nor confirmations.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Dialect>))]
enum Dialect
{
    BareHub,
    Product,
}

/// <summary>Where the load goes and who takes part: the first line the generator is given.</summary>
/// <param name="Port">On 127.0.0.1.</param>
/// <param name="Path">Of the hub.</param>
/// <param name="Devices">One connection each.</param>
/// <param name="Conversations">Who meets whom.</param>
sealed record Site(int Port, string Path, Dialect Dialect, IReadOnlyList<SiteDevice> Devices, IReadOnlyList<SiteConversation> Conversations);

/// <summary>A device that connects.</summary>
/// <param name="Credential">Bearer token; null where the hub asks for none.</param>
/// <param name="Token">The sync token it presents; null to start from nothing.</param>
sealed record SiteDevice(Guid PersonId, string? Credential, string? Token = null);

/// <summary>One customer and the devices of one agent, as indexes into <see cref="Site.Devices"/>.</summary>
sealed record SiteConversation(Guid Id, int Customer, IReadOnlyList<int> Agent);
