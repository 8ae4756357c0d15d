using Rcc.Contracts.Sync;
using Rcc.Core.Devices;
using Rcc.Core.Sync;

namespace Rcc.Core.Agents;

public static partial class Agent
{
    /// <summary>
    /// Adds a device of an agent whom its tenant's provider vouches for. The first time it links the identity to the agent: by a verified address that is the agent's, or by the agent's invitation.
    /// How many factors the provider asks for is the provider's to say: no second one is asked for here.
    /// </summary>
    public static Decision<AgentSnapshot> SignInByIdentity(
        TenantId tenant, AgentSnapshot? now, NewDevice device, IdentityClaim claim, IdentityLink link, AgentOptions options)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(claim);
        ArgumentNullException.ThrowIfNull(options);
        if (now is null)
        {
            return NotFound;
        }

        if (now.State.Suspended)
        {
            return Answer.Refused(ErrorCode.Suspended, "The agent is suspended.");
        }

        if (link.AgentId is { } holder && holder != now.Id)
        {
            return Answer.Refused(ErrorCode.Conflict, "The identity is another agent's.");
        }

        var isNew = link.AgentId is null;
        if ((isNew || now.State.Invited) && !IsOf(now, claim, device.At))
        {
            return Answer.Refused(ErrorCode.Unauthenticated, "The identity provider knows the person, but it is no agent of the account.");
        }

        var come = now.State.Invited
            ? now with { Revision = now.Revision + 1, State = now.State with { Name = claim.Name ?? now.State.Name, Invited = false }, Invitation = null }
            : now;
        var began = now.State.Invited ? Change(tenant, now, come) with { Act = new("agent", now.Id, "accept_invitation", Act.Of(("issuer", claim.Issuer))) } : Unchanged(now);
        if (isNew)
        {
            began = began with
            {
                Items = began.Items.Add(new Identity(claim.Issuer, claim.Subject, now.Id).ToItem(link.Revision + 1)),
                Act = began.Act ?? new("agent", now.Id, "link_identity", Act.Of(("issuer", claim.Issuer))),
            };
        }
        else
        {
            // Unlinked meanwhile, it lets nobody in.
            began = began with { Fences = began.Fences.Add(new(Identity.Key(claim.Issuer, claim.Subject), link.Revision)) };
        }

        return AddDevice(now, come with { SignIns = now.SignIns + 1 }, began, device, options);
    }

    /// <summary>Nobody that a provider knows is the agent any more; who signs in by its verified address is linked anew. <paramref name="identities"/> are those that are.</summary>
    public static Decision<AgentSnapshot> UnlinkIdentities(AgentSnapshot? now, Caller caller, GroupSnapshot? group, IReadOnlyList<StoredItem> identities)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(identities);
        if (IsGone(now))
        {
            return NotFound;
        }

        if (caller.PersonId != now.Id && !IsManagedBy(now, group, caller))
        {
            return NotManaged;
        }

        var change = Unchanged(now);
        return Decision.Accept(now, identities.Count == 0 ? change : change with
        {
            Act = new("agent", now.Id, "unlink_identity", Act.Of(("issuers", string.Join(' ', identities.Select(item => Identity.Read(item).Issuer).Distinct(StringComparer.Ordinal))))),
            Fences = change.Fences.AddRange(identities.Select(item => new ItemFence(item.Key, item.Revision))),
            Departures = [.. identities.Select(item => new Departure(item.Key, LeftReason.Deleted, [], Delete: true))],
        });
    }

    static bool IsOf(AgentSnapshot now, IdentityClaim claim, DateTimeOffset at) =>
        string.Equals(claim.VerifiedEmail, now.Email, StringComparison.OrdinalIgnoreCase)
        || (now.Invitation is { } invitation && invitation.ExpiresAt > at && !claim.InvitationHash.IsEmpty && invitation.Hash.AsSpan().SequenceEqual(claim.InvitationHash.AsSpan()));
}
