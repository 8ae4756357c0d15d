using System.Collections.Immutable;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Conversations;

/// <summary>What is said in a conversation, and seen of it.</summary>
public static partial class Conversation
{
    /// <summary>Appends a message. <paramref name="mentioned"/> are the agents whom it mentions, as the store knows them, <paramref name="unsupervised"/> why the tenant has no supervision; null: it has.</summary>
    public static Decision<ConversationSnapshot> Post(
        TenantId tenant, ConversationSnapshot? now, Standing caller, Post post, Session session, ConversationOptions options, Mentioned? mentioned = null, Answer? unsupervised = null)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(post);
        ArgumentNullException.ThrowIfNull(options);
        if (now is null || !IsVisible(now, caller))
        {
            return NotFound;
        }

        if (RefusePost(now, caller, post.Lane) is { } refusal)
        {
            return refusal;
        }

        var next = now;
        ImmutableArray<CapacityClaim> claims = [];
        ImmutableArray<ItemFence> fences = [];
        if (now.State.Status == ConversationStatus.Resolved)
        {
            if (caller.Role != Role.Customer)
            {
                return Closed;
            }

            // As a new conversation would: what was resolved begins anew only while its inbox takes new ones.
            if (Inbox.RefuseNew(session.Inbox) is { } archived)
            {
                return archived;
            }

            fences = [Inbox.FenceOf(session.Inbox!)];
            (next, claims) = Reopened(now, session);
        }
        else if (caller.Role == Role.Customer)
        {
            // What was put off comes back with the customer's next message.
            next = now with { Handling = now.Handling with { Snooze = null } };
        }
        else if (caller.IsAgent && (PartOf(now, caller) is not { } part || (part == Part.Reader && post.Lane == Lane.Public)))
        {
            // Who writes without taking part barges in. A note alone is no reason for the customer to meet anybody.
            var outside = PartOf(now, caller) is null ? unsupervised ?? RefuseSupervision(now, caller) : null;
            if ((outside ?? RefuseAnother(now, caller.PersonId, options)) is { } refused)
            {
                return refused;
            }

            next = Joined(now, caller.PersonId, post.Lane == Lane.Public ? Part.Collaborator : Part.Reader);
        }

        var seq = (post.Lane == Lane.Public ? now.LastSeq : now.LastNotesSeq) + 1;
        var mentions = Mentions.None;
        if (!post.Mentions.IsEmpty)
        {
            (mentions, var unfit) = Mention(next, caller, post, seq, mentioned ?? throw new ArgumentNullException(nameof(mentioned)), options);
            if (unfit is not null)
            {
                return unfit;
            }

            next = mentions.Next!;
        }

        next = Silences.Wrote(next, caller, post.Lane, session.At);
        next = ServiceLevels.Answered(post.Lane == Lane.Public ? next with { LastSeq = seq } : next with { LastNotesSeq = seq }, caller, post.Lane);
        var message = new NewMessage(now.Id, post.Lane, seq, post.MessageId, caller.PersonId, caller.Role, post.ContentType, post.Content);
        return Change(tenant, now, next, change => change with
        {
            Messages = [message],
            Items = change.Items.AddRange(mentions.Items),
            Fences = [.. change.Fences, .. fences, .. mentions.Fences],
            Claims = claims,
            Answer = change.Answer with { MessageId = post.MessageId, Seq = seq, Revision = null },
        });
    }

    /// <summary>A person saw the messages of a lane up to <paramref name="seq"/>. Only who takes part can have: for others it would be a lie to the sender.</summary>
    public static Decision<ConversationSnapshot> MarkRead(TenantId tenant, ConversationSnapshot? now, Standing caller, Lane lane, long seq)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (now is null || !IsVisible(now, caller))
        {
            return NotFound;
        }

        var isCustomer = caller.Role == Role.Customer;
        if (isCustomer ? lane != Lane.Public : !now.TakesPart(caller.PersonId))
        {
            return Answer.Refused(ErrorCode.Forbidden, isCustomer ? "A customer reads the public lane only." : "Only who takes part in the conversation can have read it.");
        }

        var read = lane == Lane.Public
            ? new MarkAdvance(MarkKind.Read, now.Id, caller.PersonId, seq, 0)
            : new MarkAdvance(MarkKind.Read, now.Id, caller.PersonId, 0, seq);
        return Change(tenant, now, now, change => change with
        {
            Marks = lane == Lane.Public && !now.IsHidden(caller.PersonId) ? [new(MarkKind.Receipt, now.Id, caller.PersonId, 0, seq), read] : [read],
            Answer = change.Answer with { Revision = null },
        });
    }

    /// <summary>Whether the caller may write in the lane now; null when it may.</summary>
    static Answer? RefusePost(ConversationSnapshot now, Standing caller, Lane lane)
    {
        if (caller.Role == Role.Customer)
        {
            return lane == Lane.Public ? null : Answer.Refused(ErrorCode.Forbidden, "A customer writes in the public lane only.");
        }

        if (now.TakesPart(caller.PersonId) && !now.WorksOn(caller.PersonId))
        {
            return Answer.Refused(ErrorCode.Forbidden, "Who had the conversation before reads it only.");
        }

        if (lane == Lane.Public && now.IsApart(caller.PersonId))
        {
            return Answer.Refused(ErrorCode.Forbidden, "Who reads along unseen does not write to the customer.");
        }

        if (now.Handling.Agents.Any(one => one.AgentId == caller.PersonId && one.Part == Part.Monitor))
        {
            return Answer.Refused(ErrorCode.Forbidden, "Who monitors whispers, or barges in.");
        }

        return lane == Lane.Public && now.State.OnHold ? Answer.Refused(ErrorCode.OnHold, "The customer is on hold; the conversation must be resumed first.") : null;
    }
}
