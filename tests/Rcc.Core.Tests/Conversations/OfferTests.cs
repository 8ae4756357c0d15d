using System.Text;
using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Routing;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Conversations;

public class OfferTests
{
    static readonly DateTimeOffset Until = Callers.Noon.AddSeconds(30);
    readonly Caller customer = Callers.Customer();
    readonly Caller agent = Callers.Agent();
    readonly Caller colleague = Callers.Agent();

    [Fact, Trait("Catalogue", "RCC-8")]
    public void An_offer_is_told_to_the_agent_alone_and_takes_a_place_of_its_capacity()
    {
        var decision = Offered();

        Assert.Equal(agent.PersonId, decision.Next!.Handling.Offer!.AgentId);
        Assert.Null(decision.Next.State.AssigneeId);
        var offer = OfferIn(decision, out var item);
        Assert.Null(offer.Outcome);
        Assert.Equal((Audience.OfPerson(agent.PersonId), Until), (item.Home, offer.ExpiresAt));
        Assert.Equal([Audience.OfPerson(agent.PersonId)], item.Tell);
        Assert.Equal([new CapacityClaim(agent.PersonId, 3)], decision.Change!.Claims);
        Assert.Empty(decision.Change.Audiences);
        Assert.Equal((agent.PersonId, Until), Row(decision));
    }

    [Fact, Trait("Catalogue", "RCC-8"), Trait("Catalogue", "RCC-9")]
    public void Who_accepts_gets_it_and_all_its_devices_learn_on_which_one()
    {
        var offered = Offered().Next!;
        var decision = Conversation.Accept(Callers.Tenant, offered, agent, Callers.Noon);

        Assert.Equal(agent.PersonId, decision.Next!.State.AssigneeId);
        Assert.Null(decision.Next.Handling.Offer);
        var offer = OfferIn(decision, out var item);
        Assert.Equal((OfferOutcome.Accepted, agent.DeviceId), (offer.Outcome, offer.DeviceId));
        Assert.Equal((offered.Handling.Offer!.Revision + 1, default), (item.Revision, item.Home));
        Assert.Empty(decision.Change!.Claims);
        Assert.Equal(ErrorCode.Conflict, Conversation.Accept(Callers.Tenant, decision.Next, agent, Callers.Noon).Refusal!.Code);
    }

    [Fact]
    public void Who_is_not_offered_it_learns_nothing_of_it()
    {
        var offered = Offered().Next!;
        Assert.Equal(ErrorCode.NotFound, Conversation.Accept(Callers.Tenant, offered, colleague, Callers.Noon).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, Conversation.Decline(Callers.Tenant, null, agent, Callers.Noon).Refusal!.Code);
    }

    [Fact]
    public void Declined_it_waits_again_and_remembers_who_passed()
    {
        var decision = Conversation.Decline(Callers.Tenant, Offered().Next!, agent, Callers.Noon);

        Assert.True(Conversation.IsWaiting(decision.Next!));
        Assert.Equal([agent.PersonId], decision.Next!.Handling.Passed);
        Assert.Equal(Callers.Noon, decision.Next.Handling.PassedAt);
        Assert.Equal(OfferOutcome.Declined, OfferIn(decision, out _).Outcome);
        Assert.Equal((null, null), Row(decision));
    }

    [Fact]
    public void Unanswered_it_is_over_at_its_time_and_not_before()
    {
        var offered = Offered().Next!;
        Assert.Empty(Conversation.Tick(Callers.Tenant, offered, Until.AddTicks(-1)).Change!.Items);

        var decision = Conversation.Tick(Callers.Tenant, offered, Until);
        Assert.Null(decision.Next!.Handling.Offer);
        Assert.Equal(OfferOutcome.Expired, OfferIn(decision, out _).Outcome);
    }

    [Fact, Trait("Catalogue", "RCC-8")]
    public void What_is_left_unanswered_is_counted_in_the_same_commit_and_an_answer_ends_the_count()
    {
        var offered = Offered().Next!;
        var missed = new MissedOffers(agent.PersonId, 5, 1);
        Assert.Equal((6, "2"), CountIn(Conversation.Tick(Callers.Tenant, offered, Until, missed: missed)));
        Assert.Equal((1, "1"), CountIn(Conversation.Tick(Callers.Tenant, offered, Until, missed: MissedOffers.Read(agent.PersonId, null))));
        Assert.Equal((6, "0"), CountIn(Conversation.Accept(Callers.Tenant, offered, agent, Callers.Noon, missed)));
        Assert.Equal((6, "0"), CountIn(Conversation.Decline(Callers.Tenant, offered, agent, Callers.Noon, null, missed)));

        // Nothing to forget, nothing due, nobody who counts.
        Assert.Null(CountIn(Conversation.Accept(Callers.Tenant, offered, agent, Callers.Noon, missed with { Count = 0 })));
        Assert.Null(CountIn(Conversation.Tick(Callers.Tenant, offered, Until.AddTicks(-1), missed: missed)));
        Assert.Null(CountIn(Conversation.Tick(Callers.Tenant, offered, Until)));

        static (int, string)? CountIn(Decision<ConversationSnapshot> decision) =>
            decision.Change!.Items.SingleOrDefault(one => one.Key.Kind == ItemKind.MissedOffers) is { } item ? (item.Revision, Encoding.UTF8.GetString(item.State.AsSpan())) : null;
    }

    [Fact]
    public void Given_to_another_or_resolved_it_is_withdrawn()
    {
        var offered = Offered().Next!;
        var given = Conversation.Route(Callers.Tenant, offered, Known(colleague), null, Callers.Noon);
        Assert.Equal((OfferOutcome.Withdrawn, (Guid?)null), (OfferIn(given, out _).Outcome, OfferIn(given, out _).DeviceId));
        Assert.Equal(OfferOutcome.Withdrawn, OfferIn(Conversation.Resolve(Callers.Tenant, offered, Callers.Over(Callers.Master())), out _).Outcome);
    }

    [Fact]
    public void It_is_offered_to_one_at_a_time_and_to_nobody_who_is_away()
    {
        Assert.Equal(ErrorCode.Conflict, Offer(Offered().Next!, Known(colleague)).Refusal!.Code);
        Assert.Equal(ErrorCode.Conflict, Offer(Opened(), Known(agent) with { Availability = Availability.Away }).Refusal!.Code);
        Assert.Equal(ErrorCode.Conflict, Offer(Opened(), Known(agent) with { IsSuspended = true }).Refusal!.Code);
    }

    static ConversationAgent Known(Caller agent) => new(agent.PersonId, 4, false, Availability.Online, 3);

    static Decision<ConversationSnapshot> Offer(ConversationSnapshot now, ConversationAgent to) => Conversation.Offer(Callers.Tenant, now, to, null, 0, Callers.Noon, Until);

    static OfferState OfferIn(Decision<ConversationSnapshot> decision, out ItemChange item)
    {
        item = Assert.Single(decision.Change!.Items, one => one.Key.Kind == ItemKind.Offer);
        return JsonSerializer.Deserialize(item.State.AsSpan(), ContractJson.Default.OfferState)!;
    }

    static (Guid? OfferedTo, DateTimeOffset? DueAt) Row(Decision<ConversationSnapshot> decision)
    {
        var row = Assert.Single(decision.Change!.Rows.OfType<ConversationRow>());
        return (row.OfferedTo, row.DueAt);
    }

    Decision<ConversationSnapshot> Offered() => Offer(Opened(), Known(agent));

    ConversationSnapshot Opened() => Conversation.Open(
        Callers.Tenant, Guid.CreateVersion7(), new(Callers.Inbox, customer.PersonId, "Ada"), 1, 0, new(Callers.Noon, Guid.CreateVersion7(), null), new()).Next!;
}
