using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Customers;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Customers;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;
using Rcc.Core.Tests.Grains;

namespace Rcc.Core.Tests.Customers;

/// <summary>Random edits, merges and unmerges by two live copies of every contact, each with memories of its own age, against a model that knows only what each contact has by itself and where it was merged to.</summary>
public class ContactStormTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 30)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_is_merged_and_unmerged_everything_is_where_it_belongs(int seed)
    {
        var world = new World(seed);
        for (var step = 0; step < 300; step++)
        {
            world.Step();
        }

        // A run in which nothing happens, or nobody is ever overtaken, proves nothing.
        Assert.InRange(world.Merges, 8, 300);
        Assert.InRange(world.Unmerges, 3, 300);
        Assert.InRange(world.Fenced, 5, 3_000);
        Assert.InRange(world.Taken, 1, 300);
    }

    sealed class World
    {
        static readonly CustomerOptions Options = new() { MaxMerged = 5 };
        static readonly string[] Labels = ["angry", "friend", "vip"];
        static readonly string[] Services = ["mobile", "tv"];
        static readonly Caller Master = Callers.Master();

        readonly Random random;
        readonly MemoryTenant store = new();
        readonly Dictionary<(int Copy, Guid Contact), Dossier?> memories = [];
        readonly Dictionary<Guid, Person> people = [];
        readonly List<Guid> agents = [];
        readonly List<Guid> conversations = [];
        long displayId;

        public World(int seed)
        {
            random = new(seed);
            Commit(new() { EvenIfSuspended = true, Rows = [new TenantRow { Name = "Acme", Slug = "acme" }] });
            for (var i = 0; i < 3; i++)
            {
                agents.Add(NextId());
                Commit(new() { Rows = [new AgentRow { Id = agents[i], Email = $"{i}@acme.test", Name = "Bob", Role = Role.Agent, PasswordHash = "-", Availability = default }] });
            }

            foreach (var label in Labels)
            {
                Commit(ContactSettings.PutLabel(Callers.Tenant, store.Dossiers.Settings, new(label, "#000000", null), mustBeNew: true, Options).Change!);
            }

            for (var i = 0; i < 8; i++)
            {
                var id = NextId();
                var made = Contact.Create(id, null, new($"Name {i}", null, $"crm-{i}", []), Callers.Noon, Options);
                Commit(made.Change!);
                people.Add(id, new() { Id = id, Name = $"Name {i}" });
            }
        }

        public int Merges { get; private set; }

        public int Unmerges { get; private set; }

        public int Fenced { get; private set; }

        public int Taken { get; private set; }

        public void Step()
        {
            var contact = Pick();
            var root = Root(people[contact]);
            var address = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"+1555{random.Next(14)}");
            switch (random.Next(10))
            {
                case 0 or 1:
                    Put(root, address);
                    break;
                case 2:
                    Remove(root, address);
                    break;
                case 3:
                    MergeInto(root, people[Pick()]);
                    break;
                case 4:
                    UnmergeFrom(root, people[Pick()]);
                    break;
                case 5:
                    Rename(people[contact]);
                    break;
                case 6:
                    Label(root);
                    break;
                case 7:
                    Subscribe(root);
                    break;
                default:
                    Turn();
                    break;
            }

            // Not always at once: whoever is due is looked at some time later.
            if (random.Next(3) == 0)
            {
                LookAtAll();
                CheckViews();
            }

            Check();
        }

        void Put(Person root, string address)
        {
            var owner = people.Values.FirstOrDefault(person => person.Addresses.Contains(address));
            var verdict = Decide(root.Id, now => Contact.PutAddress(now, Master, AddressKind.Tel, address, null, Options));
            if (owner is null)
            {
                Assert.Equal(ErrorCode.Ok, verdict);
                root.Addresses.Add(address);
            }
            else if (Root(owner) == root)
            {
                Assert.Equal(ErrorCode.Ok, verdict);
            }
            else
            {
                Assert.Equal(ErrorCode.Taken, verdict);
                Taken++;
            }
        }

        void Remove(Person root, string address)
        {
            var family = people.Values.Where(person => Root(person) == root).ToList();
            var had = family.Find(person => person.Addresses.Remove(address)) is not null;
            Assert.Equal(had ? ErrorCode.Ok : ErrorCode.NotFound, Decide(root.Id, now => Contact.RemoveAddress(now, Master, AddressKind.Tel, address)));
        }

        void MergeInto(Person root, Person person)
        {
            var other = Root(person);
            var count = people.Values.Count(one => Root(one) == root || Root(one) == other) - 1;
            var verdict = Decide(root.Id, now => ContactMerge.Merge(now, Master, store.Dossiers.Load(other.Id), Callers.Noon, Options));
            if (other != root && count > Options.MaxMerged)
            {
                Assert.Equal(ErrorCode.TooLarge, verdict);
                return;
            }

            Assert.Equal(ErrorCode.Ok, verdict);
            if (other != root)
            {
                other.MergedInto = root;
                Merges++;
            }
        }

        void UnmergeFrom(Person root, Person person)
        {
            var verdict = Decide(root.Id, now => ContactMerge.Unmerge(now, Master, person.Id, Callers.Noon));
            if (person == root || Root(person) != root)
            {
                Assert.Equal(ErrorCode.NotFound, verdict);
                return;
            }

            Assert.Equal(ErrorCode.Ok, verdict);
            person.MergedInto = null;
            Unmerges++;
        }

        /// <summary>Says which labels the one customer has.</summary>
        void Label(Person root)
        {
            string[] given = [.. Labels.Where(_ => random.Next(2) == 0)];
            Assert.Equal(ErrorCode.Ok, Decide(root.Id, now => Contact.Edit(now, Master, new() { Labels = [.. given] }, Options)));
            foreach (var person in people.Values.Where(one => Root(one) == root))
            {
                person.Labels.IntersectWith(given);
            }

            root.Labels.UnionWith(given);
        }

        /// <summary>Says that the one customer has a subscription, or that it has it no more.</summary>
        void Subscribe(Person root)
        {
            var service = Services[random.Next(Services.Length)];
            if (random.Next(3) == 0)
            {
                Assert.Equal(ErrorCode.Ok, Decide(root.Id, now => Contact.ClearContext(now, Master, $"subscription:{service}", null)));
                foreach (var person in people.Values.Where(one => Root(one) == root))
                {
                    person.Subscriptions.Remove(service);
                }

                return;
            }

            var plan = $"plan {random.Next(100)}";
            var context = new NewContext { Name = $"subscription:{service}", Json = $$"""{"status":"active","plan":"{{plan}}"}""", Source = ContextSource.Manual };
            Assert.Equal(ErrorCode.Ok, Decide(root.Id, now => Contact.SetContext(now, Master, context, Callers.Noon, Options)));
            root.Subscriptions[service] = plan;
        }

        /// <summary>A customer comes in again by itself, merged or not, and says another name.</summary>
        void Rename(Person person)
        {
            person.Name = $"Name {random.Next(1_000)}";
            var device = new Rcc.Core.Devices.NewDevice(NextId(), "Phone", [1], Callers.Noon);
            Assert.Equal(ErrorCode.Ok, Decide(person.Id, now => Contact.Begin(person.Id, now, Callers.Inbox, new(now!.Record.Identifier!), person.Name, null, device, [], new())));
        }

        /// <summary>A conversation is opened with agents, changes them, or is resolved.</summary>
        void Turn()
        {
            var known = conversations.Count > 0 && random.Next(3) > 0 ? conversations[random.Next(conversations.Count)] : (Guid?)null;
            var row = known is { } id
                ? store.Conversations[id] with { Status = random.Next(2) == 0 ? ConversationStatus.Resolved : ConversationStatus.Open }
                : new ConversationRow { Id = NextId(), DisplayId = ++displayId, InboxId = Callers.Inbox, ContactId = Pick(), Status = ConversationStatus.Open, OpenedAt = Callers.Noon, SessionSince = Callers.Noon, QueueId = Callers.Tenant.Value };
            conversations.Add(row.Id);
            Commit(new() { Rows = [row, new ParticipantRow { ConversationId = row.Id, PersonId = agents[random.Next(3)], IsAgent = true, Left = random.Next(3) == 0 }] });
        }

        /// <summary>As the grain's shell does it, with the memory of one of two copies.</summary>
        ErrorCode Decide(Guid contact, Func<Dossier?, Decision<Dossier>> decide, bool afresh = false)
        {
            var key = (random.Next(2), contact);
            if (afresh)
            {
                memories.Remove(key);
            }

            var isFresh = !memories.ContainsKey(key);
            while (true)
            {
                var now = isFresh ? store.Dossiers.Load(contact) : memories[key];
                var decision = decide(now);
                if (decision.Refusal is { } refusal)
                {
                    if (isFresh)
                    {
                        return refusal.Code;
                    }

                    isFresh = true;
                    continue;
                }

                var result = store.Append(decision.Change!);
                if (result.Verdict == AppendVerdict.Accepted)
                {
                    memories[key] = decision.Next;
                    return ErrorCode.Ok;
                }

                memories.Remove(key);
                if (result.Verdict != AppendVerdict.Fenced)
                {
                    return result.Answer.Code;
                }

                Assert.False(isFresh, "What was read just now was fenced.");
                Fenced++;
                isFresh = true;
            }
        }

        void LookAtAll()
        {
            while (store.Dossiers.Due.Keys.FirstOrDefault() is var due && due != Guid.Empty)
            {
                var stamp = store.Dossiers.Due[due].Stamp;
                var verdict = Decide(due, now => Contact.Look(now, Callers.Noon), afresh: true);
                Assert.True(verdict is ErrorCode.Ok or ErrorCode.Conflict, verdict.ToString());
                store.Dossiers.Settle(due, stamp, null);
            }
        }

        void Check()
        {
            foreach (var person in people.Values)
            {
                Assert.Equal(Root(person).Id, store.Dossiers.Resolve(person.Id));
                var own = store.Dossiers.Load(person.Id)!;
                Assert.Equal(person.Name, own.Record.Name);
                Assert.Equal(person.Addresses.Order(StringComparer.Ordinal), own.Record.Addresses.Select(address => address.Value).Order(StringComparer.Ordinal));
                var family = people.Values.Where(one => IsBelow(one, person)).ToList();
                Assert.Equal(family.Where(one => one != person).Select(one => one.Id).Order(), own.Merged.Select(merged => merged.Id).Order());
                Assert.Equal(
                    family.SelectMany(one => one.Addresses).Order(StringComparer.Ordinal), own.Combined.Addresses.Select(address => address.Value).Order(StringComparer.Ordinal));
            }

            foreach (var person in people.Values)
            {
                var labels = person.MergedInto is null ? people.Values.Where(one => Root(one) == person).SelectMany(one => one.Labels).Distinct(StringComparer.Ordinal) : [];
                Assert.Equal(person.Labels.Order(StringComparer.Ordinal), store.Dossiers.Load(person.Id)!.Record.Labels);
                Assert.Equal(SubscriptionsOf(person), store.Dossiers.Subscriptions.TryGetValue(person.Id, out var row) ? row.Subscriptions.Select(use => (use.Service, use.Plan!)) : []);
                Assert.Equal(labels.Order(StringComparer.Ordinal), store.Dossiers.Tagging.TryGetValue(person.Id, out var tagging) ? tagging.Labels : []);
            }

            var all = people.Values.SelectMany(person => person.Addresses.Select(address => (address, person.Id))).OrderBy(one => one.address, StringComparer.Ordinal);
            Assert.Equal(all, store.Dossiers.Addresses.Select(one => (one.Key.Value, one.Value)).OrderBy(one => one.Item1, StringComparer.Ordinal));
        }

        /// <summary>What it is found by: its own before what came with another, and what came earlier before what came later; one that was merged by nothing.</summary>
        IEnumerable<(string Service, string Plan)> SubscriptionsOf(Person person)
        {
            var family = person.MergedInto is null ? store.Dossiers.Load(person.Id)!.Merged.Select(merged => people[merged.Id]).Prepend(person) : [];
            return family.SelectMany(one => one.Subscriptions).GroupBy(one => one.Key, StringComparer.Ordinal).OrderBy(same => same.Key, StringComparer.Ordinal).Select(same => (same.Key, same.First().Value));
        }

        /// <summary>Once nobody is due, each agent has what it may see of whom it serves, and nothing else.</summary>
        void CheckViews()
        {
            var shown = store.Items.Values.Where(item => item.Key.Kind == ItemKind.Contact).ToDictionary(item => item.Key, item => JsonSerializer.Deserialize(item.State.AsSpan(), ContractJson.Default.ContactState)!);
            var open = store.Conversations.Values.Where(row => row.Status == ConversationStatus.Open).ToList();
            var expected =
                from part in store.Participants
                where part is { IsAgent: true, Left: false }
                from row in open
                where row.Id == part.ConversationId
                from person in people.Values
                where IsBelow(people[row.ContactId], person)
                select new ItemKey(ItemKind.Contact, person.Id, part.PersonId);
            Assert.Equal(expected.ToHashSet(), shown.Keys.ToHashSet());
            foreach (var (key, state) in shown)
            {
                var person = people[key.Id];
                Assert.Equal(person.MergedInto?.Id, state.MergedInto);
                Assert.Equal(
                    person.MergedInto is null ? people.Values.Where(one => Root(one) == person).SelectMany(one => one.Addresses).Order(StringComparer.Ordinal) : [],
                    state.Addresses.Select(address => address.Value).Order(StringComparer.Ordinal));
            }
        }

        void Commit(Proposal proposal) => Assert.Equal(AppendVerdict.Accepted, store.Append(proposal).Verdict);

        Guid Pick() => people.Keys.ElementAt(random.Next(people.Count));

        Guid NextId()
        {
            var bytes = new byte[16];
            random.NextBytes(bytes);
            return new(bytes);
        }

        static Person Root(Person person) => person.MergedInto is { } up ? Root(up) : person;

        static bool IsBelow(Person person, Person other) => person == other || (person.MergedInto is { } up && IsBelow(up, other));
    }

    sealed class Person
    {
        public required Guid Id { get; init; }

        public required string Name { get; set; }

        public HashSet<string> Addresses { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Labels { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, string> Subscriptions { get; } = new(StringComparer.Ordinal);

        public Person? MergedInto { get; set; }
    }
}
