using Rcc.Contracts.Conversations;
using Rcc.Replay.Check;

namespace Rcc.Replay.Tests.Control;

/// <summary>The check must see a second owner wherever one shows.</summary>
public sealed class OwnershipTests
{
    static readonly Guid Conversation = Guid.CreateVersion7();
    static readonly Guid One = Guid.CreateVersion7();
    static readonly Guid Other = Guid.CreateVersion7();

    readonly Findings findings = new();
    readonly Ownership ownership;

    public OwnershipTests() => ownership = new(findings);

    [Fact]
    public void A_conversation_that_goes_from_one_to_the_next_passes()
    {
        ownership.See(Conversation, 1, null, "a device");
        ownership.See(Conversation, 2, One, "a device");
        ownership.See(Conversation, 2, One, "another device");
        ownership.See(Conversation, 3, Other, "a device");
        ownership.See(Conversation, Handled(One), "a device");

        Assert.True(findings.Passed);
    }

    [Fact]
    public void Two_assignees_at_one_revision_are_double_owners_and_counted_once()
    {
        ownership.See(Conversation, 2, One, "a device");
        ownership.See(Conversation, 2, Other, "another device");
        ownership.See(Conversation, 2, null, "a third device");

        Assert.Equal(1, findings.DoubleOwners);
        Assert.False(findings.Passed);
    }

    [Fact]
    public void Two_who_serve_at_once_are_double_owners()
    {
        ownership.See(Conversation, Handled(One, Other), "a device");

        Assert.Equal(1, findings.DoubleOwners);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(4)]
    [InlineData(6)]
    public void An_offer_that_two_devices_of_the_agent_accept_is_doubled(int second)
    {
        ownership.Accept(Offer, 5, One, "a device");
        ownership.Accept(Offer, second, One, "another device");

        Assert.Equal(1, findings.DoubleOwners);
    }

    [Fact]
    public void An_offer_that_two_agents_accept_is_doubled()
    {
        ownership.Accept(Offer, 5, One, "a device");
        ownership.Accept(Offer, 5, Other, "a colleague's device");

        Assert.Equal(1, findings.DoubleOwners);
    }

    [Fact]
    public void A_consultation_that_is_accepted_late_is_nobodys_second_acceptance()
    {
        ownership.Accept(Offer, 5, One, "a device");
        ownership.Consult(Offer.Conversation, Other);
        ownership.Accept(Offer, 5, Other, "a colleague's device, which meant the offer");

        Assert.True(findings.Passed);
        ownership.Accept(Offer, 5, Guid.CreateVersion7(), "a device of somebody whom nobody consulted");
        Assert.Equal(1, findings.DoubleOwners);
    }

    [Fact]
    public void Accepting_what_was_offered_again_later_passes()
    {
        ownership.Accept(Offer, 5, One, "a device");
        ownership.Accept(Offer, 6, Other, "a colleague's device");
        ownership.Accept(Offer, 7, One, "a device that was away");
        ownership.Accept(Offer with { Revision = 3 }, 7, One, "a device");
        ownership.Accept(Offer with { Conversation = Guid.CreateVersion7() }, 7, One, "a device");

        Assert.True(findings.Passed);
    }

    static ShownOffer Offer => new(Conversation, One, 1);

    static HandlingState Handled(params Guid[] serving) => new()
    {
        QueueId = Guid.CreateVersion7(),
        Agents = [new(Guid.CreateVersion7(), Part.Collaborator), .. serving.Select(agent => new Participation(agent, Part.Server))],
    };
}
