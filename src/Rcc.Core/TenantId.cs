namespace Rcc.Core;

/// <summary>A tenant (account, Enterprise Customer). Part of every key and every statement; it comes from the caller's credential, never from a request alone.</summary>
[GenerateSerializer, Immutable, Alias("rcc.tenants.TenantId")]
public readonly record struct TenantId([property: Id(0)] Guid Value)
{
    /// <summary>The key of the tenant's own grains (tenant, log, routing). It begins with a letter outside a–f, as grain storage needs.</summary>
    public string Key => $"t-{Value:N}";

    /// <summary>The key of one of the tenant's things: its conversations, agents, groups.</summary>
    public string KeyOf(Guid id) => $"t-{Value:N}-{id:N}";

    /// <summary>Reads <see cref="Key"/>.</summary>
    public static TenantId Parse(string key) => new(Guid.ParseExact(key.AsSpan(2, 32), "N"));

    /// <summary>Reads <see cref="KeyOf"/>; a <see cref="Key"/> has no id.</summary>
    public static (TenantId Tenant, Guid Id) ParseOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return (Parse(key), key.Length > 34 ? Guid.ParseExact(key.AsSpan(35, 32), "N") : Guid.Empty);
    }

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}
