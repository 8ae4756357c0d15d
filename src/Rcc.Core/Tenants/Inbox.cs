using System.Collections.Immutable;
using System.Globalization;
using Rcc.Contracts;
using Rcc.Contracts.Sync;
using Rcc.Contracts.Tenants;
using Rcc.Core.Sync;

namespace Rcc.Core.Tenants;

/// <summary>
/// The rules of an inbox, a customer's way in. Pure. What comes in by it is decided on its revision, so that nothing does once it is archived. An archived one keeps all it had, what is open in it goes on, and it can be
/// restored; what was resolved in it is reopened by agents, not by its customer's next message; only one that never had a conversation can be removed.
/// </summary>
public static class Inbox
{
    /// <summary>The answer to who would be new in it.</summary>
    public static Answer Archived { get; } = Answer.Refused(ErrorCode.Archived, "The inbox is archived: it takes no new customers and no new conversations, and customers reopen none.");

    /// <summary>Makes an inbox. <paramref name="count"/> is how many there are.</summary>
    public static Decision<TenantSnapshot> Create(TenantSnapshot? now, NewInbox inbox, int count, TenantOptions options)
    {
        ArgumentNullException.ThrowIfNull(inbox);
        ArgumentNullException.ThrowIfNull(options);
        if (now is null)
        {
            return Account.NotFound;
        }

        if (count >= options.MaxInboxes)
        {
            return Answer.Refused(ErrorCode.TooLarge, $"The account has {count} inboxes; MaxInboxes is {options.MaxInboxes}.");
        }

        var row = new InboxRow
        {
            Id = inbox.Id,
            Identifier = inbox.Identifier,
            Name = inbox.Name,
            HmacMandatory = inbox.HmacMandatory,
            AllowedOrigins = inbox.AllowedOrigins,
            QueueId = inbox.QueueId,
            Departments = inbox.Departments,
        };
        var made = Change(now, null, new(now.Id, row, 1), "create");
        return Decision.Accept(made.Next!, made.Change! with { Items = made.Change.Items.Add(SecretItem(inbox.Id, new() { Revision = 1, Current = inbox.SealedSecret })) });
    }

    public static Decision<TenantSnapshot> Edit(TenantSnapshot? now, InboxSnapshot? inbox, InboxChange edit)
    {
        ArgumentNullException.ThrowIfNull(edit);
        if (Refuse(now, inbox) is { } refusal)
        {
            return refusal;
        }

        var next = inbox! with
        {
            Revision = inbox.Revision + 1,
            Row = inbox.Row with
            {
                Name = edit.Name ?? inbox.Row.Name,
                HmacMandatory = edit.HmacMandatory ?? inbox.Row.HmacMandatory,
                AllowedOrigins = edit.AllowedOrigins ?? inbox.Row.AllowedOrigins,
                QueueId = edit.QueueId ?? inbox.Row.QueueId,
                Departments = edit.Departments ?? inbox.Row.Departments,
            },
        };
        return Change(now!, inbox, next, "update");
    }

    public static Decision<TenantSnapshot> SetArchived(TenantSnapshot? now, InboxSnapshot? inbox, bool archived)
    {
        if (Refuse(now, inbox) is { } refusal)
        {
            return refusal;
        }

        return inbox!.Row.IsArchived == archived
            ? Decision.Accept(now!, Account.Unchanged(now!) with { Answer = Answer.Done with { Id = inbox.Row.Id } })
            : Change(now!, inbox, inbox with { Revision = inbox.Revision + 1, Row = inbox.Row with { IsArchived = archived } }, archived ? "archive" : "restore");
    }

    /// <summary>Gives it another secret. The one it had stays good for the overlap, one it had before that ends.</summary>
    public static Decision<TenantSnapshot> Rotate(TenantSnapshot? now, InboxSnapshot? inbox, SecretRotation rotation, TenantOptions options, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(rotation);
        ArgumentNullException.ThrowIfNull(options);
        if (Refuse(now, inbox) is { } refusal)
        {
            return refusal;
        }

        if (rotation.Overlap > options.KeyOverlap)
        {
            return Answer.Refused(ErrorCode.TooLarge, $"The overlap is longer than KeyOverlap, {options.KeyOverlap}.");
        }

        var until = at + (rotation.Overlap ?? options.KeyOverlap);
        var next = new InboxSecret { Revision = inbox!.Secret.Revision + 1, Current = rotation.SealedSecret, Previous = inbox.Secret.Current, PreviousUntil = until };
        return Decision.Accept(now!, Account.Unchanged(now!) with
        {
            Answer = Answer.Done with { Id = inbox.Row.Id },
            Act = new("inbox", inbox.Row.Id, "rotate_secret", Act.Of(("previous_until", string.Create(CultureInfo.InvariantCulture, $"{until.UtcDateTime:O}")))),
            Fences = [.. Account.Unchanged(now!).Fences, new(Key(inbox.Row.Id), inbox.Revision)],
            Items = [SecretItem(inbox.Row.Id, next)],
        });
    }

    /// <summary>Removes it for ever. <paramref name="isUsed"/>: there is a conversation in it; none can begin once it is archived.</summary>
    public static Decision<TenantSnapshot> Remove(TenantSnapshot? now, InboxSnapshot? inbox, bool isUsed)
    {
        if (Refuse(now, inbox) is { } refusal)
        {
            return refusal;
        }

        if (!inbox!.Row.IsArchived)
        {
            return Answer.Refused(ErrorCode.Conflict, "The inbox must be archived first.");
        }

        if (isUsed)
        {
            return Answer.Refused(ErrorCode.Conflict, "The inbox has conversations: it stays archived, as long as they are kept.");
        }

        ImmutableArray<Audience> agents = [Audience.OfAgents(now!.Id)];
        return Decision.Accept(now, Account.Unchanged(now) with
        {
            Answer = Answer.Done with { Id = inbox.Row.Id },
            Act = new("inbox", inbox.Row.Id, "remove") { Changes = ChangesOf(inbox.Row, null) },
            Fences = [.. Account.Unchanged(now).Fences, FenceOf(inbox)],
            Departures =
            [
                new(Key(inbox.Row.Id), LeftReason.Deleted, agents, Delete: true),
                new(new(ItemKind.Dispositions, inbox.Row.Id), LeftReason.Deleted, agents, Delete: true),
                new(InboxSecret.Key(inbox.Row.Id), LeftReason.Deleted, [], Delete: true),
            ],
            Rows = [inbox.Row with { IsRemoved = true }],
        });
    }

    /// <summary>Why nobody comes in from an origin (RFC 6454); null when one may, or there is none: no browser.</summary>
    public static Answer? RefuseOrigin(InboxRow inbox, string? origin)
    {
        ArgumentNullException.ThrowIfNull(inbox);
        return origin is null || inbox.AllowedOrigins.IsDefaultOrEmpty || inbox.AllowedOrigins.Contains(origin, StringComparer.Ordinal)
            ? null
            : Answer.Refused(ErrorCode.Forbidden, "The inbox does not allow this origin.");
    }

    /// <summary>Why no conversation may begin in it; null when one may. <paramref name="department"/> is what was chosen.</summary>
    public static Answer? RefuseNew(InboxSnapshot? inbox, Guid? department = null) => inbox is null ? Decision.NotFound("inbox")
        : inbox.Row.IsArchived ? Archived
        : department is { } chosen && inbox.Row.Departments.All(offered => offered.QueueId != chosen) ? Decision.NotFound("department")
        : null;

    /// <summary>What begins in the inbox begins only while it is as it was.</summary>
    public static ItemFence FenceOf(InboxSnapshot inbox)
    {
        ArgumentNullException.ThrowIfNull(inbox);
        return new(Key(inbox.Row.Id), inbox.Revision);
    }

    static ItemChange SecretItem(Guid inbox, InboxSecret secret) => new(InboxSecret.Key(inbox), secret.Revision, secret.Write(), Audience.OfNobody, []);

    static ItemKey Key(Guid inbox) => new(ItemKind.Inbox, inbox);

    static ImmutableArray<ActChange> ChangesOf(InboxRow? before, InboxRow? after) => ActChanges.Of("name", before?.Name, after?.Name)
        .And("hmac_mandatory", before?.HmacMandatory, after?.HmacMandatory)
        .And("allowed_origins", before?.AllowedOrigins, after?.AllowedOrigins)
        .And("queue_id", before?.QueueId, after?.QueueId)
        .And("departments", before?.Departments.Select(Tell), after?.Departments.Select(Tell))
        .ToImmutable();

    static string Tell(Department department) => $"{department.QueueId} {department.Name}";

    static Answer? Refuse(TenantSnapshot? now, InboxSnapshot? inbox) => now is null ? Account.NotFound : inbox is null ? Decision.NotFound("inbox") : null;

    static Decision<TenantSnapshot> Change(TenantSnapshot now, InboxSnapshot? before, InboxSnapshot next, string action)
    {
        var state = new InboxState
        {
            Name = next.Row.Name,
            QueueId = next.Row.QueueId,
            Departments = [.. next.Row.Departments.Select(department => new InboxDepartment(department.QueueId, department.Name))],
            Archived = next.Row.IsArchived,
        };
        return Decision.Accept(now, Account.Unchanged(now) with
        {
            Answer = Answer.Done with { Id = next.Row.Id },
            Act = new("inbox", next.Row.Id, action) { Changes = ChangesOf(before?.Row, next.Row) },
            Items = [ItemChange.Of(Key(next.Row.Id), next.Revision, state, ContractJson.Default.InboxState, Audience.OfAgents(now.Id))],
            Rows = [next.Row],
        });
    }
}
