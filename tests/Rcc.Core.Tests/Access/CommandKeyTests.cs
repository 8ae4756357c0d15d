using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Core.Access;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Access;

/// <summary>A repeated command is known by its key; another body under the same key is told apart (INV-8).</summary>
[Trait("Catalogue", "INV-8")]
public class CommandKeyTests
{
    static readonly Guid Id = Guid.CreateVersion7();

    [Fact]
    public void The_same_command_has_the_same_key_and_another_body_another_hash()
    {
        var key = Of(Resolve(5));
        Assert.Equal(key, Of(Resolve(5)));
        Assert.Equal(5, key.Number);
        Assert.NotEqual(key.Hash, Of(Resolve(5) with { ConversationId = Guid.CreateVersion7() }).Hash);
    }

    [Fact]
    public void Two_kinds_of_command_with_the_same_members_are_not_the_same() =>
        Assert.NotEqual(Of(Resolve(5)).Hash, CommandKeys.Make(new ReopenConversation { Number = 5, ConversationId = Id }, ContractJson.Default.ReopenConversation, 5, Attempt.Numbered, out _)!.Value.Hash);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(1L << 53)]
    public void A_number_outside_the_exact_integers_of_JavaScript_is_refused(long number)
    {
        Assert.Null(CommandKeys.Make(Resolve(number), ContractJson.Default.ResolveConversation, number, Attempt.Numbered, out var refusal));
        Assert.Equal(ErrorCode.Malformed, refusal!.Code);
    }

    [Fact]
    public void An_idempotency_key_becomes_a_number_below_zero_whatever_the_commands_number()
    {
        var key = CommandKeys.Make(Resolve(0), ContractJson.Default.ResolveConversation, 0, Attempt.Keyed("3f1c"), out var refusal);
        Assert.Null(refusal);
        Assert.True(key!.Value.Number < 0);
        Assert.Equal(CommandKeys.NumberOf("3f1c"), key.Value.Number);
        Assert.NotEqual(CommandKeys.NumberOf("3f1d"), key.Value.Number);
        Assert.All(Enumerable.Range(0, 1_000), i => Assert.True(CommandKeys.NumberOf($"key-{i}") < 0));
    }

    [Theory]
    [InlineData("")]
    [InlineData("with blank")]
    [InlineData("ünïcode")]
    [InlineData("line\n")]
    public void An_idempotency_key_is_visible_ASCII(string text)
    {
        Assert.Null(CommandKeys.Make(Resolve(0), ContractJson.Default.ResolveConversation, 0, Attempt.Keyed(text), out var refusal));
        Assert.Equal(ErrorCode.Malformed, refusal!.Code);
    }

    [Fact]
    public void An_idempotency_key_has_a_limit()
    {
        Assert.NotNull(CommandKeys.Make(Resolve(0), ContractJson.Default.ResolveConversation, 0, Attempt.Keyed(new('k', 255)), out _));
        Assert.Null(CommandKeys.Make(Resolve(0), ContractJson.Default.ResolveConversation, 0, Attempt.Keyed(new('k', 256)), out _));
    }

    [Fact]
    public void Without_a_key_each_attempt_is_carried_out()
    {
        Assert.Null(CommandKeys.Make(Resolve(0), ContractJson.Default.ResolveConversation, 0, Attempt.Keyed(null), out var refusal));
        Assert.Null(refusal);
    }

    [Fact]
    public void A_passwords_hash_is_no_part_of_the_body_because_its_salt_differs()
    {
        var first = Make(new() { Name = "Ben", Email = "ben@example.com", Role = Role.Agent, PasswordHash = "salt1" });
        Assert.Equal(first, Make(new() { Name = "Ben", Email = "ben@example.com", Role = Role.Agent, PasswordHash = "salt2" }));
        Assert.NotEqual(first, Make(new() { Name = "Bea", Email = "ben@example.com", Role = Role.Agent, PasswordHash = "salt1" }));

        var change = ChangeOf("salt1");
        Assert.Equal(change, ChangeOf("salt2"));

        static CommandKey? ChangeOf(string hash) => CommandKeys.Make(new(Id, new() { Name = "Ben", PasswordHash = hash }), AccessJson.Default.ChangeOfAgent, 0, Attempt.Keyed("k"), out _);

        static CommandKey? Make(CreateAgent agent) => CommandKeys.Make(agent, AccessJson.Default.CreateAgent, 0, Attempt.Keyed("k"), out _);
    }

    static ResolveConversation Resolve(long number) => new() { Number = number, ConversationId = Id };

    static CommandKey Of(ResolveConversation command) =>
        CommandKeys.Make(command, ContractJson.Default.ResolveConversation, command.Number, Attempt.Numbered, out _)!.Value;
}
