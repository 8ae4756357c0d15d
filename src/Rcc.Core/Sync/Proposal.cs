using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;

namespace Rcc.Core.Sync;

/// <summary>
/// One decided change, handed to the tenant's log to be committed whole or not at all. Within a proposal the log numbers audience changes first, then items, what is shown of them, and departures, then messages, then marks:
/// whoever joins can read the items that say why.
/// </summary>
[GenerateSerializer, Immutable, Alias("rcc.sync.Proposal")]
public sealed record Proposal
{
    /// <summary>The device that asked, whose session must still be live when the change is committed; absent for decisions of the server itself.</summary>
    [Id(0)] public Author? By { get; init; }

    /// <summary>The command, for exactly-once; absent for decisions that are safe to make again.</summary>
    [Id(1)] public CommandKey? Command { get; init; }

    /// <summary>What a first and every later attempt of the command is answered. The log fills in <see cref="Answer.At"/>.</summary>
    [Id(2)] public Answer Answer { get; init; } = Answer.Done;

    /// <summary>Items whose revision must be unchanged, or that must be there. <see cref="Items"/> fence themselves.</summary>
    [Id(3)] public ImmutableArray<ItemFence> Fences { get; init; } = [];

    [Id(4)] public ImmutableArray<AudienceChange> Audiences { get; init; } = [];

    [Id(5)] public ImmutableArray<ItemChange> Items { get; init; } = [];

    [Id(6)] public ImmutableArray<Departure> Departures { get; init; } = [];

    [Id(7)] public ImmutableArray<NewMessage> Messages { get; init; } = [];

    [Id(8)] public ImmutableArray<MarkAdvance> Marks { get; init; } = [];

    /// <summary>Rows of the rooms' own tables: what must be listed, searched or counted.</summary>
    [Id(9)] public ImmutableArray<RowWrite> Rows { get; init; } = [];

    /// <summary>Carried out although the tenant is suspended: resuming it, deleting it, late receipts.</summary>
    [Id(10)] public bool EvenIfSuspended { get; init; }

    /// <summary>Agents who must have capacity for what the proposal gives or offers them.</summary>
    [Id(11)] public ImmutableArray<CapacityClaim> Claims { get; init; } = [];

    /// <summary>What the action record is to keep of this; every administrative act has one.</summary>
    [Id(12)] public Act? Act { get; init; }

    /// <summary>Items that do not change, told to who begins to read them. Numbered after <see cref="Items"/>; each rests on a fence of its own among <see cref="Fences"/>.</summary>
    [Id(13)] public ImmutableArray<Showing> Shown { get; init; } = [];
}

/// <summary>An item as it stands, told to audiences that have not been told it. Who knows it is told nothing, and cannot even see that its revision has moved.</summary>
[GenerateSerializer, Immutable, Alias("rcc.sync.Showing")]
public sealed record Showing(
    [property: Id(0)] ItemKey Key,
    [property: Id(1)] int Revision,
    [property: Id(2)] ImmutableArray<byte> State,
    [property: Id(3)] ImmutableArray<Audience> Tell);

/// <summary>
/// The agent must serve, or be offered, fewer than <see cref="Max"/> conversations when the change is committed. Counted in the store under the tenant's lock, so that no two decisions can both take the last place.
/// </summary>
[GenerateSerializer, Immutable, Alias("rcc.sync.CapacityClaim")]
public readonly record struct CapacityClaim([property: Id(0)] Guid AgentId, [property: Id(1)] int Max);

/// <summary>Who asked.</summary>
[GenerateSerializer, Immutable, Alias("rcc.sync.Author")]
public readonly record struct Author([property: Id(0)] Guid PersonId, [property: Id(1)] Guid DeviceId);

/// <summary>
/// Identifies a command for ever, together with <see cref="Author.DeviceId"/> (INV-8). <see cref="Number"/> is the device's running number, or negative: a hash of an
/// <c>Idempotency-Key</c>, which has no order and so is never too old.
/// </summary>
[GenerateSerializer, Immutable, Alias("rcc.sync.CommandKey")]
public readonly record struct CommandKey([property: Id(0)] long Number, [property: Id(1)] BodyHash Hash);

/// <summary>The first 128 bits of the SHA-256 of a command's canonical body.</summary>
[GenerateSerializer, Immutable, Alias("rcc.sync.BodyHash")]
public readonly record struct BodyHash([property: Id(0)] ulong High, [property: Id(1)] ulong Low);

/// <summary>What a command is answered, as it is kept.</summary>
[GenerateSerializer, Immutable, Alias("rcc.sync.Answer")]
public sealed record Answer
{
    [Id(0)] public ErrorCode Code { get; init; }

    [Id(1)] public string? Detail { get; init; }

    [Id(2)] public Guid? ConversationId { get; init; }

    [Id(3)] public Guid? MessageId { get; init; }

    [Id(4)] public long? Seq { get; init; }

    [Id(5)] public int? Revision { get; init; }

    [Id(6)] public Guid? Id { get; init; }

    [Id(7)] public DateTimeOffset? At { get; init; }

    /// <summary>The conversation as it was when something was refused, as devices get it.</summary>
    [Id(8)] public string? Conversation { get; init; }

    public bool IsOk => Code == ErrorCode.Ok;

    public static Answer Done { get; } = new();

    public static Answer Refused(ErrorCode code, string? detail = null) => new() { Code = code, Detail = detail };

    /// <summary>Nothing was changed at the time of a refusal.</summary>
    public Answer CommittedAt(DateTimeOffset at) => IsOk ? this with { At = at } : this;

    public Outcome ToOutcome() => new()
    {
        Code = Code, Detail = Detail, ConversationId = ConversationId, MessageId = MessageId, Seq = Seq, Revision = Revision, Id = Id, At = At,
        Conversation = Conversation is { } state ? JsonSerializer.Deserialize(state, ContractJson.Default.ConversationState) : null,
    };
}

/// <summary>The item must have exactly this revision when the change is committed (0: must not exist).</summary>
[GenerateSerializer, Immutable, Alias("rcc.sync.ItemFence")]
public readonly record struct ItemFence([property: Id(0)] ItemKey Key, [property: Id(1)] int Revision)
{
    /// <summary>It must exist, in whatever state.</summary>
    public const int AnyRevision = -1;

    /// <summary>The item must be there: who only names it stands in nobody's way who changes it, nor in that of others who name it.</summary>
    public static ItemFence Exists(ItemKey key) => new(key, AnyRevision);

    /// <summary>Whether the change may be committed while the item has this revision (0: there is none).</summary>
    public bool Holds(int stored) => Revision == AnyRevision ? stored > 0 : stored == Revision;
}

/// <summary>
/// A new state of an item. It is fenced: the stored revision must be <see cref="Revision"/> − 1. <see cref="Home"/> is the audience a device reads it by when it starts from nothing;
/// <see cref="Tell"/> are the audiences the entry is written to.
/// </summary>
[GenerateSerializer, Immutable, Alias("rcc.sync.ItemChange")]
public sealed record ItemChange(
    [property: Id(0)] ItemKey Key,
    [property: Id(1)] int Revision,
    [property: Id(2)] ImmutableArray<byte> State,
    [property: Id(3)] Audience Home,
    [property: Id(4)] ImmutableArray<Audience> Tell)
{
    /// <summary>A state that is told to its home alone.</summary>
    public static ItemChange Of<T>(ItemKey key, int revision, T state, JsonTypeInfo<T> shape, Audience home) =>
        new(key, revision, ImmutableArray.Create(JsonSerializer.SerializeToUtf8Bytes(state, shape)), home, [home]);
}

/// <summary>Tells an audience that an object is gone for it. <see cref="Delete"/> also removes the item itself, for ever.</summary>
[GenerateSerializer, Immutable, Alias("rcc.sync.Departure")]
public sealed record Departure(
    [property: Id(0)] ItemKey Key,
    [property: Id(1)] LeftReason Reason,
    [property: Id(2)] ImmutableArray<Audience> Tell,
    [property: Id(3)] bool Delete = false);

/// <summary>A person begins or ends to belong to an audience.</summary>
[GenerateSerializer, Immutable, Alias("rcc.sync.AudienceChange")]
public readonly record struct AudienceChange([property: Id(0)] Guid PersonId, [property: Id(1)] Audience Audience, [property: Id(2)] MembershipState State);

/// <summary>How a person belongs to an audience. The numbers stand in the store.</summary>
public enum MembershipState : short
{
    /// <summary>Reads the entries.</summary>
    Reads = 0,

    /// <summary>Belongs to it still, but nothing is written to it any more: a resolved conversation, whose changes go to its people's own audiences.</summary>
    Rests = 1,

    /// <summary>Does not belong to it any more.</summary>
    Left = 2,
}

/// <summary>A message to append. It is fenced by (conversation, lane, seq): <see cref="Seq"/> must be one more than the newest.</summary>
[GenerateSerializer, Immutable, Alias("rcc.sync.NewMessage")]
public sealed record NewMessage(
    [property: Id(0)] Guid ConversationId,
    [property: Id(1)] Lane Lane,
    [property: Id(2)] long Seq,
    [property: Id(3)] Guid MessageId,
    [property: Id(4)] Guid PersonId,
    [property: Id(5)] Role Role,
    [property: Id(6)] string ContentType,
    [property: Id(7)] ImmutableArray<byte> Content);

/// <summary>
/// Moves two positions of a person in a conversation forward; they are merged by maximum and cut at the newest message, and what does not move, or belongs to somebody who takes no part, leaves no entry.
/// A mark that moved is told to the conversation, or to its people's own audiences while it is resolved (<see cref="MarkKind.Receipt"/>), or to the person alone (<see cref="MarkKind.Read"/>).
/// </summary>
[GenerateSerializer, Immutable, Alias("rcc.sync.MarkAdvance")]
public readonly record struct MarkAdvance(
    [property: Id(0)] MarkKind Kind,
    [property: Id(1)] Guid ConversationId,
    [property: Id(2)] Guid PersonId,
    [property: Id(3)] long First,
    [property: Id(4)] long Second);

/// <summary>What the two positions of a mark are. The numbers are those of <see cref="ItemKind"/>.</summary>
public enum MarkKind : short
{
    /// <summary>Delivered and displayed, both in the public lane. Displayed draws delivered along.</summary>
    Receipt = 2,

    /// <summary>Read in the public lane and in the notes.</summary>
    Read = 3,
}

/// <summary>A row of a room's table, inserted or replaced by its key in the same commit. Each room declares its own.</summary>
[GenerateSerializer, Immutable, Alias("rcc.sync.RowWrite")]
public abstract record RowWrite;
