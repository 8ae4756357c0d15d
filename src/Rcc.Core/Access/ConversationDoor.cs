using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Customers;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Devices;
using Rcc.Core.Customers;
using Rcc.Core.Sync;

namespace Rcc.Core.Access;

/// <summary>The door to conversations.</summary>
public sealed class ConversationDoor(
    IGrainFactory grains,
    IConversationStore conversations,
    ICustomerStore customers,
    IAgentStore agents,
    Reaches reaches,
    SeenConversations seen,
    PickingUp picking,
    Admission admission,
    IOptions<AccessOptions> access,
    IOptions<DeviceOptions> devices,
    IOptions<ConversationOptions> limits)
{
    const int UsualPageItems = 50;
    const string TextPlain = "text/plain";

    /// <summary>A customer opens a conversation in the inbox of its session.</summary>
    public Task<Outcome> OpenAsync(Caller caller, OpenConversation command, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(command);
        if (caller is not { Role: Role.Customer, InboxId: { } inbox })
        {
            return Refused(ErrorCode.Forbidden, "Only a customer opens a conversation for itself.");
        }

        var key = CommandKeys.Make(command, ContractJson.Default.OpenConversation, command.Number, attempt, out var refusal);
        refusal ??= Shape.NewId(command.ConversationId, "conversationId");
        return admission.CommandAsync(caller, refusal, () => Grain(caller, command.ConversationId).OpenAsync(caller, key, new(inbox, caller.PersonId) { DepartmentId = command.DepartmentId }, cancellationToken));
    }

    /// <summary>
    /// An agent or an application opens a conversation for a contact. The answer names it. An agent's is its own at once, unless it is to wait in the inbox's queue; for that it needs what taking one that waits needs.
    /// </summary>
    public Task<Outcome> OpenForContactAsync(Caller caller, NewConversation conversation, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(conversation);
        var key = CommandKeys.Make(conversation, AccessJson.Default.NewConversation, 0, attempt, out var refusal);
        var isOwn = caller.IsAgent && !conversation.Waits;
        refusal ??= Permission.RequireAgentOr(caller, Scopes.ConversationsWrite)
            ?? (conversation.ConversationId is { } named ? Shape.NewId(named, "conversationId") : null)
            ?? (isOwn && !caller.May(Controls.Assign) ? Outcome.Refused(ErrorCode.Forbidden, "The agent's controls do not contain Assign: what it opens must wait in the inbox's queue.") : null);
        return admission.CommandAsync(caller, refusal, async () => await Grain(caller, conversation.ConversationId ?? Guid.CreateVersion7()).OpenAsync(
            caller,
            key,
            new(conversation.InboxId, await customers.ResolveAsync(caller.Tenant, conversation.ContactId, cancellationToken) ?? conversation.ContactId)
            {
                AgentId = isOwn ? caller.PersonId : null,
                DepartmentId = conversation.DepartmentId,
            },
            cancellationToken));
    }

    public Task<Outcome> PostAsync(Caller caller, PostMessage command, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(command);
        var key = CommandKeys.Make(command, ContractJson.Default.PostMessage, command.Number, attempt, out var refusal);
        byte[] content = [];
        refusal ??= Permission.RequireWriter(caller)
            ?? Shape.Id(command.ConversationId, "conversationId")
            ?? Shape.Defined(command.Lane, "lane")
            ?? (command.MessageId is { } named ? Shape.NewId(named, "messageId") : null)
            ?? CheckMentions(command)
            ?? (command.ContentType is null or TextPlain ? null : Shape.Malformed($"contentType must be {TextPlain}."))
            ?? Shape.Utf8(command.Content, "content", nameof(ConversationOptions.MaxContentBytes), limits.Value.MaxContentBytes, mayBeEmpty: false, out content);
        return admission.PostAsync(caller, refusal, () => Grain(caller, command.ConversationId).PostAsync(
            caller, key, new(command.MessageId ?? Guid.CreateVersion7(), command.Lane, TextPlain, ImmutableCollectionsMarshal.AsImmutableArray(content)) { Mentions = [.. command.Mentions ?? []] }, cancellationToken));
    }

    public Task<Outcome> ResolveAsync(Caller caller, ResolveConversation command, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(command);
        var key = CommandKeys.Make(command, ContractJson.Default.ResolveConversation, command.Number, attempt, out var refusal);
        return SteerAsync(caller, command.ConversationId, refusal, grain => grain.ResolveAsync(caller, key, command.Disposition, cancellationToken));
    }

    public Task<Outcome> ReopenAsync(Caller caller, ReopenConversation command, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(command);
        var key = CommandKeys.Make(command, ContractJson.Default.ReopenConversation, command.Number, attempt, out var refusal);
        return SteerAsync(caller, command.ConversationId, refusal, grain => grain.ReopenAsync(caller, key, cancellationToken));
    }

    public Task<Outcome> AssignAsync(Caller caller, AssignConversation command, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(command);
        var key = CommandKeys.Make(command, ContractJson.Default.AssignConversation, command.Number, attempt, out var refusal);
        return SteerAsync(caller, command.ConversationId, refusal, grain => grain.AssignAsync(caller, key, command.AgentId, cancellationToken));
    }

    public Task<Outcome> MarkReadAsync(Caller caller, MarkRead command, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(command);
        var key = CommandKeys.Make(command, ContractJson.Default.MarkRead, command.Number, attempt, out var refusal);
        refusal ??= Permission.RequirePerson(caller)
            ?? Shape.Id(command.ConversationId, "conversationId")
            ?? Shape.Defined(command.Lane, "lane")
            ?? (command.Seq >= 1 ? null : Shape.Malformed("seq must be 1 or more."));
        return admission.CommandAsync(caller, refusal, () => Grain(caller, command.ConversationId).MarkReadAsync(caller, key, command.Lane, command.Seq, cancellationToken));
    }

    public async Task<MessagePage> LoadMessagesAsync(Caller caller, LoadMessages request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(request);
        var refusal = Permission.RequireReader(caller)
            ?? Shape.Id(request.ConversationId, "conversationId")
            ?? Shape.Defined(request.Lane, "lane")
            ?? Shape.Limit(request.Limit, devices.Value.MaxPageItems)
            ?? (request.Before is null or >= 1 ? null : Shape.Malformed("before must be 1 or more."))
            ?? (caller.Role == Role.Customer && request.Lane != Lane.Public ? Outcome.Refused(ErrorCode.Forbidden, "A customer reads the public lane only.") : null);
        var found = await admission.ReadAsync<MessageRows>(caller, refusal, async () =>
        {
            // Who manages the conversation, or may take it, need not take part.
            Guid? reader = await seen.IsManagedAsync(caller, request.ConversationId, cancellationToken) ? null : caller.PersonId;
            var rows = await ReadAsync(reader);
            if (rows is null && await seen.FindWaitingAsync(caller, request.ConversationId, cancellationToken) is not null)
            {
                rows = await ReadAsync(null);
            }

            return rows is null ? NoConversation : rows;
        });
        return found.IsOk
            ? new() { Outcome = found.Outcome, Messages = [.. found.Value.Messages.Select(MessageEntries.ToItem)], LastSeq = found.Value.LastSeq }
            : new() { Outcome = found.Outcome };

        Task<MessageRows?> ReadAsync(Guid? reader) => conversations.ReadMessagesAsync(
            caller.Tenant, request.ConversationId, request.Lane, reader, request.Before, request.Limit ?? Math.Min(UsualPageItems, devices.Value.MaxPageItems), cancellationToken);
    }

    /// <summary>One conversation the caller may see, or take.</summary>
    public Task<Found<ConversationListing>> FindAsync(Caller caller, Guid conversation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<ConversationListing>(caller, Permission.RequireReader(caller), async () =>
            await seen.FindReadableAsync(caller, conversation, cancellationToken) is { } now ? new ConversationListing(now.Id, now.Revision, now.State) : NoConversation);
    }

    /// <summary>How a conversation the caller may see is handled; for agents and applications.</summary>
    public Task<Found<HandlingState>> FindHandlingAsync(Caller caller, Guid conversation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<HandlingState>(caller, Permission.RequireAgentOr(caller, Scopes.ConversationsRead), async () =>
            await seen.FindReadableAsync(caller, conversation, cancellationToken) is { } now ? now.Handling : NoConversation);
    }

    /// <summary>
    /// Conversations the caller may see, newest first: a customer its own, an agent those it takes part in or (with <see cref="ConversationFilter.OnlyWaiting"/>) those that wait, a master agent besides those it manages
    /// (<see cref="Reach"/>), an administrator and an application all. With <see cref="ConversationFilter.GroupId"/> those of a group, for who supervises it.
    /// </summary>
    public Task<Found<Listing<ConversationListing>>> ListAsync(Caller caller, ConversationFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(filter);
        var refusal = Permission.RequireReader(caller)
            ?? Shape.Limit(filter.Limit, access.Value.MaxListItems)
            ?? (filter.Status is { } status ? Shape.Defined(status, "status") : null)
            ?? Shape.Tags(filter.Tags)
            ?? (filter.Tags.IsEmpty || caller.Role != Role.Customer ? null : Outcome.Refused(ErrorCode.Forbidden, "Only agents see labels and attributes."))
            ?? (filter.OnlySnoozed && caller.Role == Role.Customer ? Outcome.Refused(ErrorCode.Forbidden, "Only agents see what is put off.") : null);
        var limit = Listing.Length(filter.Limit, access.Value);
        var mayPickUp = filter.OnlyWaiting && caller.Role is (Role.Agent or Role.MasterAgent);
        var query = new ConversationQuery
        {
            Status = filter.OnlyWaiting ? ConversationStatus.Open : filter.Status,
            AssigneeId = filter.AssigneeId,
            OnlyUnassigned = filter.OnlyWaiting,
            OnlySnoozed = filter.OnlySnoozed,
            InboxId = filter.InboxId,
            ContactId = caller.Role == Role.Customer ? caller.PersonId : filter.ContactId,
            WithMerged = caller.Role != Role.Customer,
            HolderGroupId = filter.GroupId,
            ParticipantId = filter.GroupId is not null || Reach.Of(caller).Manages ? null : caller.PersonId,
            MentionedId = filter.OnlyMentioning ? caller.PersonId : null,
            Before = filter.Before,
            Limit = limit + 1,
        };
        return admission.ReadAsync<Listing<ConversationListing>>(caller, refusal, async () =>
        {
            if (filter.GroupId is { } group && RefuseGroup(caller, await agents.LoadGroupAsync(caller.Tenant, group, cancellationToken)) is { } unsupervised)
            {
                return unsupervised.ToOutcome();
            }

            if (mayPickUp)
            {
                query = query with { OrQueueIds = await picking.ListQueuesAsync(caller, cancellationToken) };
            }

            if (query.ParticipantId is not null && caller.Role == Role.MasterAgent)
            {
                query = query with { ForeignQueueIds = await reaches.ListForeignQueuesAsync(caller, cancellationToken) };
            }

            Tags? tags = null;
            return filter.Tags.IsEmpty || Tags.TryMake(AttributeOwner.Conversation, filter.Tags, (await customers.LoadSettingsAsync(caller.Tenant, cancellationToken)).Settings, out tags)
                ? Listing.Of(await conversations.ListAsync(caller.Tenant, query with { Tags = tags }, cancellationToken), limit)
                : Listing.Of<ConversationListing>([], limit);
        });
    }

    Outcome? CheckMentions(PostMessage command) => command.Mentions is not { } mentions
        ? null
        : (command.Lane == Lane.Notes ? null : Shape.Malformed("Only a note has mentions."))
            ?? Shape.Counted(mentions.Count, "mentions", nameof(ConversationOptions.MaxMentions), limits.Value.MaxMentions)
            ?? Shape.Once(mentions, "mentions");

    /// <summary>Null when the caller may see what the group's agents have.</summary>
    static Answer? RefuseGroup(Caller caller, GroupSnapshot? group) => group is null ? Decision.NotFound("group")
        : caller.Role == Role.Application || Group.IsSupervisedBy(group, caller) ? null
        : Answer.Refused(ErrorCode.Forbidden, "Only who supervises the group sees what its agents have.");

    static Outcome NoConversation => Decision.NotFound("conversation").ToOutcome();

    static Task<Outcome> Refused(ErrorCode code, string detail) => Task.FromResult(Outcome.Refused(code, detail));

    IConversationGrain Grain(Caller caller, Guid conversation) => grains.GetGrain<IConversationGrain>(caller.Tenant.KeyOf(conversation));

    Task<Outcome> SteerAsync(Caller caller, Guid conversation, Outcome? refusal, Func<IConversationGrain, Task<Answer>> act)
    {
        refusal ??= Permission.RequireSteering(caller) ?? Shape.Id(conversation, "conversationId");
        return admission.CommandAsync(caller, refusal, () => act(Grain(caller, conversation)));
    }
}

/// <summary>A conversation to open for a contact.</summary>
public sealed record NewConversation
{
    /// <summary>The inbox.</summary>
    public required Guid InboxId { get; init; }

    /// <summary>The customer.</summary>
    public required Guid ContactId { get; init; }

    /// <summary>A new UUID (version 7 or 4); absent: the server makes one.</summary>
    public Guid? ConversationId { get; init; }

    /// <summary>It waits in the inbox's queue, also where an agent opens it. What an application opens always does.</summary>
    public bool Waits { get; init; }

    /// <summary>One of the inbox's departments; absent: the queue that the inbox names.</summary>
    public Guid? DepartmentId { get; init; }
}

/// <summary>Which conversations to list.</summary>
public sealed record ConversationFilter
{
    /// <summary>Open ones are all that are not resolved: those that wait, are served, are put off.</summary>
    public ConversationStatus? Status { get; init; }

    /// <summary>Only what is put off; it is open.</summary>
    public bool OnlySnoozed { get; init; }

    public Guid? AssigneeId { get; init; }

    /// <summary>Only open ones that no agent has.</summary>
    public bool OnlyWaiting { get; init; }

    public Guid? InboxId { get; init; }

    public Guid? ContactId { get; init; }

    /// <summary>Only those that agents of this group have, or had when they were resolved; for who supervises it.</summary>
    public Guid? GroupId { get; init; }

    /// <summary>Only those in which a note mentions the caller.</summary>
    public bool OnlyMentioning { get; init; }

    /// <summary>Only those with these labels and attributes.</summary>
    public TagFilter Tags { get; init; } = new();

    /// <summary>Only those with a lower display id than this: the last one of the page before.</summary>
    public long? Before { get; init; }

    /// <summary>1 … <see cref="AccessOptions.MaxListItems"/>; absent: 25.</summary>
    public int? Limit { get; init; }
}
