using System.Collections.Immutable;
using Rcc.Contracts.Sync;
using Rcc.Core.Sync;

namespace Rcc.Core.Devices;

/// <summary>A device that signs in. Only the hash of its credential is ever kept.</summary>
[GenerateSerializer, Immutable, Alias("rcc.agents.NewDevice")]
public sealed record NewDevice(
    [property: Id(0)] Guid DeviceId,
    [property: Id(1)] string Name,
    [property: Id(2)] ImmutableArray<byte> CredentialHash,
    [property: Id(3)] DateTimeOffset At);

/// <summary>A device of a person as stored; signed-out ones are not loaded.</summary>
public sealed record DeviceSnapshot(Guid Id, int Revision, string Name, DateTimeOffset SignedInAt);

/// <summary>The row of a device or key: what a credential is checked against, and what commands are counted by.</summary>
[GenerateSerializer, Immutable, Alias("rcc.tenants.DeviceRow")]
public sealed record DeviceRow : RowWrite
{
    [Id(0)] public required Guid Id { get; init; }

    [Id(1)] public required Guid PersonId { get; init; }

    [Id(2)] public required Role Role { get; init; }

    [Id(3)] public required string Name { get; init; }

    [Id(4)] public required ImmutableArray<byte> CredentialHash { get; init; }

    [Id(5)] public required DateTimeOffset SignedInAt { get; init; }

    [Id(6)] public DateTimeOffset? SignedOutAt { get; init; }

    [Id(7)] public Guid? InboxId { get; init; }

    [Id(8)] public Scopes Scopes { get; init; }

    /// <summary>Of a key: from when on it is good for nothing; absent: never.</summary>
    [Id(9)] public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>Gives a key another secret; the one it had is good until <see cref="PreviousUntil"/>, the one before that no more.</summary>
[GenerateSerializer, Immutable, Alias("rcc.tenants.KeyRotationRow")]
public sealed record KeyRotationRow : RowWrite
{
    [Id(0)] public required Guid Id { get; init; }

    [Id(1)] public required ImmutableArray<byte> CredentialHash { get; init; }

    [Id(2)] public required DateTimeOffset PreviousUntil { get; init; }
}

/// <summary>Signs a device out or revokes a key: sets its <see cref="DeviceRow.SignedOutAt"/> if it has none, and leaves the rest of its row as it is but for what a person who is erased called it.</summary>
[GenerateSerializer, Immutable, Alias("rcc.tenants.DeviceSignOutRow")]
public sealed record DeviceSignOutRow : RowWrite
{
    /// <summary>What a device is called whose person was erased.</summary>
    public const string NoName = "Device";

    [Id(0)] public required Guid Id { get; init; }

    [Id(1)] public required DateTimeOffset SignedOutAt { get; init; }

    /// <summary>It is called <see cref="NoName"/> from now on, signed out before or not.</summary>
    [Id(2)] public bool ForgetsName { get; init; }
}
