using Rcc.Contracts.Routing;
using Rcc.Core.Routing;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Routing;

public class PlaceNoticesTests
{
    static readonly TimeSpan Repeat = TimeSpan.FromSeconds(20);
    static readonly BusinessHours FromOneOn = new() { TimeZone = "UTC", Open = [new(Weekday.Friday, new(13, 0), default)] };

    readonly PlaceNotices notices = new(Repeat);
    readonly (Guid ConversationId, Guid ContactId)[] people = [.. Enumerable.Range(0, 4).Select(_ => (Guid.CreateVersion7(), Guid.CreateVersion7()))];

    [Fact]
    public void Who_waits_is_told_once_and_again_when_its_place_moves_and_when_it_waits_no_more()
    {
        Assert.Equal([1, 2, 3], Due(0, people[0], people[1], people[2]).Select(notice => notice.Place!.Position));
        Assert.Empty(Due(3, people[0], people[1], people[2]));

        // Somebody more urgent comes, the first is served.
        var moved = Due(6, people[3], people[1], people[2]);
        Assert.Equal([(people[3].ConversationId, 1), (people[0].ConversationId, null)], moved.Select(notice => (notice.ConversationId, notice.Place?.Position)));
        Assert.Equal(people[0].ContactId, moved[^1].ContactId);
        Assert.Empty(Due(9, people[3], people[1], people[2]));
        Assert.True(notices.AnyTold);
        Assert.Equal(3, Due(12).Count);
        Assert.False(notices.AnyTold);
    }

    [Fact]
    public void Who_does_not_move_is_told_again_before_what_it_was_told_has_ended()
    {
        var first = Assert.Single(Due(0, people[0]));
        Assert.Empty(Due(19, people[0]));
        Assert.Single(Due(20, people[0]));
        Assert.True(first.Place!.Lasts > Repeat * 2);
        Assert.Empty(Due(39, people[0]));
        Assert.Single(Due(40, people[0]));
    }

    [Fact]
    public void The_pace_makes_an_estimate_and_a_closed_queue_says_when_it_opens()
    {
        IReadOnlyList<DateTimeOffset> served = [Callers.Noon, Callers.Noon.AddMinutes(-2), Callers.Noon.AddMinutes(-4)];
        var open = notices.Due([new(null, served, people)], [], Callers.Noon);
        Assert.Equal([120, 240, 360, 480], open.Select(notice => notice.Place!.EstimatedSeconds));

        var closed = notices.Due([new(new() { Name = "Shop", Hours = FromOneOn }, served, people)], [], Callers.Noon.AddSeconds(3));
        Assert.All(closed, notice => Assert.Equal((null, Callers.Noon.AddHours(1)), (notice.Place!.EstimatedSeconds, notice.Place.OpensAt)));
        Assert.Equal(4, closed.Count);
    }

    [Fact]
    public void Who_waits_further_back_than_is_told_is_not_told_that_it_waits_no_more()
    {
        Assert.Equal(2, Due(0, people[0], people[1]).Count);

        // Somebody more urgent comes: of three who wait two are looked at.
        IReadOnlyList<QueueLine> lines = [new(null, [], [people[2], people[0]])];
        Assert.Equal([people[1].ConversationId], notices.Missing(lines));
        Assert.Equal([(people[2].ConversationId, 1), (people[0].ConversationId, 2)], notices.Due(lines, [people[1].ConversationId], Callers.Noon.AddSeconds(3)).Select(notice => (notice.ConversationId, notice.Place?.Position)));

        // The first two go: one is served, one gives up. Who was behind them comes forward.
        var left = Due(6, people[1]);
        Assert.Equal((people[1].ConversationId, 1), (left[0].ConversationId, left[0].Place?.Position));
        Assert.All(left.Skip(1), notice => Assert.Null(notice.Place));
        Assert.Equal(new[] { people[0].ConversationId, people[2].ConversationId }.Order(), left.Skip(1).Select(notice => notice.ConversationId).Order());
    }

    [Fact]
    public void It_is_told_to_the_customer_alone()
    {
        var told = Assert.Single(Due(0, people[0])).ToEvent(Callers.Tenant);
        Assert.Equal((Audience.OfPerson(people[0].ContactId), Callers.Tenant.Value, EphemeralKind.Position, true), (told.Audience, told.PersonId, told.Kind, told.Active));
        Assert.False(Assert.Single(Due(3)).ToEvent(Callers.Tenant).Active);
    }

    IReadOnlyList<PlaceNotice> Due(int second, params (Guid ConversationId, Guid ContactId)[] waiting) =>
        notices.Due(waiting.Length == 0 ? [] : [new(null, [], waiting)], [], Callers.Noon.AddSeconds(second));
}
