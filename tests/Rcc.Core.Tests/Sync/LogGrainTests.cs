using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Rcc.Contracts.Conversations;
using Rcc.Core.Sync;
using Rcc.LocalSilo.Tests;

namespace Rcc.Core.Tests.Sync;

/// <summary>The group commit: what goes together, what waits, who is told what and when.</summary>
public class LogGrainTests
{
    [Fact]
    public async Task What_gathers_while_one_batch_commits_is_the_next()
    {
        await using var center = await Center.OpenAsync();
        var gathered = await GatherAsync(center, [Item(), Item(), Item(), Item(), Item()]);
        Assert.All(gathered, result => Assert.Equal(AppendVerdict.Accepted, result.Verdict));
        Assert.Equal([1, 5], Sizes(center));
        Assert.Equal(gathered.Select(result => result.ModSeq).Order(), gathered.Select(result => result.ModSeq));
    }

    [Fact]
    [Trait("Catalogue", "INV-3")]
    public async Task Nobody_is_answered_or_told_before_the_commit()
    {
        await using var center = await Center.OpenAsync();
        var agent = await center.AddAgentAsync();
        await agent.ConnectAsync(center.Node);
        await Center.UntilEqualLiveAsync(agent);
        var told = new ConcurrentQueue<LogBatch>();
        center.Network.Tell = (_, batch, deliver) =>
        {
            told.Enqueue(batch);
            return deliver();
        };
        var gate = new Gate();
        center.Store.Before = gate.For(StoreCall.Append);
        var append = center.LogOf().AppendAsync(Item(), CancellationToken.None);
        await gate.Reached;
        Assert.False(append.IsCompleted);
        Assert.Empty(told);
        gate.Open();
        var result = await append;
        await Eventually.HoldsAsync(() => !told.IsEmpty, () => "the node to be told");
        Assert.Equal(result.ModSeq, Assert.Single(told).To);
    }

    [Fact]
    public async Task A_poisonous_proposal_fails_alone()
    {
        await using var center = await Center.OpenAsync();
        var poison = Item();
        center.Store.IsPoisonous = proposal => proposal.Items.SequenceEqual(poison.Items);
        var (first, rest) = await HoldAsync(center, [Item(), poison, Item()]);
        Assert.Equal(AppendVerdict.Accepted, (await first).Verdict);
        Assert.Equal(AppendVerdict.Accepted, (await rest[0]).Verdict);
        await Assert.ThrowsAsync<AppendFailedException>(() => rest[1]);
        Assert.Equal(AppendVerdict.Accepted, (await rest[2]).Verdict);
        Assert.Equal([1, 3, 1, 1, 1], Sizes(center));
        await center.CommitAsync(Item());
    }

    [Fact]
    public async Task More_than_may_wait_is_refused_as_busy()
    {
        await using var center = await Center.OpenAsync(configure: services => services.Configure<LogOptions>(options => options.MaxWaiting = 2));
        var gate = new Gate();
        center.Store.Before = gate.For(StoreCall.Append);
        var first = center.LogOf().AppendAsync(Item(), CancellationToken.None);
        await gate.Reached;
        var second = center.LogOf().AppendAsync(Item(), CancellationToken.None);
        var third = center.LogOf().AppendAsync(Item(), CancellationToken.None);
        var refused = await Assert.ThrowsAsync<BusyException>(() => center.LogOf().AppendAsync(Item(), CancellationToken.None));
        Assert.Contains("2", refused.Message, StringComparison.Ordinal);
        gate.Open();
        await Task.WhenAll(first, second, third);
        await center.CommitAsync(Item());
    }

    [Fact]
    public async Task An_unknown_outcome_is_told_to_all_of_its_batch_and_the_log_goes_on()
    {
        await using var center = await Center.OpenAsync();
        var (first, rest) = await HoldAsync(center, [Item(), Item()], opened: () => center.Store.After = call => call == StoreCall.Append ? throw new UnavailableException("The connection broke.") : Task.CompletedTask);
        await Assert.ThrowsAsync<UnavailableException>(() => first);
        await Assert.ThrowsAsync<UnavailableException>(() => rest[0]);
        await Assert.ThrowsAsync<UnavailableException>(() => rest[1]);
        center.Store.After = _ => Task.CompletedTask;
        await center.CommitAsync(Item());
    }

    [Fact]
    [Trait("Catalogue", "INV-15")]
    public async Task What_was_committed_but_answered_by_nobody_reaches_the_devices_all_the_same()
    {
        await using var center = await Center.OpenAsync();
        var (agent, customer, conversation) = await center.TalkAsync();
        center.Store.After = call => call == StoreCall.Append ? throw new UnavailableException("The connection broke.") : Task.CompletedTask;
        await Assert.ThrowsAsync<UnavailableException>(() => center.PostAsync(conversation, customer));
        center.Store.After = _ => Task.CompletedTask;
        await center.UntilEqualAsync(agent);
        Assert.Single(center.Store.ReadMessages(center.Tenant, conversation, Lane.Public));
    }

    [Fact]
    [Trait("Catalogue", "INV-8")]
    public async Task The_same_command_twice_at_once_is_carried_out_once_with_one_answer()
    {
        await using var center = await Center.OpenAsync();
        var agent = await center.AddAgentAsync();
        var command = new CommandKey(1, new BodyHash(1, 2));
        var proposal = Item() with { By = agent.Caller.Author, Command = command, Answer = Answer.Done with { Seq = 42 } };
        var other = Item() with { By = agent.Caller.Author, Command = command with { Hash = new BodyHash(3, 4) } };
        center.Store.Batches.Clear();
        var results = await GatherAsync(center, [proposal, proposal, other]);
        Assert.Equal([AppendVerdict.Accepted, AppendVerdict.Duplicate, AppendVerdict.NumberReused], results.Select(result => result.Verdict));
        Assert.Equal(results[0].Answer, results[1].Answer);
        Assert.All(center.Store.Batches, batch => Assert.Equal(batch.Count(one => one.Command is not null), batch.Select(one => one.Command?.Number).OfType<long>().Distinct().Count()));
    }

    [Fact]
    public async Task Two_that_want_the_same_place_do_not_go_together_and_the_later_is_fenced()
    {
        await using var center = await Center.OpenAsync();
        var customer = await center.AddCustomerAsync();
        var conversation = await center.OpenConversationAsync(customer);
        var (one, two) = (center.Posted(conversation, customer).Change!, center.Posted(conversation, customer).Change!);
        var results = await GatherAsync(center, [one, two, Item()]);
        Assert.Equal([AppendVerdict.Accepted, AppendVerdict.Fenced, AppendVerdict.Accepted], results.Select(result => result.Verdict));
        Assert.Equal([1, 2, 1], Sizes(center));
    }

    [Fact]
    public async Task What_rests_on_an_item_does_not_go_with_what_changes_it()
    {
        await using var center = await Center.OpenAsync();
        var customer = await center.AddCustomerAsync();
        var conversation = await center.OpenConversationAsync(customer);
        var (post, resolve) = (center.Posted(conversation, customer).Change!, center.Resolved(conversation).Change!);
        var results = await GatherAsync(center, [resolve, post]);
        Assert.Equal([AppendVerdict.Accepted, AppendVerdict.Fenced], results.Select(result => result.Verdict));
        Assert.Equal([1, 1, 1], Sizes(center));
    }

    [Fact]
    public async Task Two_that_rest_on_the_same_item_go_together()
    {
        await using var center = await Center.OpenAsync();
        var customer = await center.AddCustomerAsync();
        var agent = await center.AddAgentAsync();
        var conversation = await center.OpenConversationAsync(customer, agent);
        var (message, note) = (center.Posted(conversation, customer).Change!, center.Posted(conversation, agent, Lane.Notes).Change!);
        var results = await GatherAsync(center, [message, note]);
        Assert.All(results, result => Assert.Equal(AppendVerdict.Accepted, result.Verdict));
        Assert.Equal([1, 2], Sizes(center));
    }

    [Fact]
    public async Task A_batch_keeps_to_its_limits_and_what_is_larger_goes_alone()
    {
        await using var center = await Center.OpenAsync(configure: services => services.Configure<LogOptions>(options => (options.MaxBatchProposals, options.MaxBatchRows) = (3, 5)));
        var large = Item() with { Items = [.. Enumerable.Range(0, 9).SelectMany(_ => Item().Items)] };
        await GatherAsync(center, [Item(), Item(), Item(), Item(), large, Item()]);
        Assert.Equal([1, 3, 1, 1, 1], Sizes(center));
    }

    [Fact]
    public async Task A_wave_of_receipts_keeps_no_message_waiting()
    {
        await using var center = await Center.OpenAsync(configure: services => services.Configure<LogOptions>(options => options.MaxBatchReceipts = 3));
        var receipts = new Proposal { Marks = [Receipt(), Receipt()], EvenIfSuspended = true };
        await GatherAsync(center, [receipts, receipts, receipts, Item()]);
        Assert.Equal([1, 2, 1, 1], Sizes(center));
        Assert.Single(center.Store.Batches.ElementAt(1), proposal => proposal.Items.Length > 0);

        static MarkAdvance Receipt() => new(MarkKind.Receipt, Guid.CreateVersion7(), Guid.CreateVersion7(), 1, 0);
    }

    /// <summary>Appends one, and the others while it commits.</summary>
    static async Task<List<AppendResult>> GatherAsync(Center center, IReadOnlyList<Proposal> proposals)
    {
        var (first, rest) = await HoldAsync(center, proposals);
        await first;
        return [.. await Task.WhenAll(rest)];
    }

    static async Task<(Task<AppendResult> First, List<Task<AppendResult>> Others)> HoldAsync(Center center, IReadOnlyList<Proposal> proposals, Action? opened = null)
    {
        center.Store.Batches.Clear();
        var gate = new Gate();
        center.Store.Before = gate.For(StoreCall.Append);
        var first = center.LogOf().AppendAsync(Item(), CancellationToken.None);
        await gate.Reached;
        var rest = proposals.Select(proposal => center.LogOf().AppendAsync(proposal, CancellationToken.None)).ToList();

        // The log takes calls in order: when this one has been taken, so have the others.
        await center.LogOf().TellAsync(new EphemeralEvent(center.Tenant, Audience.OfAgents(center.Tenant), default, default, false), CancellationToken.None);
        opened?.Invoke();
        gate.Open();
        return (first, rest);
    }

    static int[] Sizes(Center center) => [.. center.Store.Batches.Select(batch => batch.Count)];

    static Proposal Item()
    {
        var home = Audience.OfPerson(Guid.CreateVersion7());
        return new Proposal { Items = [new ItemChange(new ItemKey(ItemKind.OpenConversation, Guid.CreateVersion7()), 1, [.. "{}"u8], home, [home])] };
    }
}
