using System.Collections.Immutable;
using Rcc.Contracts;
using Rcc.Contracts.Devices;
using Rcc.Contracts.Sync;
using Rcc.Core.Sync;

namespace Rcc.Core.Devices;

/// <summary>What signing a device in or out commits. Its first revision is signed in, its last signed out; between them are the rotations of a key.</summary>
internal static class DeviceChange
{
    public static Proposal WithSignedIn(this Proposal change, Guid person, Role role, NewDevice device, Guid? inbox = null, Scopes scopes = Scopes.None, DateTimeOffset? expiresAt = null) => change with
    {
        Items = change.Items.Add(Item(person, device.DeviceId, 1, new() { Name = device.Name, SignedInAt = device.At })),
        Rows = change.Rows.Add(new DeviceRow
        {
            Id = device.DeviceId,
            PersonId = person,
            Role = role,
            Name = device.Name,
            CredentialHash = device.CredentialHash,
            SignedInAt = device.At,
            InboxId = inbox,
            Scopes = scopes,
            ExpiresAt = expiresAt,
        }),
    };

    /// <summary>The device's revision moves, so that of two rotations, or a rotation and a revocation, one is decided after the other.</summary>
    public static Proposal WithRotated(this Proposal change, Guid person, DeviceSnapshot device, ImmutableArray<byte> credentialHash, DateTimeOffset previousUntil) => change with
    {
        Items = change.Items.Add(Item(person, device.Id, device.Revision + 1, new() { Name = device.Name, SignedInAt = device.SignedInAt })),
        Rows = change.Rows.Add(new KeyRotationRow { Id = device.Id, CredentialHash = credentialHash, PreviousUntil = previousUntil }),
    };

    /// <summary>The nodes close the device's connections when their tails pass this.</summary>
    public static Proposal WithSignedOut(this Proposal change, Guid person, DeviceSnapshot device, DateTimeOffset at) => change with
    {
        Items = change.Items.Add(Item(person, device.Id, device.Revision + 1, new() { Name = device.Name, SignedInAt = device.SignedInAt, SignedOutAt = at })),
        Rows = change.Rows.Add(new DeviceSignOutRow { Id = device.Id, SignedOutAt = at }),
    };

    /// <summary>Signs the device of a person who is erased out, unless it is, and forgets what the person called it. Nothing when there is nothing to do.</summary>
    public static Proposal WithForgotten(this Proposal change, Guid person, StoredItem device, DateTimeOffset at)
    {
        var state = device.Read(ContractJson.Default.DeviceState);
        var next = state with { Name = DeviceSignOutRow.NoName, SignedOutAt = state.SignedOutAt ?? at };
        return next == state ? change : change with
        {
            Items = change.Items.Add(Item(person, device.Key.Id, device.Revision + 1, next)),
            Rows = change.Rows.Add(new DeviceSignOutRow { Id = device.Key.Id, SignedOutAt = next.SignedOutAt.Value, ForgetsName = true }),
        };
    }

    /// <summary>Reads a device's item; null when it is signed out.</summary>
    public static DeviceSnapshot? ToLiveDevice(this StoredItem item) =>
        item.Read(ContractJson.Default.DeviceState) is { SignedOutAt: null } state
            ? new(item.Key.Id, item.Revision, state.Name, state.SignedInAt)
            : null;

    static ItemChange Item(Guid person, Guid device, int revision, DeviceState state) =>
        ItemChange.Of(new(ItemKind.Device, device), revision, state, ContractJson.Default.DeviceState, Audience.OfPerson(person));
}
