using System.Collections.Immutable;
using Rcc.Contracts;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Access;

/// <summary>The door to what anybody may see of an inbox before coming in by it: nothing in it is secret. Whoever calls it limits who asks.</summary>
public sealed class WidgetDoor(ITenantStore tenants, InboxNames inboxes, Admission admission)
{
    const int MaxIdentifierLength = 100;

    static readonly Outcome NoInbox = Decision.NotFound("inbox").ToOutcome();

    /// <summary>An origin that is not allowed is <see cref="ErrorCode.Forbidden"/>; of an account that has ended there is no inbox.</summary>
    public Task<Found<InboxFront>> FindAsync(string inboxIdentifier, string? origin, CancellationToken cancellationToken)
    {
        var refusal = Shape.Name(inboxIdentifier, "inbox_identifier", MaxIdentifierLength) is null ? null : NoInbox;
        return admission.ReadAsync<InboxFront>(refusal, async () =>
        {
            if (await inboxes.FindAsync(inboxIdentifier, cancellationToken) is not { } tenant)
            {
                return NoInbox;
            }

            return await admission.ReadOfAsync<InboxFront>(tenant, async () =>
                await tenants.FindInboxAsync(inboxIdentifier, cancellationToken) is not { } inbox || await tenants.LoadAsync(inbox.Tenant, cancellationToken) is not { } account ? NoInbox
                : Inbox.RefuseOrigin(inbox.Row, origin) is { } refused ? refused.ToOutcome()
                : InboxFront.Of(account, inbox.Row));
        });
    }
}

/// <summary>What anybody may see of an inbox.</summary>
/// <param name="Branding">How the account looks; its name is always there.</param>
/// <param name="HmacMandatory">Only customers with a signed identifier come in.</param>
/// <param name="Status">Whether one may come in.</param>
/// <param name="Departments">What a customer may choose.</param>
public sealed record InboxFront(Branding Branding, bool HmacMandatory, InboxStatus Status, ImmutableArray<Department> Departments)
{
    internal static InboxFront Of(TenantSnapshot account, InboxRow inbox) => new(
        account.Branding with { Name = account.Branding.Name ?? account.Name, SuspendedMessage = account.Suspended ? account.Branding.SuspendedMessage : null },
        inbox.HmacMandatory,
        account.Suspended ? InboxStatus.Suspended : inbox.IsArchived ? InboxStatus.Archived : InboxStatus.Open,
        inbox.Departments);
}

/// <summary>Whether customers may come in by an inbox.</summary>
public enum InboxStatus
{
    /// <summary>They may.</summary>
    Open = 0,

    /// <summary>Only those who are known, for what they have open.</summary>
    Archived,

    /// <summary>Nobody: the account is suspended.</summary>
    Suspended,
}
