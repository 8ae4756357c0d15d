using System.Runtime.InteropServices;

namespace Rcc.Core.Sync;

/// <summary>
/// Which devices of this node read which audiences of one tenant, kept up to date by the membership entries of the log itself, so that it is never ahead of or behind the
/// entries it filters. Guarded by its tail. A device is present from before its first page is read until its connection ends: whatever it is doing, its sign-out finds it here.
/// </summary>
internal sealed class TailAudiences(TenantId tenant)
{
    readonly Dictionary<Audience, List<ITailReader>> readers = [];
    readonly Dictionary<Guid, List<ITailReader>> persons = [];
    readonly HashSet<ITailReader> present = [];
    readonly List<ITailReader> touched = [];

    public bool IsEmpty => present.Count == 0;

    public void Enter(ITailReader link) => present.Add(link);

    public void Exit(ITailReader link)
    {
        Remove(link);
        present.Remove(link);
    }

    public void Add(ITailReader link, long at, IReadOnlyCollection<Audience> reads)
    {
        link.JoinedAt = at;
        foreach (var audience in reads)
        {
            Read(link, audience);
        }

        ListOf(persons, link.Caller.PersonId).Add(link);
    }

    public void Remove(ITailReader link)
    {
        foreach (var audience in link.Reads)
        {
            Drop(readers, audience, link);
        }

        link.Reads.Clear();
        Drop(persons, link.Caller.PersonId, link);
    }

    /// <summary>What the devices read, and what ends their connections: their own audiences, and that of the tenant's agents.</summary>
    public (HashSet<Audience> Audiences, HashSet<Guid> Persons) Interests() =>
        ([Audience.OfAgents(tenant), .. readers.Keys, .. present.Select(link => Audience.OfPerson(link.Caller.PersonId))], [.. persons.Keys]);

    public bool AreWithin(HashSet<Audience> audiences, HashSet<Guid> people)
    {
        var (reads, ofPersons) = Interests();
        return reads.IsSubsetOf(audiences) && ofPersons.IsSubsetOf(people);
    }

    /// <summary>Gives each device what is for it, and makes it visible to the device's sender only when the whole batch is through.</summary>
    public void Dispatch(AppliedBatch batch)
    {
        foreach (var entry in batch.Entries)
        {
            Watch(entry.Entry);
            Dispatch(entry, only: null);
        }

        foreach (var link in touched)
        {
            link.Publish(batch.To);
        }

        touched.Clear();
    }

    /// <summary>The same for one device that joins.</summary>
    public void Replay(AppliedBatch batch, ITailReader link)
    {
        foreach (var entry in batch.Entries)
        {
            Dispatch(entry, link);
        }

        touched.Clear();
        link.Publish(batch.To);
    }

    public void Tell(EphemeralEvent fact)
    {
        foreach (var link in CollectionsMarshal.AsSpan(readers.GetValueOrDefault(fact.Audience)))
        {
            if (link.Caller.PersonId != fact.PersonId)
            {
                link.Tell(fact);
            }
        }
    }

    void Dispatch(WireEntry entry, ITailReader? only)
    {
        if (entry.Entry is MembershipEntry membership)
        {
            Move(membership, only);
            return;
        }

        foreach (var audience in entry.Entry.Audiences)
        {
            foreach (var link in CollectionsMarshal.AsSpan(readers.GetValueOrDefault(audience)))
            {
                if ((only is null || ReferenceEquals(link, only)) && entry.Entry.ModSeq > link.JoinedAt && link.Stage(entry))
                {
                    touched.Add(link);
                }
            }
        }
    }

    void Move(MembershipEntry membership, ITailReader? only)
    {
        var (person, audience, state) = membership.Change;
        foreach (var link in CollectionsMarshal.AsSpan(persons.GetValueOrDefault(person)))
        {
            if ((only is not null && !ReferenceEquals(link, only)) || membership.ModSeq <= link.JoinedAt)
            {
                continue;
            }

            if (state == MembershipState.Reads)
            {
                Read(link, audience);
            }
            else if (link.Reads.Remove(audience))
            {
                Drop(readers, audience, link);
            }
        }
    }

    void Read(ITailReader link, Audience audience)
    {
        if (!(audience.Kind == AudienceKind.Notes && link.WithoutNotes) && link.Reads.Add(audience))
        {
            ListOf(readers, audience).Add(link);
        }
    }

    /// <summary>Suspended means out: the log itself tells the node whose connections end (design promise 11).</summary>
    void Watch(LogEntry entry)
    {
        switch (entry)
        {
            case ItemEntry { Key.Kind: ItemKind.Device } device when Ending.SignsOut(device):
                CloseWhere(link => link.Caller.DeviceId == device.Key.Id, "signed out");
                break;
            case ItemEntry { Key.Kind: ItemKind.Agent } agent when present.Any(link => link.Caller.PersonId == agent.Key.Id):
                var controls = Ending.ControlsOf(agent);
                CloseWhere(link => link.Caller.PersonId == agent.Key.Id && link.Caller.Controls != controls, Ending.ControlsChanged);
                break;
            case ItemEntry { Key.Kind: ItemKind.Account } account when account.Key.Id == tenant.Value && Ending.Suspends(account):
                CloseAll("suspended");
                break;
        }
    }

    public void CloseAll(string reason) => CloseWhere(_ => true, reason);

    void CloseWhere(Func<ITailReader, bool> condition, string reason)
    {
        foreach (var link in present.Where(condition).ToList())
        {
            link.Close(reason);
        }
    }

    static List<ITailReader> ListOf<TKey>(Dictionary<TKey, List<ITailReader>> lists, TKey key)
        where TKey : notnull => CollectionsMarshal.GetValueRefOrAddDefault(lists, key, out _) ??= [];

    static void Drop<TKey>(Dictionary<TKey, List<ITailReader>> lists, TKey key, ITailReader link)
        where TKey : notnull
    {
        if (lists.TryGetValue(key, out var links) && links.Remove(link) && links.Count == 0)
        {
            lists.Remove(key);
        }
    }
}
