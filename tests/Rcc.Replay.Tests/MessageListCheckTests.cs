using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Replay.Check;

namespace Rcc.Replay.Tests;

/// <summary>The check must see what it is there for: every kind of damage to a list of messages is counted, and said.</summary>
public sealed class MessageListCheckTests
{
    static readonly Guid Conversation = Guid.CreateVersion7();
    static readonly Guid Person = Guid.CreateVersion7();
    static readonly ExpectedMessage[] Said = [.. Enumerable.Range(1, 5).Select(i => new ExpectedMessage(Guid.CreateVersion7(), [Person], $"text {i}"))];

    [Fact]
    public void What_was_said_in_its_order_passes()
    {
        var findings = Check([.. List()]);

        Assert.True(findings.Passed);
        Assert.Empty(findings.Words);
    }

    [Fact]
    public void A_missing_message_is_lost_and_those_behind_it_are_not_reordered()
    {
        var findings = Check([.. Renumbered(List().Where((_, i) => i != 2))]);

        Assert.Equal((1, 0, 0), (findings.Lost, findings.Duplicated, findings.Reordered));
        Assert.Contains("turn 3 is not there", Assert.Single(findings.Words), StringComparison.Ordinal);
    }

    [Fact]
    public void A_hole_in_the_numbers_is_seen()
    {
        var findings = Check([.. List().Where((_, i) => i != 3)]);

        Assert.Equal((1, 0, 1), (findings.Lost, findings.Duplicated, findings.Reordered));
    }

    [Theory]
    [InlineData("text 2 ")]
    [InlineData("text 2\0")]
    [InlineData("Text 2")]
    public void A_changed_text_is_lost_and_is_not_repeated_in_the_report(string changed)
    {
        var findings = Check([.. List().Select((message, i) => i == 1 ? message with { Content = changed } : message)]);

        Assert.Equal((1, 0, 0), (findings.Lost, findings.Duplicated, findings.Reordered));
        Assert.DoesNotContain(changed, Assert.Single(findings.Words), StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_under_another_name_is_lost()
    {
        var findings = Check([.. List().Select((message, i) => i == 4 ? message with { PersonId = Guid.CreateVersion7() } : message)]);

        Assert.Equal((1, 0, 0), (findings.Lost, findings.Duplicated, findings.Reordered));
    }

    [Fact]
    public void A_message_twice_is_duplicated()
    {
        var list = List().ToArray();

        var findings = Check([.. Renumbered([.. list, list[1]])]);

        Assert.Equal((0, 1, 0), (findings.Lost, findings.Duplicated, findings.Reordered));
    }

    [Fact]
    public void A_copy_with_an_id_of_its_own_is_duplicated()
    {
        var list = List().ToArray();

        var findings = Check([.. Renumbered([.. list, list[1] with { MessageId = Guid.CreateVersion7() }])]);

        Assert.Equal((0, 1, 0), (findings.Lost, findings.Duplicated, findings.Reordered));
    }

    [Fact]
    public void Of_two_exchanged_messages_one_is_reordered()
    {
        var list = List().ToArray();

        var findings = Check([.. Renumbered([list[0], list[2], list[1], list[3], list[4]])]);

        Assert.Equal((0, 0, 1), (findings.Lost, findings.Duplicated, findings.Reordered));
    }

    [Fact]
    public void One_message_that_came_far_too_late_is_one_reordered()
    {
        var list = List().ToArray();

        var findings = Check([.. Renumbered([list[1], list[2], list[3], list[4], list[0]])]);

        Assert.Equal((0, 0, 1), (findings.Lost, findings.Duplicated, findings.Reordered));
    }

    [Fact]
    public void Nothing_of_a_dialogue_is_all_of_it_lost() => Assert.Equal(Said.Length, Check([]).Lost);

    static IEnumerable<MessageItem> List() => Said.Select((said, i) => new MessageItem
    {
        ConversationId = Conversation,
        Lane = Lane.Public,
        Seq = i + 1,
        MessageId = said.MessageId,
        PersonId = said.Writers[0],
        Role = Role.Customer,
        At = DateTimeOffset.UnixEpoch,
        ContentType = "text/plain",
        Content = said.Content,
    });

    static IEnumerable<MessageItem> Renumbered(IEnumerable<MessageItem> list) => list.Select((message, i) => message with { Seq = i + 1 });

    static Findings Check(IReadOnlyList<MessageItem> found)
    {
        var findings = new Findings();
        MessageListCheck.Run("dialogue", Said, found, findings);
        return findings;
    }
}
