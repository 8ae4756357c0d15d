using Microsoft.Extensions.Logging;

namespace Rcc.Core.Conversations;

/// <summary>What the room logs: 3000–3999.</summary>
internal static partial class ConversationLog
{
    [LoggerMessage(3000, LogLevel.Debug, "Tenant {Tenant}: conversation {Conversation} is {Status} at revision {Revision}, assigned to {Assignee}")]
    public static partial void Moved(this ILogger logger, TenantId tenant, Guid conversation, Contracts.Conversations.ConversationStatus status, int revision, Guid? assignee);
}
