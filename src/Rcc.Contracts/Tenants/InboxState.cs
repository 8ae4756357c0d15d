using System.Text.Json.Serialization;

namespace Rcc.Contracts.Tenants;

/// <summary>A way in for customers, as the account's agents see it.</summary>
public sealed record InboxState
{
    /// <summary>1 … 100 characters.</summary>
    public required string Name { get; init; }

    /// <summary>Where its conversations wait; absent: in the queue every account has.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? QueueId { get; init; }

    /// <summary>What a customer may choose when it opens a conversation, in the order in which they are offered; each once, the server limits how many. Who chooses none waits in <see cref="QueueId"/>.</summary>
    public IReadOnlyList<InboxDepartment> Departments { get; init => field = value ?? []; } = [];

    /// <summary>It takes no new customers and no new conversations (<see cref="ErrorCode.Archived"/>); what there is goes on.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Archived { get; init; }
}

/// <summary>A part of the company that customers may turn to.</summary>
/// <param name="Id">The queue where its conversations wait; the account's own id for the one every account has.</param>
/// <param name="Name">What customers read: 1 … 100 characters, each once whatever the case.</param>
public sealed record InboxDepartment(Guid Id, string Name);
