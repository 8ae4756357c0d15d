using System.Text.Json.Serialization;

namespace Rcc.Replay.Accounts;

/// <summary>What a tenant's master agent does and sees by REST.</summary>
sealed class Administration(FrontDoor door, Guid accountId, string token)
{
    const int PageLimit = 100;

    readonly string path = $"api/v1/accounts/{accountId}";

    public Task SetCapacityAsync(Guid agent, int capacity, CancellationToken cancellationToken) =>
        door.SendAsync(HttpMethod.Patch, $"{path}/agents/{agent}", new { Capacity = capacity }, token, cancellationToken);

    public Task SuspendAsync(Guid agent, CancellationToken cancellationToken) => door.SendAsync(HttpMethod.Post, $"{path}/agents/{agent}/suspend", null, token, cancellationToken);

    public Task ResumeAsync(Guid agent, CancellationToken cancellationToken) => door.SendAsync(HttpMethod.Post, $"{path}/agents/{agent}/resume", null, token, cancellationToken);

    public Task<IReadOnlyList<ListedAgent>> ListAgentsAsync(CancellationToken cancellationToken) => ListAsync<ListedAgent>($"{path}/agents?", cancellationToken);

    public Task<IReadOnlyList<ListedConversation>> ListConversationsAsync(CancellationToken cancellationToken) => ListAsync<ListedConversation>($"{path}/conversations?", cancellationToken);

    public Task<ListedHandling> FindHandlingAsync(Guid conversation, CancellationToken cancellationToken) =>
        door.GetAsync<ListedHandling>($"{path}/conversations/{conversation}/handling", token, cancellationToken);

    async Task<IReadOnlyList<T>> ListAsync<T>(string list, CancellationToken cancellationToken)
    {
        var listed = new List<T>();
        for (string? cursor = ""; cursor is not null;)
        {
            var next = cursor.Length == 0 ? "" : $"&cursor={Uri.EscapeDataString(cursor)}";
            var page = await door.GetAsync<Page<T>>($"{list}limit={PageLimit}{next}", token, cancellationToken);
            listed.AddRange(page.Data);
            cursor = page.NextCursor;
        }
        return listed;
    }

    sealed record Page<T>(IReadOnlyList<T> Data, string? NextCursor);
}

/// <summary>An agent as its manager sees it.</summary>
sealed record ListedAgent(Guid Id, string AvailabilityStatus, bool Suspended, int? Capacity)
{
    [JsonIgnore]
    public bool IsOnline => string.Equals(AvailabilityStatus, "online", StringComparison.Ordinal);
}

/// <summary>A conversation in a list.</summary>
sealed record ListedConversation(Guid Id, string Status, Guid? AssigneeId)
{
    [JsonIgnore]
    public bool IsOpen => string.Equals(Status, "open", StringComparison.Ordinal);
}

/// <summary>How a conversation is handled.</summary>
sealed record ListedHandling(Guid QueueId, IReadOnlyList<ListedParticipant> Participants, ListedOffer? Offer, ListedTransfer? Transfer)
{
    /// <summary>The agent a place is reserved for.</summary>
    [JsonIgnore]
    public Guid? ReservedFor => Offer?.AgentId ?? (Transfer is { Outcome: null } transfer ? transfer.ConsultantId : null);
}

sealed record ListedParticipant(Guid AgentId);

sealed record ListedOffer(Guid AgentId);

sealed record ListedTransfer(Guid? ConsultantId, string? Outcome);
