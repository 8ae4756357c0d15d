using System.Collections.Immutable;
using Rcc.Contracts.Sync;

namespace Rcc.Core.Sync;

/// <summary>What one commit added to a tenant's log: everything with a number above <paramref name="From"/>, up to <paramref name="To"/>, in order.</summary>
[GenerateSerializer, Immutable, Alias("rcc.sync.LogBatch")]
public sealed record LogBatch(
    [property: Id(0)] TenantId Tenant,
    [property: Id(1)] long From,
    [property: Id(2)] long To,
    [property: Id(3)] ImmutableArray<LogEntry> Entries);

/// <summary>One numbered change.</summary>
[GenerateSerializer, Immutable, Alias("rcc.sync.LogEntry")]
public abstract record LogEntry
{
    /// <summary>The tenant's mod-sequence (RFC 7162). Never shown to a client.</summary>
    [Id(0)] public long ModSeq { get; init; }

    /// <summary>Who may read it.</summary>
    [Id(1)] public ImmutableArray<Audience> Audiences { get; init; } = [];
}

/// <summary>A message; it is its own entry.</summary>
[GenerateSerializer, Immutable, Alias("rcc.sync.MessageEntry")]
public sealed record MessageEntry([property: Id(0)] NewMessage Message, [property: Id(1)] DateTimeOffset At) : LogEntry;

/// <summary>An item has a new state.</summary>
[GenerateSerializer, Immutable, Alias("rcc.sync.ItemEntry")]
public sealed record ItemEntry([property: Id(0)] ItemKey Key, [property: Id(1)] int Revision, [property: Id(2)] ImmutableArray<byte> State) : LogEntry;

/// <summary>An object is gone for the audiences.</summary>
[GenerateSerializer, Immutable, Alias("rcc.sync.LeftEntry")]
public sealed record LeftEntry([property: Id(0)] ItemKey Key, [property: Id(1)] LeftReason Reason) : LogEntry;

/// <summary>A person begins or ends to read an audience. For nodes only: devices are told by the items and departures of the same commit.</summary>
[GenerateSerializer, Immutable, Alias("rcc.sync.MembershipEntry")]
public sealed record MembershipEntry([property: Id(0)] AudienceChange Change) : LogEntry;
