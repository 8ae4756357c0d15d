using System.Text;
using Rcc.Replay.Dialogues;

namespace Rcc.Replay.Tests;

public sealed class DialogueFileTests
{
    const string Good = """{"id":"a","lang":"en","customer":"c","agent":"g","source":"unknown members are ignored","turns":[{"from":"customer","text":"hello","t":0}]}""";

    [Fact]
    public void Every_line_is_a_dialogue_and_blank_lines_are_none()
    {
        var dialogues = Parse($"{Good}\n\n{Good}\r\n");

        Assert.Equal([1, 3], dialogues.Select(dialogue => dialogue.Line));
        Assert.Equal("hello", Assert.Single(dialogues[0].Turns).Text);
    }

    [Fact]
    public void Texts_come_as_they_were_written()
    {
        var dialogues = Parse("""{"id":"a","turns":[{"from":"agent","text":"\u0000 \ud83d\ude00\n\t\u202e\ud800\udc00"}]}""");

        Assert.Equal("\0 \ud83d\ude00\n\t\u202e\ud800\udc00", dialogues[0].Turns[0].Text);
    }

    [Theory]
    [InlineData("""{"id":"a","turns":[""")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("nonsense")]
    [InlineData("""{"turns":[{"from":"customer","text":"x"}]}""")]
    [InlineData("""{"id":"a"}""")]
    [InlineData("""{"id":"a","turns":[]}""")]
    [InlineData("""{"id":"a","turns":[null]}""")]
    [InlineData("""{"id":"a","turns":[{"from":"robot","text":"x"}]}""")]
    [InlineData("""{"id":"a","turns":[{"from":"customer"}]}""")]
    [InlineData("""{"id":"a","turns":[{"from":"customer","text":""}]}""")]
    [InlineData("""{"id":"a","turns":[{"from":"customer","text":7}]}""")]
    [InlineData("""{"id":"a","turns":[{"from":"customer","text":"\ud800"}]}""")]
    public void A_line_that_is_no_dialogue_is_an_error_that_names_the_line(string line)
    {
        var error = Assert.Throws<DialogueFileException>(() => Parse($"{Good}\n\n{line}\n{Good}"));

        Assert.StartsWith("input.jsonl, line 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_dialogues_is_an_error() => Assert.Throws<DialogueFileException>(() => Parse("\n\n"));

    [Fact]
    public void A_file_that_is_not_there_is_an_error_that_names_it()
    {
        var error = Assert.Throws<DialogueFileException>(() => DialogueFile.Read("nowhere.jsonl"));

        Assert.Contains("nowhere.jsonl", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_UTF8_are_an_error()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, [.. Encoding.UTF8.GetBytes("""{"id":"a","turns":[{"from":"customer","text":" """), 0xff, .. "\"}]}"u8]);

            Assert.Throws<DialogueFileException>(() => DialogueFile.Read(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void The_demos_own_dialogues_are_there()
    {
        var dialogues = DialogueFile.ReadDemo();

        Assert.True(dialogues.Count >= 8);
        Assert.True(dialogues.Select(dialogue => dialogue.Lang).Distinct().Count() >= 5);
    }

    static IReadOnlyList<Dialogue> Parse(string lines) => DialogueFile.Parse(new StringReader(lines), "input.jsonl");
}
