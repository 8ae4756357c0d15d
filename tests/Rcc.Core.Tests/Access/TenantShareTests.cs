using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Rcc.Core.Access;
using Rcc.Core.Tenants;
using Rcc.LocalSilo.Tests;

namespace Rcc.Core.Tests.Access;

/// <summary>What one tenant may have of a node, by example and by seeded random requests.</summary>
[Trait("Catalogue", "RCC-31")]
public sealed class TenantShareTests : IDisposable
{
    static readonly TenantId A = new(Guid.CreateVersion7());
    static readonly TenantId B = new(Guid.CreateVersion7());

    readonly ManualClock clock = new();
    readonly TermsInHand agreed = new();
    readonly AccessOptions limits = new()
    {
        TenantConcurrentRequests = 8,
        TenantConcurrentRequestsContended = 2,
        TenantWaitingRequests = 3,
        TenantRequestsPerSecond = 1_000,
        TenantRequestBurst = 1_000,
        ContentionLasts = TimeSpan.FromSeconds(1),
    };

    readonly KnownTerms terms;
    readonly TenantShares shares;

    public TenantShareTests()
    {
        terms = new(agreed, clock, Options.Create(new TenantOptions()), NullLogger<KnownTerms>.Instance);
        shares = new(terms, clock, Options.Create(limits));
    }

    [Fact]
    public void Alone_a_tenant_has_many_requests_under_way_and_beside_another_few()
    {
        Assert.Equal(8, BegunOf(A, 10));

        Assert.Equal(2, BegunOf(B, 4));
    }

    [Fact]
    public void What_is_over_the_share_waits_in_order_and_what_cannot_wait_is_busy()
    {
        shares.Enter(A).End();
        var turns = Enumerable.Range(0, 6).Select(_ => shares.Enter(B)).ToList();

        Assert.Equal([true, true, false, false, false], turns.Take(5).Select(turn => turn.Begun.IsCompleted));
        Assert.Equal(ErrorCode.Busy, turns[5].Refusal!.Code);
        turns[0].End();
        Assert.Equal([true, false, false], turns.Skip(2).Take(3).Select(turn => turn.Begun.IsCompleted));

        // The other one is served at once all the same.
        Assert.True(shares.Enter(A).Begun.IsCompleted);
    }

    [Fact]
    public async Task Who_comes_too_often_is_told_after_how_long_there_is_a_place_and_what_takes_no_turn_counts_as_well()
    {
        agreed.Terms[A] = new() { Share = new() { RequestsPerSecond = 1, RequestBurst = 2 } };
        await terms.FindAsync(A, default);
        Assert.Null(shares.Count(A));
        shares.Enter(A).End();

        Assert.Equal((ErrorCode.RateLimited, 1), (shares.Count(A)!.Code, shares.Count(A)!.RetryAfterSeconds));
        Assert.Equal(1, shares.Enter(A).Refusal!.RetryAfterSeconds);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(shares.Count(A));
        Assert.NotNull(shares.Enter(A).Refusal);
        Assert.Null(shares.Count(B));
    }

    [Fact]
    public void When_the_others_have_gone_those_who_wait_get_the_whole_node()
    {
        shares.Enter(A).End();
        var turns = Enumerable.Range(0, 5).Select(_ => shares.Enter(B)).ToList();
        clock.Advance(TimeSpan.FromSeconds(2));
        turns[0].End();

        Assert.All(turns, turn => Assert.True(turn.Begun.IsCompleted));
    }

    [Fact]
    public void Requests_that_come_too_often_are_refused_and_the_share_is_named()
    {
        limits.TenantRequestsPerSecond = 10;
        limits.TenantRequestBurst = 3;
        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => Serve(A)));
        Assert.Contains("10 a second", shares.Enter(A).Refusal!.Detail, StringComparison.Ordinal);
        Assert.Equal(ErrorCode.RateLimited, shares.Enter(A).Refusal!.Code);
        Assert.True(Serve(B));

        clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal([true, false], Enumerable.Range(0, 2).Select(_ => Serve(A)));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => Serve(A)));
    }

    [Fact]
    public void Beside_another_a_tenant_may_ask_less_often_until_the_other_has_gone()
    {
        limits.TenantRequestsPerSecondContended = 2;
        Assert.All(Enumerable.Range(0, 100), _ => Assert.True(Serve(A)));
        Assert.True(Serve(B));
        Assert.Equal([true, true, true, true, false], Enumerable.Range(0, 5).Select(_ => Serve(A)));
        Assert.Contains("2 a second", shares.Enter(A).Refusal!.Detail, StringComparison.Ordinal);

        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.All(Enumerable.Range(0, 100), _ => Assert.True(Serve(A)));
    }

    [Fact]
    public void What_belongs_to_a_request_that_counts_does_not_count_again()
    {
        limits.TenantRequestsPerSecond = 1;
        limits.TenantRequestBurst = 1;
        for (var i = 0; i < 5; i++)
        {
            var turn = shares.Enter(A, counts: false);
            Assert.Null(turn.Refusal);
            turn.End();
        }

        Assert.True(Serve(A));
        Assert.False(Serve(A));
    }

    [Fact]
    public async Task The_plan_says_otherwise_as_soon_as_it_is_known()
    {
        agreed.Terms[A] = new() { Share = new() { RequestsPerSecond = 5, RequestBurst = 1, ConcurrentRequests = 1 } };
        await terms.FindAsync(A, CancellationToken.None);

        Assert.True(Serve(A));
        Assert.Equal(ErrorCode.RateLimited, shares.Enter(A).Refusal!.Code);
        agreed.Terms[A] = new() { Share = new() { ConcurrentRequests = 5 } };
        await terms.RefreshAsync(CancellationToken.None);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(5, BegunOf(A, 8));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_comes_and_goes_no_share_is_passed_and_nobody_waits_while_there_is_room(int seed)
    {
        var random = new Random(seed);
        TenantId[] tenants = [A, B, new(Guid.CreateVersion7())];
        var turns = tenants.ToDictionary(tenant => tenant, _ => new List<Turn>());
        for (var step = 0; step < 5_000; step++)
        {
            var tenant = tenants[random.Next(tenants.Length)];
            var mine = turns[tenant];
            if (random.Next(3) > 0)
            {
                if (shares.Enter(tenant) is { Refusal: null } turn)
                {
                    mine.Add(turn);
                }
                else
                {
                    Assert.True(mine.Count >= limits.TenantConcurrentRequestsContended + limits.TenantWaitingRequests, $"seed {seed}, step {step}: refused with {mine.Count}");
                }
            }
            else if (mine.FindIndex(turn => turn.Begun.IsCompleted) is >= 0 and var at)
            {
                mine[at].End();
                mine.RemoveAt(at);
            }

            clock.Advance(TimeSpan.FromMilliseconds(1 + random.Next(5)));
            var begun = mine.Count(turn => turn.Begun.IsCompleted);
            Assert.True(begun <= limits.TenantConcurrentRequests, $"seed {seed}, step {step}: {begun} under way");
            Assert.True(begun == mine.Count || begun >= limits.TenantConcurrentRequestsContended, $"seed {seed}, step {step}: {mine.Count - begun} wait beside {begun}");
        }

        foreach (var mine in turns.Values)
        {
            while (mine.Find(turn => turn.Begun.IsCompleted) is { } turn)
            {
                turn.End();
                mine.Remove(turn);
            }

            Assert.Empty(mine);
        }
    }

    public void Dispose() => terms.Dispose();

    bool Serve(TenantId tenant)
    {
        var turn = shares.Enter(tenant);
        turn.End();
        return turn.Refusal is null;
    }

    int BegunOf(TenantId tenant, int requests) => Enumerable.Range(0, requests).Count(_ => shares.Enter(tenant) is { Refusal: null } turn && turn.Begun.IsCompleted);

    sealed class TermsInHand : ITermsStore
    {
        public Dictionary<TenantId, Terms> Terms { get; } = [];

        public Task<IReadOnlyList<AgreedTerms>> ReadAsync(IReadOnlyCollection<TenantId> tenants, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<AgreedTerms>>([.. tenants.Where(Terms.ContainsKey).Select(tenant => new AgreedTerms(tenant, 1, Terms[tenant], 0, 0))]);

        public Task<TenantUsage?> ReadUsageAsync(TenantId tenant, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task CountAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
