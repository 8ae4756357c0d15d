using System.Buffers.Binary;
using System.Text;
using Rcc.Replay.Check;
using Rcc.Replay.Control;

namespace Rcc.Replay.Tests.Control;

/// <summary>What a customer's connection delivers is searched whole, however it was cut into frames and reads.</summary>
public sealed class LeakTests
{
    const string Upgraded = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n";

    readonly Marker marker = new();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(100_000)]
    public void A_note_is_found_also_where_fragments_and_reads_cut_it(int bytesPerRead)
    {
        var text = $"{new string('x', 300)}{marker.Mark("between us")}{new string('y', 70_000)}";
        var received = new ReceivedBytes();
        Deliver(received, bytesPerRead, Upgraded, Frame("{}"), Frame(text[..310]), Frame(text[310..320]), Frame(text[320..]));

        Assert.Equal($"{Upgraded}{{}}{text}", Encoding.UTF8.GetString(Assert.Single(received.Connections)));
        Assert.Contains("a text for colleagues", Find(received), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_refused_upgrade_says_is_searched_as_well()
    {
        var received = new ReceivedBytes();
        Deliver(received, 5, "HTTP/1.1 401 Unauthorized\r\n\r\n" + marker.Word);

        Assert.NotNull(Find(received));
    }

    [Theory]
    [InlineData("""{"kind":"handling","id":"x"}""")]
    [InlineData("""{"kind":"mention","id":"x"}""")]
    [InlineData("""{"kind":"whispers","id":"x"}""")]
    [InlineData("""{"kind":"left","of":"offer"}""")]
    [InlineData("""{"kind":"message","message":{"lane":"notes"}}""")]
    public void What_agents_share_is_found_by_its_form(string delivered) => Assert.NotNull(LeakCheck.Find(Encoding.UTF8.GetBytes(delivered), marker.Bytes, []));

    [Fact]
    public void Who_was_never_met_is_found_by_its_id()
    {
        var unseen = Guid.CreateVersion7();

        Assert.NotNull(LeakCheck.Find(Encoding.UTF8.GetBytes($"{{\"personId\":\"{unseen}\"}}"), marker.Bytes, [Guid.CreateVersion7(), unseen]));
    }

    [Fact]
    public void What_a_customer_may_have_passes_also_a_text_that_looks_like_what_it_may_not()
    {
        var delivered = """{"kind":"message","message":{"lane":"public","content":"{\"kind\":\"handling\",\"lane\":\"notes\"}"}}""";

        Assert.Null(LeakCheck.Find(Encoding.UTF8.GetBytes(delivered), marker.Bytes, [Guid.CreateVersion7()]));
    }

    string? Find(ReceivedBytes received) => LeakCheck.Find(received.Connections[0], marker.Bytes, []);

    static void Deliver(ReceivedBytes received, int bytesPerRead, string answer, params byte[][] frames)
    {
        var reader = new FrameReader(received.Begin());
        foreach (var read in Encoding.ASCII.GetBytes(answer).Concat(frames.SelectMany(frame => frame)).Chunk(bytesPerRead))
            reader.Take(read);
    }

    static byte[] Frame(string payload)
    {
        var bytes = Encoding.UTF8.GetBytes(payload);
        byte[] length = bytes.Length switch
        {
            < 126 => [(byte)bytes.Length],
            <= ushort.MaxValue => [126, .. Length(2)],
            _ => [127, .. Length(8)],
        };
        return [0x81, .. length, .. bytes];

        byte[] Length(int size)
        {
            var whole = new byte[8];
            BinaryPrimitives.WriteUInt64BigEndian(whole, (ulong)bytes.Length);
            return whole[^size..];
        }
    }
}
