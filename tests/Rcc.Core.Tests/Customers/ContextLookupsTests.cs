using System.Reflection;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Rcc.Core.Customers;
using MsOptions = Microsoft.Extensions.Options.Options;

namespace Rcc.Core.Tests.Customers;

/// <summary>How tenants share the lookups of a node.</summary>
[Trait("Catalogue", "RCC-46")]
public sealed class ContextLookupsTests : IDisposable
{
    static readonly TimeSpan Long = TimeSpan.FromSeconds(30);
    static readonly CustomerOptions Options = new() { MaxLookups = 4, MaxLookupsPerTenant = 2, MaxLookupsWaiting = 6 };

    readonly TenantId slow = new(Guid.NewGuid());
    readonly TenantId other = new(Guid.NewGuid());
    readonly HeldSource source = new();
    readonly Told told;
    readonly ContextLookups lookups;

    public ContextLookupsTests()
    {
        var grains = DispatchProxy.Create<IGrainFactory, Told>();
        told = (Told)(object)grains;
        lookups = new(source, grains, MsOptions.Create(Options), NullLogger<ContextLookups>.Instance);
    }

    public void Dispose() => lookups.Dispose();

    [Fact]
    public async Task A_tenant_whose_lane_is_full_leaves_the_others_their_places_and_their_lanes()
    {
        for (var i = 0; i < 50; i++) lookups.Begin(Question(slow));
        await source.UntilAskedAsync(2);

        // It has no more than its share of places, though nobody else asks, and the others find room though it has filled all there is.
        for (var i = 0; i < 3; i++) lookups.Begin(Question(other));
        await source.UntilAskedAsync(4);
        Assert.Equal(2, source.Asked.Count(asked => asked.Tenant == other));
        source.Answer(asked => asked.Tenant == other);
        await source.UntilAskedAsync(5);
        Assert.Equal(3, source.Asked.Count(asked => asked.Tenant == other));

        // Its own go on in turn, as many as were kept: 2 at once, 6 waiting, less the one that gave way to the third of the other.
        for (var answered = 2; answered <= 6; answered += 2)
        {
            source.Answer(asked => asked.Tenant == slow);
            await source.UntilAskedAsync(Math.Min(5 + answered, 10));
        }

        source.Answer(_ => true);
        await told.UntilAsync(10);
        Assert.Equal(7, source.Asked.Count(asked => asked.Tenant == slow));
        Assert.Equal(source.Asked.Count, source.Asked.DistinctBy(asked => asked.ContactId).Count());
    }

    [Fact]
    public async Task Tenants_take_turns_at_the_places()
    {
        var third = new TenantId(Guid.NewGuid());
        foreach (var tenant in (TenantId[])[slow, slow, slow, other, other, other]) lookups.Begin(Question(tenant));
        await source.UntilAskedAsync(4);
        lookups.Begin(Question(third));
        source.Answer(asked => asked.Tenant == slow);
        await source.UntilAskedAsync(6);
        Assert.Contains(source.Asked, asked => asked.Tenant == third);
    }

    [Fact]
    public async Task A_source_that_breaks_is_told_as_an_answer_that_is_wrong()
    {
        source.Breaks = true;
        lookups.Begin(Question(slow));
        Assert.Equal(LookupFailure.Malformed, Assert.Single(await told.UntilAsync(1)).Failure);
    }

    static LookupQuestion Question(TenantId tenant) => new(tenant, Guid.NewGuid(), new() { Url = "https://crm.example/" }, Guid.NewGuid(), new() { CreatedAt = Callers.Noon });

    /// <summary>Answers when it is told to.</summary>
    sealed class HeldSource : IContextSource
    {
        readonly Lock gate = new();
        readonly List<(LookupQuestion Question, TaskCompletionSource<LookupResult> Answer)> held = [];
        readonly Channel<LookupQuestion> asked = Channel.CreateUnbounded<LookupQuestion>();
        int seen;

        public bool Breaks { get; set; }

        public IReadOnlyList<LookupQuestion> Asked
        {
            get
            {
                lock (gate) return [.. held.Select(one => one.Question)];
            }
        }

        public Task<LookupResult> LookUpAsync(LookupQuestion question, CancellationToken cancellationToken)
        {
            if (Breaks) throw new InvalidOperationException("It should have been a result.");
            var answer = new TaskCompletionSource<LookupResult>(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (gate) held.Add((question, answer));
            asked.Writer.TryWrite(question);
            return answer.Task;
        }

        public async Task UntilAskedAsync(int count)
        {
            while (seen < count)
            {
                await asked.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Long, TestContext.Current.CancellationToken);
                seen++;
            }

            Assert.Equal(count, Asked.Count);
        }

        public void Answer(Func<LookupQuestion, bool> which)
        {
            lock (gate)
            {
                foreach (var (question, answer) in held.Where(one => which(one.Question))) answer.TrySetResult(new());
            }
        }
    }

    /// <summary>The grains: each takes what it is told.</summary>
    public class Told : DispatchProxy
    {
        readonly Channel<LookupResult> taken = Channel.CreateUnbounded<LookupResult>();

        public async Task<IReadOnlyList<LookupResult>> UntilAsync(int count)
        {
            List<LookupResult> results = [];
            while (results.Count < count) results.Add(await taken.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Long, TestContext.Current.CancellationToken));
            return results;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            var grain = Create<ICustomerGrain, Grain>();
            ((Grain)(object)grain).Told = this;
            return grain;
        }

        public class Grain : DispatchProxy
        {
            public Told Told { get; set; } = null!;

            protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
            {
                Told.taken.Writer.TryWrite(args!.OfType<LookupResult>().Single());
                return Task.CompletedTask;
            }
        }
    }
}
