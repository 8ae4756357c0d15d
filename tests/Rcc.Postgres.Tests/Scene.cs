using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Devices;
using Rcc.Contracts.Sync;
using Rcc.Core;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Customers;
using Rcc.Core.Devices;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Postgres.Tests;

/// <summary>Somebody with a device.</summary>
public sealed record Somebody(Guid Id, Guid Device, Role Role, byte[] CredentialHash)
{
    public Author Author => new(Id, Device);

    public bool IsAgent => Role != Role.Customer;
}

/// <summary>A conversation and what is known of it.</summary>
public sealed record Talk(Guid Id, Somebody Customer)
{
    public int Revision { get; set; }

    public int HandlingRevision { get; set; } = 1;

    public ConversationStatus Status { get; set; }

    public Somebody? Agent { get; set; }

    public Dictionary<Lane, long> Seq { get; } = new() { [Lane.Public] = 0, [Lane.Notes] = 0 };

    public required ConversationState State { get; init; }

    public ItemKey Key => new(ItemKind.Conversation, Id);
}

/// <summary>One tenant in play: makes the proposals that the rooms would make, and hands them to the log store.</summary>
public sealed class Scene(Stores stores)
{
    long displayIds;

    public TenantId Tenant { get; } = new(Guid.CreateVersion7());

    public Guid Inbox { get; } = Guid.CreateVersion7();

    public string Slug { get; } = "s-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));

    public int TenantRevision { get; private set; }

    public Audience Agents => Audience.OfAgents(Tenant);

    public static async Task<Scene> OnboardAsync(Stores stores)
    {
        var scene = new Scene(stores);
        await scene.AcceptAsync(scene.TenantChange(suspended: false));
        scene.TenantRevision = 1;
        await scene.AcceptAsync(new Proposal
        {
            Rows = [new InboxRow { Id = scene.Inbox, Identifier = "i-" + scene.Slug, Name = "Web", AllowedOrigins = ["https://shop.example"] }],
        });
        return scene;
    }

    /// <summary>A tenant with one conversation of a customer and an agent.</summary>
    public static async Task<(Scene Scene, Somebody Customer, Somebody Agent, Talk Talk)> OpenOneAsync(Stores stores)
    {
        var scene = await OnboardAsync(stores);
        var customer = await scene.AddCustomerAsync();
        var agent = await scene.AddAgentAsync();
        return (scene, customer, agent, await scene.OpenAsync(customer, agent));
    }

    public static byte[] Json<T>(T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(value, type);

    public static CommandKey Command(long number, ulong body = 1) => new(number, new BodyHash(body, ~body));

    public Task<CommittedBatch> AppendAsync(params IReadOnlyList<Proposal> proposals) => stores.Log.AppendAsync(Tenant, proposals, TestContext.Current.CancellationToken);

    /// <summary>Appends one proposal, which must be accepted.</summary>
    public async Task<CommittedBatch> AcceptAsync(Proposal proposal)
    {
        var batch = await AppendAsync(proposal);
        Assert.Equal(AppendVerdict.Accepted, Assert.Single(batch.Results).Verdict);
        return batch;
    }

    public async Task<AppendVerdict> JudgeAsync(Proposal proposal) => (await AppendAsync(proposal)).Results[0].Verdict;

    public Proposal TenantChange(bool suspended) => new()
    {
        EvenIfSuspended = true,
        Items = [Item(new(ItemKind.Account, Tenant.Value), TenantRevision + 1, Json(new AccountState { Name = "Acme", Suspended = suspended }, ContractJson.Default.AccountState), Agents)],
        Rows = [new TenantRow { Name = "Acme", Slug = Slug, Suspended = suspended }],
    };

    public async Task SuspendAsync(bool suspended)
    {
        await AcceptAsync(TenantChange(suspended));
        TenantRevision++;
    }

    public static ItemChange Item(ItemKey key, int revision, byte[] state, Audience home, params ImmutableArray<Audience> tell) =>
        new(key, revision, [.. state], home, tell.Length > 0 ? tell : [home]);

    public async Task<Somebody> AddAgentAsync(string? email = null, Availability availability = Availability.Online)
    {
        var agent = NewSomebody(Role.Agent);
        var name = "Agent " + agent.Id.ToString()[^4..];
        await AcceptAsync(new Proposal
        {
            Audiences =
            [
                new(agent.Id, Agents, MembershipState.Reads), new(agent.Id, Audience.OfPerson(agent.Id), MembershipState.Reads),
            ],
            Items =
            [
                Item(new(ItemKind.Agent, agent.Id), 1, Json(new AgentState { Name = name, Role = Role.Agent, Availability = availability }, ContractJson.Default.AgentState), Agents),
                DeviceItem(agent, 1, null),
            ],
            Rows =
            [
                new AgentRow
                {
                    Id = agent.Id, Email = email ?? $"{agent.Id}@Example.com", Name = name, Role = Role.Agent, PasswordHash = "hash", Availability = availability,
                },
                DeviceOf(agent),
            ],
        });
        return agent;
    }

    public async Task<Somebody> AddCustomerAsync(string? identifier = null)
    {
        var customer = NewSomebody(Role.Customer);
        await AcceptAsync(new Proposal
        {
            Audiences = [new(customer.Id, Audience.OfPerson(customer.Id), MembershipState.Reads)],
            Items = [DeviceItem(customer, 1, null)],
            Rows = [new ContactRow { Id = customer.Id, Name = "Zoë", Identifier = identifier, CreatedAt = DateTimeOffset.UnixEpoch }, DeviceOf(customer) with { InboxId = Inbox }],
        });
        return customer;
    }

    public static ItemChange DeviceItem(Somebody somebody, int revision, DateTimeOffset? signedOutAt) => Item(
        new(ItemKind.Device, somebody.Device), revision,
        Json(new DeviceState { Name = "Browser", SignedInAt = DateTimeOffset.UnixEpoch, SignedOutAt = signedOutAt }, ContractJson.Default.DeviceState), Audience.OfPerson(somebody.Id));

    public static DeviceRow DeviceOf(Somebody somebody) => new()
    {
        Id = somebody.Device, PersonId = somebody.Id, Role = somebody.Role, Name = "Browser", CredentialHash = [.. somebody.CredentialHash], SignedInAt = DateTimeOffset.UnixEpoch,
    };

    public static Proposal SignOut(Somebody somebody, int revision = 2) => new()
    {
        Items = [DeviceItem(somebody, revision, DateTimeOffset.UnixEpoch.AddDays(1))],
        Rows = [new DeviceSignOutRow { Id = somebody.Device, SignedOutAt = DateTimeOffset.UnixEpoch.AddDays(1) }],
    };

    public async Task<Talk> OpenAsync(Somebody customer, Somebody? agent = null)
    {
        var talk = new Talk(Guid.CreateVersion7(), customer)
        {
            State = new ConversationState
            {
                DisplayId = Interlocked.Increment(ref displayIds), InboxId = Inbox, ContactId = customer.Id, Status = ConversationStatus.Open, OpenedAt = DateTimeOffset.UnixEpoch,
                ContributionId = Guid.CreateVersion7(),
            },
        };
        await AcceptAsync(Opening(talk, agent));
        talk.Revision = 1;
        talk.Agent = agent;
        return talk;
    }

    public Proposal Opening(Talk talk, Somebody? agent)
    {
        List<AudienceChange> audiences = [new(talk.Customer.Id, Audience.OfConversation(talk.Id), MembershipState.Reads)];
        List<RowWrite> rows = [RowOf(talk, agent, ConversationStatus.Open), new ParticipantRow { ConversationId = talk.Id, PersonId = talk.Customer.Id, IsAgent = false }];
        if (agent is not null)
        {
            audiences.AddRange(Joining(talk, agent, MembershipState.Reads));
            rows.Add(new ParticipantRow { ConversationId = talk.Id, PersonId = agent.Id, IsAgent = true });
        }

        return new Proposal
        {
            By = talk.Customer.Author,
            Audiences = [.. audiences],
            Items =
            [
                Item(talk.Key, 1, StateOf(talk, agent, ConversationStatus.Open), Audience.OfConversation(talk.Id), [Audience.OfConversation(talk.Id), .. Persons(talk.Customer, agent)]),
                Handling(talk, 1, agent),
            ],
            Rows = [.. rows],
        };
    }

    public Proposal Assigning(Talk talk, Somebody? agent)
    {
        List<AudienceChange> audiences = [];
        List<Departure> departures = [];
        List<RowWrite> rows = [RowOf(talk, agent, ConversationStatus.Open)];
        if (talk.Agent is { } former)
        {
            audiences.AddRange(Joining(talk, former, MembershipState.Left));
            departures.Add(new Departure(talk.Key, LeftReason.Left, [Audience.OfPerson(former.Id)]));
            rows.Add(new ParticipantRow { ConversationId = talk.Id, PersonId = former.Id, IsAgent = true, Left = true });
        }

        if (agent is not null)
        {
            audiences.AddRange(Joining(talk, agent, MembershipState.Reads));
            rows.Add(new ParticipantRow { ConversationId = talk.Id, PersonId = agent.Id, IsAgent = true });
        }

        return new Proposal
        {
            Audiences = [.. audiences],
            Items =
            [
                Item(talk.Key, talk.Revision + 1, StateOf(talk, agent, talk.Status), Audience.OfConversation(talk.Id), [Audience.OfConversation(talk.Id), .. Persons(agent)]),
                Handling(talk, talk.HandlingRevision + 1, agent),
            ],
            Departures = [.. departures],
            Rows = [.. rows],
        };
    }

    /// <summary>Somebody begins or ceases to read along, of which those who know the conversation are told nothing.</summary>
    public static Proposal ReadingAlong(Talk talk, Somebody reader, bool joins) => new()
    {
        Audiences = [.. Joining(talk, reader, joins ? MembershipState.Reads : MembershipState.Left)],
        Fences = [new(talk.Key, talk.Revision)],
        Shown = joins ? [new(talk.Key, talk.Revision, [.. StateOf(talk, talk.Agent, talk.Status)], [.. Persons(reader)])] : [],
        Departures = joins ? [] : [new(talk.Key, LeftReason.Left, [.. Persons(reader)])],
        Rows = [RowOf(talk, talk.Agent, talk.Status), new ParticipantRow { ConversationId = talk.Id, PersonId = reader.Id, IsAgent = true, Hidden = true, Left = !joins }],
    };

    public async Task AssignAsync(Talk talk, Somebody? agent)
    {
        await AcceptAsync(Assigning(talk, agent));
        talk.Revision++;
        talk.HandlingRevision++;
        talk.Agent = agent;
    }

    /// <summary>Resolves or reopens.</summary>
    public Proposal Turning(Talk talk, ConversationStatus status)
    {
        var membership = status == ConversationStatus.Open ? MembershipState.Reads : MembershipState.Rests;
        return new Proposal
        {
            Audiences = [new(talk.Customer.Id, Audience.OfConversation(talk.Id), membership), .. talk.Agent is { } agent ? Joining(talk, agent, membership) : []],
            Items =
            [
                Item(
                    talk.Key, talk.Revision + 1, StateOf(talk, talk.Agent, status), Audience.OfConversation(talk.Id),
                    status == ConversationStatus.Open ? [Audience.OfConversation(talk.Id), .. Persons(talk.Customer, talk.Agent)] : [.. Persons(talk.Customer, talk.Agent)]),
            ],
            Rows = [RowOf(talk, talk.Agent, status)],
        };
    }

    public async Task TurnAsync(Talk talk, ConversationStatus status)
    {
        await AcceptAsync(Turning(talk, status));
        talk.Revision++;
        talk.Status = status;
    }

    public Task SnoozeAsync(Talk talk, bool isSnoozed) => AcceptAsync(new Proposal { Rows = [RowOf(talk, talk.Agent, talk.Status) with { IsSnoozed = isSnoozed }] });

    /// <summary>A post as the conversation's grain proposes it: fenced by the conversation, answered by its message.</summary>
    public static Proposal Post(Talk talk, Somebody by, string text, long? number = null, Lane lane = Lane.Public, long? seq = null, Guid? messageId = null)
    {
        var message = new NewMessage(
            talk.Id, lane, seq ?? talk.Seq[lane] + 1, messageId ?? Guid.CreateVersion7(), by.Id, by.Role, "text/plain", [.. Encoding.UTF8.GetBytes(text)]);
        return new Proposal
        {
            By = by.Author,
            Command = number is { } given ? Command(given, (ulong)text.GetHashCode(StringComparison.Ordinal)) : null,
            Answer = new Answer { ConversationId = talk.Id, MessageId = message.MessageId, Seq = message.Seq },
            Fences = [new ItemFence(talk.Key, talk.Revision)],
            Messages = [message],
        };
    }

    public async Task PostAsync(Talk talk, Somebody by, int count = 1, Lane lane = Lane.Public)
    {
        for (var i = 0; i < count; i++)
        {
            await AcceptAsync(Post(talk, by, string.Create(CultureInfo.InvariantCulture, $"text {i}"), lane: lane));
            talk.Seq[lane]++;
        }
    }

    /// <summary>Many messages in one commit.</summary>
    public async Task PostManyAsync(Talk talk, Somebody by, int count)
    {
        foreach (var chunk in Enumerable.Range(1, count).Chunk(500))
        {
            await AcceptAsync(new Proposal
            {
                By = by.Author, Messages = [.. chunk.Select(i => Post(talk, by, "many", seq: talk.Seq[Lane.Public] + i - chunk[0] + 1).Messages[0])],
            });
            talk.Seq[Lane.Public] += chunk.Length;
        }
    }

    public static Proposal Advance(Talk talk, Somebody by, MarkKind kind, long first, long second) => new()
    {
        By = by.Author, Marks = [new MarkAdvance(kind, talk.Id, by.Id, first, second)],
    };

    public Task<DevicePage> PageAsync(Somebody reader, DevicePosition? position, int max = 1000, SyncFilter? filter = null) => stores.Sync.ReadPageAsync(
        new PageRequest
        {
            Tenant = Tenant, PersonId = reader.Id, DeviceId = reader.Device, Filter = filter ?? new SyncFilter(), Position = position, MaxItems = max,
        },
        TestContext.Current.CancellationToken);

    public async Task<long> NewestAsync() => (await stores.Sync.ReadNewestAsync([Tenant], TestContext.Current.CancellationToken))[0];

    public static Somebody NewSomebody(Role role) => new(Guid.CreateVersion7(), Guid.CreateVersion7(), role, RandomNumberGenerator.GetBytes(32));

    static IEnumerable<AudienceChange> Joining(Talk talk, Somebody agent, MembershipState state) =>
        [new(agent.Id, Audience.OfConversation(talk.Id), state), new(agent.Id, Audience.OfNotes(talk.Id), state)];

    static IEnumerable<Audience> Persons(params Somebody?[] people) => people.OfType<Somebody>().Select(person => Audience.OfPerson(person.Id));

    static ItemChange Handling(Talk talk, int revision, Somebody? agent)
    {
        var state = new HandlingState { QueueId = talk.State.InboxId, Agents = agent is null ? [] : [new(agent.Id, Part.Server)] };
        return new(
            ItemKey.OfHandling(talk.Id), revision, [.. Json(state, ContractJson.Default.HandlingState)], Audience.OfNotes(talk.Id), [.. Persons(agent)]);
    }

    static byte[] StateOf(Talk talk, Somebody? agent, ConversationStatus status) =>
        Json(talk.State with { Status = status, AssigneeId = agent?.Id }, ContractJson.Default.ConversationState);

    static ConversationRow RowOf(Talk talk, Somebody? agent, ConversationStatus status) => new()
    {
        Id = talk.Id, DisplayId = talk.State.DisplayId, InboxId = talk.State.InboxId, ContactId = talk.Customer.Id, Status = status, AssigneeId = agent?.Id, OpenedAt = talk.State.OpenedAt,
        QueueId = talk.State.InboxId,
        SessionSince = DateTimeOffset.UnixEpoch,
        WaitingSince = agent is null && status == ConversationStatus.Open ? DateTimeOffset.UnixEpoch : null,
    };
}
