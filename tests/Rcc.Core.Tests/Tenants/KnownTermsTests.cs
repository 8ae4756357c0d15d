using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Rcc.Core.Access;
using Rcc.Core.Tenants;
using Rcc.LocalSilo.Tests;

namespace Rcc.Core.Tests.Tenants;

/// <summary>What a node knows of plans, and how soon it knows better.</summary>
public sealed class KnownTermsTests : IDisposable
{
    readonly ManualClock clock = new();
    readonly Agreements store = new();
    readonly KnownTerms known;

    public KnownTermsTests() => known = new(store, clock, Options.Create(new TenantOptions()), NullLogger<KnownTerms>.Instance);

    [Fact]
    public async Task Requests_do_not_read_the_store_while_what_is_known_is_fresh()
    {
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal("first", (await known.FindAsync(Callers.Tenant, CancellationToken.None))!.Terms.Plan);
        }

        Assert.Equal(1, store.Readings);
    }

    [Fact]
    public async Task What_could_not_be_read_again_in_time_is_read_by_the_request_that_needs_it()
    {
        await known.FindAsync(Callers.Tenant, CancellationToken.None);
        store.Plan = "second";
        Assert.Equal("first", known.FindFresh(Callers.Tenant)!.Terms.Plan);

        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(known.FindFresh(Callers.Tenant));
        Assert.Equal("first", known.Recall(Callers.Tenant)!.Terms.Plan);
        Assert.Equal("second", (await known.FindAsync(Callers.Tenant, CancellationToken.None))!.Terms.Plan);
    }

    [Fact]
    public async Task Many_that_need_the_same_at_once_read_it_once()
    {
        store.Gate = new TaskCompletionSource();
        var asking = Enumerable.Range(0, 50).Select(_ => known.FindAsync(Callers.Tenant, CancellationToken.None).AsTask()).ToList();
        store.Gate.SetResult();

        Assert.All(await Task.WhenAll(asking), agreed => Assert.Equal("first", agreed!.Terms.Plan));
        Assert.Equal(1, store.Readings);
    }

    [Fact]
    public async Task All_that_is_in_use_is_read_again_at_once_and_what_nobody_uses_is_forgotten()
    {
        var other = new TenantId(Guid.CreateVersion7());
        await known.FindAsync(Callers.Tenant, CancellationToken.None);
        await known.FindAsync(other, CancellationToken.None);
        store.Plan = "second";
        await known.RefreshAsync(CancellationToken.None);
        Assert.Equal((3, "second"), (store.Readings, known.FindFresh(other)!.Terms.Plan));

        clock.Advance(TimeSpan.FromMinutes(9));
        known.Recall(other);
        clock.Advance(TimeSpan.FromMinutes(2));
        await known.RefreshAsync(CancellationToken.None);
        Assert.Equal([other], store.LastAsked);
    }

    [Fact]
    public async Task What_is_recalled_before_it_is_known_is_known_after_the_next_reading()
    {
        Assert.Null(known.Recall(Callers.Tenant));
        await known.RefreshAsync(CancellationToken.None);
        Assert.Equal("first", known.Recall(Callers.Tenant)!.Terms.Plan);
    }

    [Fact]
    public async Task A_tenant_that_does_not_exist_has_contracted_nothing()
    {
        store.Exists = false;
        var refusal = await new Entitlements(known).RequireAsync(Callers.Master(), Services.Queues, CancellationToken.None);
        Assert.Equal(ErrorCode.NotEntitled, refusal!.Code);
    }

    [Fact]
    public async Task A_used_up_plan_is_named()
    {
        var entitlements = new Entitlements(known);
        store.Quotas = new() { MessagesPerMonth = 5, StorageBytes = 100 };
        (store.Messages, store.Bytes) = (4, 99);
        await known.FindAsync(Callers.Tenant, CancellationToken.None);
        Assert.Null(entitlements.RequireMessages(Callers.Customer()));

        store.Messages = 5;
        await known.RefreshAsync(CancellationToken.None);
        Assert.Contains("MessagesPerMonth is 5", entitlements.RequireMessages(Callers.Customer())!.Detail, StringComparison.Ordinal);
        (store.Messages, store.Bytes) = (4, 100);
        await known.RefreshAsync(CancellationToken.None);
        Assert.Contains("StorageBytes is 100", entitlements.RequireMessages(Callers.Customer())!.Detail, StringComparison.Ordinal);
    }

    public void Dispose() => known.Dispose();

    sealed class Agreements : ITermsStore
    {
        public string Plan { get; set; } = "first";

        public Quotas Quotas { get; set; } = new();

        public long Messages { get; set; }

        public long Bytes { get; set; }

        public bool Exists { get; set; } = true;

        public int Readings { get; private set; }

        public IReadOnlyCollection<TenantId> LastAsked { get; private set; } = [];

        public TaskCompletionSource? Gate { get; set; }

        public async Task<IReadOnlyList<AgreedTerms>> ReadAsync(IReadOnlyCollection<TenantId> tenants, CancellationToken cancellationToken)
        {
            Readings++;
            LastAsked = tenants;
            if (Gate is not null)
            {
                await Gate.Task;
            }

            return Exists ? [.. tenants.Select(tenant => new AgreedTerms(tenant, 1, new() { Plan = Plan, Quotas = Quotas }, Messages, Bytes))] : [];
        }

        public Task<TenantUsage?> ReadUsageAsync(TenantId tenant, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task CountAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
