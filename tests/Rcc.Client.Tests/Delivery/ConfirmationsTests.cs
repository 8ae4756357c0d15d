using Rcc.Client.Delivery;
using Rcc.Contracts.Delivery;

namespace Rcc.Client.Tests.Delivery;

public sealed class ConfirmationsTests
{
    static readonly Guid One = Guid.Parse("018f0000-0000-7000-8000-0000000000c1");
    static readonly Guid Two = Guid.Parse("018f0000-0000-7000-8000-0000000000c2");
    static readonly DateTimeOffset Soon = DateTimeOffset.UnixEpoch.AddMilliseconds(100);
    static readonly DateTimeOffset Later = DateTimeOffset.UnixEpoch.AddMilliseconds(200);
    readonly Confirmations confirmations = new(new Dictionary<Guid, long> { [One] = 5 });

    [Fact]
    public void What_is_confirmed_or_on_its_way_is_not_said_again()
    {
        confirmations.Hold(One, 5, Soon);
        Assert.Null(confirmations.Due);
        confirmations.Hold(One, 6, Soon);
        Assert.Equal([new Held(One, 6)], confirmations.Take(10));

        confirmations.Hold(One, 6, Later);

        Assert.Null(confirmations.Due);
        Assert.Empty(confirmations.Take(10));
    }

    [Fact]
    public void The_first_to_wait_sets_the_time_for_all()
    {
        confirmations.Hold(Two, 1, Soon);
        confirmations.Hold(One, 7, Later);
        confirmations.Hold(Two, 2, Later);

        Assert.Equal(Soon, confirmations.Due);
        Assert.Equal([new Held(Two, 2), new Held(One, 7)], confirmations.Take(10));
    }

    [Fact]
    public void What_a_lost_connection_left_unanswered_is_said_again_unless_something_newer_is()
    {
        confirmations.Hold(One, 6, Soon);
        confirmations.Hold(Two, 1, Soon);
        confirmations.Take(10);
        confirmations.Hold(Two, 2, Soon);

        confirmations.Disconnected(Later);

        Assert.Equal([new Held(Two, 2), new Held(One, 6)], confirmations.Take(10));
    }

    [Fact]
    public void A_refused_one_is_said_again_unless_something_newer_is_on_its_way()
    {
        confirmations.Hold(One, 6, Soon);
        var first = Assert.Single(confirmations.Take(10));
        confirmations.Again([first], Later, isAsked: false);
        Assert.Equal(Later, confirmations.Due);
        Assert.Equal([first], confirmations.Take(10));

        confirmations.Hold(One, 7, Soon);
        confirmations.Take(10);
        confirmations.Again([first], Later, isAsked: false);

        Assert.Null(confirmations.Due);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_the_server_asks_to_wait_with_is_not_said_before_not_even_what_is_new_or_on_another_connection(bool isAsked)
    {
        confirmations.Hold(One, 6, Soon);
        var first = confirmations.Take(10);
        confirmations.Again(first, Later, isAsked);
        confirmations.Hold(Two, 1, Soon);
        Assert.Equal(Later, confirmations.Due);

        confirmations.Disconnected(Soon);

        Assert.Equal(isAsked ? Later : Soon, confirmations.Due);
    }

    [Fact]
    public void A_conversation_that_comes_back_is_confirmed_anew()
    {
        confirmations.Forget(One);
        confirmations.Hold(One, 2, Soon);

        Assert.Equal([new Held(One, 2)], confirmations.Take(10));
    }
}
