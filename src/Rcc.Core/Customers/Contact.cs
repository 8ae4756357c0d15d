using Rcc.Contracts.Sync;
using Rcc.Core.Devices;
using Rcc.Core.Sync;

namespace Rcc.Core.Customers;

/// <summary>The rules of one customer. Pure.</summary>
public static class Contact
{
    /// <summary>A session begins. What the customer says of itself is taken over where it says something.</summary>
    public static Decision<ContactSnapshot> Begin(
        Guid id, ContactSnapshot? now, Guid inbox, VerifiedIdentity? identity, string? name, string? email, NewDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (now is not null && (identity is null || !string.Equals(now.Identifier, identity.Identifier, StringComparison.Ordinal)))
        {
            return Answer.Refused(ErrorCode.Conflict, "The customer has another identity.");
        }

        var next = Edited(id, now, identity?.Identifier, name, email, device.At);
        return Decision.Accept(next, Change(now, next).WithSignedIn(id, Role.Customer, device, inbox));
    }

    public static Decision<ContactSnapshot> Create(Guid id, ContactSnapshot? now, NewContact contact, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(contact);
        if (now is not null)
        {
            return Answer.Refused(ErrorCode.Taken, "Another contact has this id.");
        }

        var next = Edited(id, null, contact.Identifier, contact.Name, contact.Email, at);
        return Decision.Accept(next, Change(null, next));
    }

    /// <summary>Ends a session; <paramref name="device"/> null: it has ended already.</summary>
    public static Decision<ContactSnapshot> End(ContactSnapshot? now, DeviceSnapshot? device, DateTimeOffset at)
    {
        if (now is null)
        {
            return Decision.NotFound("contact");
        }

        return device is null ? Decision.NotFound("device") : Decision.Accept(now, new Proposal().WithSignedOut(now.Id, device, at));
    }

    static ContactSnapshot Edited(Guid id, ContactSnapshot? now, string? identifier, string? name, string? email, DateTimeOffset at) =>
        new(id, name ?? now?.Name, email ?? now?.Email, identifier ?? now?.Identifier, now?.CreatedAt ?? at);

    static Proposal Change(ContactSnapshot? before, ContactSnapshot after) => new()
    {
        Answer = Answer.Done with { Id = after.Id },
        Audiences = before is null ? [new(after.Id, Audience.OfPerson(after.Id), MembershipState.Reads)] : [],
        Rows = before == after ? [] : [new ContactRow { Id = after.Id, Name = after.Name, Email = after.Email, Identifier = after.Identifier }],
    };
}
