using Rcc.Contracts.Sync;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Sync;

public sealed class SyncTokensTests : IDisposable
{
    const uint Filter = 7;

    static readonly DevicePosition Position = new(1_234_567_890_123, null);
    static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
    static readonly Caller Caller = new() { Tenant = new TenantId(Guid.CreateVersion7()), PersonId = Guid.CreateVersion7(), DeviceId = Guid.CreateVersion7(), Role = Role.Agent };

    readonly SyncTokens tokens = new(Key, new Epoch(1));

    [Fact]
    public void A_token_says_where_its_device_was() => Assert.Equal(new OpenedToken(true, Filter, Position), tokens.Open(Caller, tokens.Seal(Caller, Position, Filter)));

    [Fact]
    public void A_token_of_a_snapshot_under_way_says_how_far_it_is()
    {
        var position = new DevicePosition(5, new ItemKey(ItemKind.Receipt, Guid.CreateVersion7(), Guid.CreateVersion7()));
        Assert.Equal(new OpenedToken(true, Filter, position), tokens.Open(Caller, tokens.Seal(Caller, position, Filter)));
    }

    [Fact]
    public void Every_node_with_the_same_key_opens_it()
    {
        using var other = new SyncTokens(Key, new Epoch(1));
        Assert.NotNull(other.Open(Caller, tokens.Seal(Caller, Position, Filter)));
    }

    [Fact]
    [Trait("Catalogue", "INV-24")]
    public void A_token_of_somebody_else_is_no_token()
    {
        var token = tokens.Seal(Caller, Position, Filter);
        Assert.Null(tokens.Open(Caller with { Tenant = new TenantId(Guid.CreateVersion7()) }, token));
        Assert.Null(tokens.Open(Caller with { PersonId = Guid.CreateVersion7() }, token));
        Assert.Null(tokens.Open(Caller with { DeviceId = Guid.CreateVersion7() }, token));
        using var otherKey = new SyncTokens(new byte[32], new Epoch(1));
        Assert.Null(otherKey.Open(Caller, token));
    }

    [Fact]
    [Trait("Catalogue", "INV-7")]
    public void A_token_of_another_epoch_says_so()
    {
        using var restored = new SyncTokens(Key, new Epoch(2));
        Assert.False(restored.Open(Caller, tokens.Seal(Caller, Position, Filter))!.Value.IsOfThisEpoch);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_token_garbled_at_any_byte_is_no_token(bool inSnapshot)
    {
        var token = tokens.Seal(Caller, inSnapshot ? Position with { Snapshot = new ItemKey(ItemKind.Agent, Guid.CreateVersion7()) } : Position, Filter);
        var bytes = System.Buffers.Text.Base64Url.DecodeFromChars(token);
        for (var at = 0; at < bytes.Length; at++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var garbled = bytes.ToArray();
                garbled[at] ^= (byte)(1 << bit);
                Assert.Null(tokens.Open(Caller, System.Buffers.Text.Base64Url.EncodeToString(garbled)));
            }
        }
    }

    [Fact]
    public void Nothing_but_the_very_text_of_a_token_is_a_token()
    {
        var token = tokens.Seal(Caller, Position, Filter);
        for (var at = 0; at <= token.Length; at++)
        {
            foreach (var insert in (string[])["A", " ", "\n", "\t", "=", "%", "\"", "é"])
            {
                Assert.Null(tokens.Open(Caller, token.Insert(at, insert)));
            }

            Assert.Null(tokens.Open(Caller, token[..at] == token ? "" : token[..at]));
        }

        Assert.All(Alphabet.Where(last => last != token[^1]), last => Assert.Null(tokens.Open(Caller, token[..^1] + last)));
    }

    [Fact]
    public void What_is_far_too_long_is_no_token() => Assert.Null(tokens.Open(Caller, new string('A', 1_000_000)));

    [Fact]
    public void No_two_tokens_are_alike()
    {
        var sealedOnes = new HashSet<string>(StringComparer.Ordinal);
        Parallel.For(0, 10_000, _ =>
        {
            var token = tokens.Seal(Caller, Position, Filter);
            lock (sealedOnes)
            {
                Assert.True(sealedOnes.Add(token));
            }
        });
        Assert.Equal(10_000, sealedOnes.Count);
    }

    [Fact]
    public void The_longest_token_is_within_the_limit() =>
        Assert.InRange(tokens.Seal(Caller, Position with { Snapshot = new ItemKey(ItemKind.Read, Guid.CreateVersion7(), Guid.CreateVersion7()) }, uint.MaxValue).Length, 1, SyncTokens.MaxLength);

    [Fact]
    public void Disposing_twice_is_once()
    {
        tokens.Dispose();
        tokens.Dispose();
    }

    public void Dispose() => tokens.Dispose();

    static IEnumerable<char> Alphabet => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
}
