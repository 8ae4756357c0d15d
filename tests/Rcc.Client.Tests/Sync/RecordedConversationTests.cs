using System.Text.Json;
using Rcc.Client.Sync;

namespace Rcc.Client.Tests.Sync;

/// <summary>The conversations both device clients hold to: see tests/contract/README.md.</summary>
public sealed class RecordedConversationTests
{
    static readonly Lazy<JsonElement> Recorded = new(() => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "sync-conversations.json"))).RootElement);

    public static TheoryData<string> Names => [.. Recorded.Value.EnumerateArray().Select(c => c.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Names))]
    public Task The_client_holds_to(string name)
    {
        var store = new MemoryDeviceStore();
        return PlayAsync(name, () => store);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_client_holds_to_it_with_its_store_in_a_file_as_well(string name)
    {
        using var folder = new StoreFolder();
        await PlayAsync(name, () => FileDeviceStore.Open(folder.Path, new FileDeviceStoreOptions { CompactAfterBytes = 4096 }));
    }

    static Task PlayAsync(string name, Func<IDeviceStore> open)
    {
        var conversation = Recorded.Value.EnumerateArray().Single(c => string.Equals(c.GetProperty("name").GetString(), name, StringComparison.Ordinal));
        // Away from the test's synchronisation context, so that answers are handled on the spot.
        return Task.Run(async () =>
        {
            await using var player = new ConversationPlayer(conversation, open);
            var index = 0;
            foreach (var step in conversation.GetProperty("steps").EnumerateArray())
            {
                try
                {
                    await player.PlayAsync(step);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    Assert.Fail($"Step {index} {step.GetRawText()}: {e.Message}");
                }
                index++;
            }
        });
    }

    [Fact]
    public void No_two_recorded_conversations_have_the_same_name() =>
        Assert.Equal(Names.Count, Recorded.Value.EnumerateArray().Select(c => c.GetProperty("name").GetString()).Distinct(StringComparer.Ordinal).Count());
}
