using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans;

namespace Rcc.LocalSilo;

/// <summary>A grain class and its mailboxes by key.</summary>
sealed class GrainClass
{
    readonly ConcurrentDictionary<string, Mailbox> mailboxes = new(StringComparer.Ordinal);
    readonly ObjectFactory construct;

    public GrainClass(Silo silo, Type type)
    {
        Silo = silo;
        Type = type;
        Name = type.GetCustomAttribute<GrainTypeAttribute>()?.GrainType ?? DefaultName(type);
        construct = ActivatorUtilities.CreateFactory(type, []);
        CollectionAge = type.IsDefined(typeof(KeepAliveAttribute)) ? TimeSpan.MaxValue
            : type.GetCustomAttribute<CollectionAgeLimitAttribute>() is { } limit ? (limit.AlwaysActive ? TimeSpan.MaxValue : limit.AgeLimit)
            : silo.Options.CollectionAge;
    }

    public Silo Silo { get; }

    public Type Type { get; }

    public string Name { get; }

    public TimeSpan CollectionAge { get; }

    public IEnumerable<Mailbox> Mailboxes => mailboxes.Select(entry => entry.Value);

    public Grain Construct(IServiceProvider services) => (Grain)construct(services, null);

    /// <summary>The mailbox for the key, made when there is none. Null when the silo may have no more.</summary>
    public Mailbox? MailboxOf(string key)
    {
        if (mailboxes.TryGetValue(key, out var found))
        {
            return found;
        }

        if (!Silo.TryReserveActivation())
        {
            return null;
        }

        var made = new Mailbox(new GrainAddress(this, key));
        found = mailboxes.GetOrAdd(key, made);
        if (!ReferenceEquals(found, made))
        {
            Silo.ReleaseActivation();
        }

        return found;
    }

    public void Remove(Mailbox mailbox)
    {
        if (mailboxes.TryRemove(new(mailbox.Key, mailbox)))
        {
            Silo.ReleaseActivation();
        }
    }

    static string DefaultName(Type type)
    {
        var name = type.Name.EndsWith("Grain", StringComparison.Ordinal) && type.Name.Length > 5 ? type.Name[..^5] : type.Name;
        return name.ToLowerInvariant();
    }
}
