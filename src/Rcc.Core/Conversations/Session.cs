using Rcc.Contracts.Conversations;
using Rcc.Core.Tenants;

namespace Rcc.Core.Conversations;

/// <summary>A session of the conversation that begins, if one does.</summary>
/// <param name="At">Now.</param>
/// <param name="ContributionId">Its id (Contribution-ID).</param>
/// <param name="Keeper">The agent it was assigned to last, if that one can take it again.</param>
/// <param name="Targets">By when it is to be answered and resolved.</param>
/// <param name="Inbox">The inbox, for a session that the customer begins by writing in what was resolved.</param>
/// <param name="Silence">What becomes of it when nobody writes.</param>
public readonly record struct Session(DateTimeOffset At, Guid ContributionId, ConversationAgent? Keeper, ServiceTargets? Targets = null, InboxSnapshot? Inbox = null, Silence? Silence = null);
