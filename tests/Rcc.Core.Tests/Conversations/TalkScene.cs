using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Core.Conversations;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Conversations;

/// <summary>A conversation that an agent serves, and people around it. Each command is decided on the state the one before it left.</summary>
sealed class TalkScene
{
    public TalkScene()
    {
        Now = Conversation.Open(
            Callers.Tenant, Guid.CreateVersion7(), new(Callers.Inbox, Customer.PersonId, "Ada"), 1, 0, new(Callers.Noon, Guid.CreateVersion7(), null), Options).Next!;
        Now = Conversation.Route(Callers.Tenant, Now, Known(Agent), null, Callers.Noon).Next!;
    }

    public ConversationOptions Options { get; } = new();

    public Caller Customer { get; } = Callers.Customer();

    /// <summary>Has the conversation.</summary>
    public Caller Agent { get; } = Callers.Agent();

    public Caller Colleague { get; } = Callers.Agent();

    public Caller Third { get; } = Callers.Agent();

    public Standing Master { get; } = Callers.Over(Callers.Master());

    public ConversationSnapshot Now { get; private set; }

    public static DateTimeOffset Until { get; } = Callers.Noon.AddSeconds(45);

    public static ConversationAgent Known(Caller agent, Availability availability = Availability.Online) => new(agent.PersonId, 4, false, availability, 3) { ManagedOn = [] };

    public static Targets To(params Caller[] agents) => new(Callers.Noon, Until, [.. agents.Select(agent => new TransferTarget(Known(agent), 0))]);

    public Decision<ConversationSnapshot> Do(Standing caller, Control control, ControlFacts? facts = null) =>
        Take(ConversationControl.Decide(Callers.Tenant, Now, caller, control, facts ?? new(Callers.Noon, null, null), Options));

    public Decision<ConversationSnapshot> Do(Standing caller, string operation, ControlFacts? facts = null) => Do(caller, new Control { Operation = operation }, facts);

    public Decision<ConversationSnapshot> Transfer(Standing caller, Control to, params Caller[] targets) => Do(caller, to, new(Callers.Noon, null, To(targets)));

    public Decision<ConversationSnapshot> Post(Standing caller, Lane lane = Lane.Public) =>
        Take(Conversation.Post(Callers.Tenant, Now, caller, new(Guid.CreateVersion7(), lane, "text/plain", [65]), new(Callers.Noon, Guid.CreateVersion7(), null, Inbox: Callers.TakingInbox), Options));

    public Decision<ConversationSnapshot> Take(Decision<ConversationSnapshot> decision)
    {
        Now = decision.Next ?? Now;
        return decision;
    }
}
