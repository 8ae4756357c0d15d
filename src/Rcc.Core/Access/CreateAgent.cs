using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;

namespace Rcc.Core.Access;

/// <summary>An agent to make.</summary>
public sealed record CreateAgent
{
    public required string Name { get; init; }

    public required string Email { get; init; }

    /// <summary><see cref="Role.Agent"/>; an application may also make a <see cref="Role.MasterAgent"/>, an administrator another one.</summary>
    public Role Role { get; init; } = Role.Agent;

    /// <summary>A group the caller runs.</summary>
    public Guid? GroupId { get; init; }

    /// <summary>Not part of what tells a repetition from another command: salted hashes differ.</summary>
    [JsonIgnore]
    public string PasswordHash { get; init; } = "";
}

/// <summary>An agent to invite.</summary>
public sealed record InviteAgent
{
    public required string Email { get; init; }

    /// <summary>Until the person says its own; absent: the address.</summary>
    public string? Name { get; init; }

    /// <summary>As of <see cref="CreateAgent"/>.</summary>
    public Role Role { get; init; } = Role.Agent;

    /// <summary>A group the caller runs.</summary>
    public Guid? GroupId { get; init; }
}

/// <summary>What to change of an agent; absent members stay.</summary>
public sealed record ChangeAgent
{
    public string? Name { get; init; }

    public Guid? GroupId { get; init; }

    public bool LeaveGroup { get; init; }

    /// <summary>All its skills from now on: names, each once, whatever the case.</summary>
    public ImmutableArray<string>? Skills { get; init; }

    /// <summary>Conversations at once; 0: none.</summary>
    public int? Capacity { get; init; }

    /// <summary>Back to <see cref="AgentOptions.DefaultCapacity"/>.</summary>
    public bool UseDefaultCapacity { get; init; }

    /// <summary>What it may do with conversations from now on.</summary>
    public Controls? Controls { get; init; }

    /// <summary>Whether a second factor is required of it, whatever the tenant requires of all.</summary>
    public bool? SecondFactorRequired { get; init; }

    /// <summary>A new password signs out every device but the caller's own. Its salted hash is no part of what tells a repetition from another request.</summary>
    [JsonIgnore]
    public string? PasswordHash { get; init; }
}
