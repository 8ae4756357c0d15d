using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Core.Devices;
using Rcc.Core.Sync;
using Rcc.LocalSilo.Tests;

namespace Rcc.Core.Tests.Devices;

public class ViewingTests
{
    static readonly Guid One = Guid.CreateVersion7();
    static readonly Guid Other = Guid.CreateVersion7();

    readonly Caller agent = Callers.Agent();
    readonly ManualClock clock = new();
    readonly ConcurrentQueue<EphemeralEvent> told = [];

    [Fact]
    public async Task What_an_agent_opens_its_colleagues_are_told_and_what_it_closes_too()
    {
        using var viewing = Make(agent);
        Open(viewing, 1, One);
        await UntilAsync(1);
        Assert.Equal(new(Callers.Tenant, Audience.OfNotes(One), One, agent.PersonId, Active: true, EphemeralKind.Viewing, Asks: true), told.Single());

        Open(viewing, 2, Other);
        await UntilAsync(3);
        Assert.Equal([(One, false, false), (Other, true, true)], told.Skip(1).Select(fact => (fact.ConversationId, fact.Active, fact.Asks)).OrderBy(fact => fact.Active));

        Open(viewing, 3, null);
        await UntilAsync(4);
        Assert.False(told.Last().Active);
    }

    [Fact]
    public async Task It_is_said_again_while_it_is_open_and_not_after()
    {
        using var viewing = Make(agent);
        Open(viewing, 1, One);
        await UntilAsync(1);
        clock.Advance(TimeSpan.FromSeconds(10));
        await UntilAsync(2);
        Assert.Equal((true, false), (told.Last().Active, told.Last().Asks));

        viewing.Dispose();
        Open(viewing, 2, Other);
        viewing.Hear(Asking(One));
        clock.Advance(TimeSpan.FromSeconds(60));
        using var next = Make(agent);
        Open(next, 1, Other);
        await UntilAsync(3);
        Assert.Equal([One, One, Other], told.Select(fact => fact.ConversationId));
    }

    [Fact]
    public async Task Who_asks_who_is_there_is_answered_by_those_who_are_and_once()
    {
        using var viewing = Make(agent);
        Open(viewing, 1, One);
        viewing.Hear(Asking(Other));
        viewing.Hear(Asking(One) with { Asks = false });
        viewing.Hear(Asking(One) with { Kind = EphemeralKind.Typing });
        viewing.Hear(Asking(One));
        await UntilAsync(2);
        Assert.Single(told, fact => !fact.Asks && fact.ConversationId == One);
    }

    [Fact]
    public async Task An_older_state_a_repetition_and_somebody_elses_count_for_nothing()
    {
        using var viewing = Make(agent);
        Open(viewing, 5, One);
        Open(viewing, 4, Other);
        Open(viewing, 6, One);
        viewing.Notice(new(ItemKind.OpenConversation, Other), 9, State(Other));
        using var customers = Make(Callers.Customer(agent.PersonId));
        Open(customers, 1, Other);
        await UntilAsync(1);
        Open(viewing, 7, null);
        await UntilAsync(2);
        Assert.All(told, fact => Assert.Equal(One, fact.ConversationId));
    }

    static byte[] State(Guid? conversation) => JsonSerializer.SerializeToUtf8Bytes(new OpenConversationState(conversation), ContractJson.Default.OpenConversationState);

    EphemeralEvent Asking(Guid conversation) => new(Callers.Tenant, Audience.OfNotes(conversation), conversation, Guid.CreateVersion7(), Active: true, EphemeralKind.Viewing, Asks: true);

    Viewing Make(Caller caller) => new(caller, clock, TimeSpan.FromSeconds(30), fact =>
    {
        told.Enqueue(fact);
        return Task.CompletedTask;
    }, NullLogger.Instance);

    void Open(Viewing viewing, int revision, Guid? conversation) => viewing.Notice(new(ItemKind.OpenConversation, agent.PersonId), revision, State(conversation));

    Task UntilAsync(int count) => Eventually.HoldsAsync(() => told.Count >= count, () => $"{count} facts told, not {told.Count}");
}
