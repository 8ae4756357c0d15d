using System.Text;
using System.Text.Json;
using Rcc.Bench.Load;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Delivery;
using Rcc.Contracts.Sync;

namespace Rcc.Bench.Tests;

/// <summary>The generator reads the contract by hand; here it reads what the contract's own serializer writes.</summary>
public class HubFrameTests : IFrameSink
{
    readonly List<string> seen = [];

    [Fact]
    public void A_batch_gives_its_messages_receipts_and_token()
    {
        var (conversation, person, message) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        var batch = new PushBatch
        {
            From = "a",
            To = "b",
            More = true,
            Items =
            [
                new SyncItem { Kind = ItemKinds.Message, Message = Message(conversation, message, Lane.Public, 5) },
                new SyncItem { Kind = ItemKinds.Message, Message = Message(conversation, Guid.NewGuid(), Lane.Notes, 6) },
                new SyncItem
                {
                    Kind = ItemKinds.Receipt,
                    Id = $"{conversation}/{person}",
                    Revision = 2,
                    State = JsonSerializer.SerializeToElement(new ReceiptState(4, 1), ContractJson.Default.ReceiptState),
                },
                new SyncItem { Kind = "of another day", Id = "x", State = JsonSerializer.SerializeToElement(new { Delivered = 9 }) },
            ],
        };

        Read($$"""{"type":1,"target":"push","arguments":[{{JsonSerializer.Serialize(batch, ContractJson.Default.PushBatch)}}]}""");

        Assert.Equal([$"message {conversation} {message} 5 True", $"receipt {conversation} {person} 4", "batch b 4 True"], seen);
    }

    [Fact]
    public void An_outcome_is_an_answer_and_a_refusal_says_why()
    {
        Read($$"""{"type":3,"invocationId":"12","result":{{JsonSerializer.Serialize(new Outcome { Code = ErrorCode.Ok, Seq = 3 }, ContractJson.Default.Outcome)}}}""");
        Read($$"""{"type":3,"invocationId":"13","result":{{JsonSerializer.Serialize(Outcome.Refused(ErrorCode.Busy, "full"), ContractJson.Default.Outcome)}}}""");
        Read("""{"type":3,"invocationId":"14","error":"boom"}""");
        Read($$"""{"type":3,"invocationId":"s","result":{{JsonSerializer.Serialize(new SyncAnswer { Outcome = Outcome.Refused(ErrorCode.Suspended) }, ContractJson.Default.SyncAnswer)}}}""");

        Assert.Equal(["answer 12 ok", "answer 13 busy (full)", "answer 14 boom", "answer s suspended"], seen);
    }

    [Fact]
    public void A_page_gives_its_messages_before_its_answer()
    {
        var (conversation, message) = (Guid.NewGuid(), Guid.NewGuid());
        var page = new MessagePage { Outcome = Outcome.Done, Messages = [Message(conversation, message, Lane.Public, 1)], LastSeq = 1 };

        Read($$"""{"type":3,"invocationId":"p","result":{{JsonSerializer.Serialize(page, ContractJson.Default.MessagePage)}}}""");

        Assert.Equal([$"message {conversation} {message} 1 False", "answer p ok"], seen);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"type":6}""")]
    [InlineData("""{"type":1,"target":"push","arguments":[{"items":[],"ephemeral":[{"kind":"typing","active":true}]}]}""")]
    public void Handshake_ping_and_typing_say_nothing_of_messages(string record)
    {
        Read(record);

        Assert.DoesNotContain(this.seen, seen => !seen.StartsWith("batch ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_close_message_with_an_error_is_a_refusal()
    {
        Read("""{"type":7,"error":"bye"}""");

        Assert.Equal(["answer  bye"], seen);
    }

    void IFrameSink.OnMessage(Guid conversation, Guid messageId, long seq, bool pushed) => seen.Add($"message {conversation} {messageId} {seq} {pushed}");

    void IFrameSink.OnReceipt(Guid conversation, Guid person, long delivered) => seen.Add($"receipt {conversation} {person} {delivered}");

    void IFrameSink.OnBatch(ReadOnlySpan<byte> to, int items, bool more) => seen.Add($"batch {Encoding.UTF8.GetString(to)} {items} {more}");

    void IFrameSink.OnAnswer(ReadOnlySpan<byte> invocation, string? refusal) => seen.Add($"answer {Encoding.UTF8.GetString(invocation)} {refusal ?? "ok"}");

    static MessageItem Message(Guid conversation, Guid message, Lane lane, long seq) => new()
    {
        ConversationId = conversation,
        Lane = lane,
        Seq = seq,
        MessageId = message,
        PersonId = Guid.NewGuid(),
        Role = Role.Agent,
        At = DateTimeOffset.UnixEpoch,
        ContentType = "text/plain",
        Content = "\"messageId\":\"no\" 😀",
    };

    void Read(string record) => HubFrame.Read(Encoding.UTF8.GetBytes(record), this);
}
