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
    readonly HeldSource source = new(LookupOrigin.Server);
    readonly HeldSource profiles = new(LookupOrigin.Profile);
    readonly Told told;
    readonly ContextLookups lookups;

    public ContextLookupsTests()
    {
        var grains = DispatchProxy.Create<IGrainFactory, Told>();
        told = (Told)(object)grains;
        lookups = new([source, profiles], grains, MsOptions.Create(Options), NullLogger<ContextLookups>.Instance);
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

    [Fact]
    [Trait("Catalogue", "RCC-49")]
    public async Task What_answers_is_taken_while_the_other_keeps_silent_and_the_lookup_ends_with_the_last()
    {
        lookups.Begin(Question(slow, new() { Url = "https://crm.example/", Profile = new() { Root = "https://xcap.example" } }));
        await Task.WhenAll(source.UntilAskedAsync(1), profiles.UntilAskedAsync(1));
        profiles.Answer(_ => true);
        Assert.Equal((LookupOrigin.Profile, false), await told.NextAsync());
        source.Answer(_ => true);
        Assert.Equal((LookupOrigin.Server, true), await told.NextAsync());

        // Who is not named is not asked.
        lookups.Begin(Question(other, new() { Profile = new() { Root = "https://xcap.example" } }));
        await profiles.UntilAskedAsync(2);
        profiles.Answer(_ => true);
        Assert.Equal((LookupOrigin.Profile, true), await told.NextAsync());
        Assert.Single(source.Asked);
    }

    [Fact]
    [Trait("Catalogue", "RCC-49")]
    public async Task What_could_not_be_kept_does_not_end_the_lookup()
    {
        told.Refuses = LookupOrigin.Profile;
        lookups.Begin(Question(slow, new() { Url = "https://crm.example/", Profile = new() { Root = "https://xcap.example" } }));
        await Task.WhenAll(source.UntilAskedAsync(1), profiles.UntilAskedAsync(1));
        profiles.Answer(_ => true);
        Assert.Equal((LookupOrigin.Profile, false), await told.NextAsync());
        source.Answer(_ => true);
        Assert.Equal((LookupOrigin.Server, false), await told.NextAsync());
    }

    static LookupQuestion Question(TenantId tenant, LookupRecord? where = null) =>
        new(tenant, Guid.NewGuid(), where ?? new() { Url = "https://crm.example/" }, Guid.NewGuid(), new() { CreatedAt = Callers.Noon });

    /// <summary>Answers when it is told to.</summary>
    sealed class HeldSource(LookupOrigin origin) : IContextSource
    {
        readonly Lock gate = new();
        readonly List<(LookupQuestion Question, TaskCompletionSource<LookupResult> Answer)> held = [];
        readonly Channel<LookupQuestion> asked = Channel.CreateUnbounded<LookupQuestion>();
        int seen;

        public LookupOrigin Origin => origin;

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
        readonly Channel<(LookupOrigin Origin, LookupResult Result, bool Ends)> taken = Channel.CreateUnbounded<(LookupOrigin, LookupResult, bool)>();

        public LookupOrigin? Refuses { get; set; }

        public async Task<IReadOnlyList<LookupResult>> UntilAsync(int count)
        {
            List<LookupResult> results = [];
            while (results.Count < count) results.Add((await ReadAsync()).Result);
            return results;
        }

        public async Task<(LookupOrigin Origin, bool Ends)> NextAsync()
        {
            var (origin, _, ends) = await ReadAsync();
            return (origin, ends);
        }

        Task<(LookupOrigin Origin, LookupResult Result, bool Ends)> ReadAsync() =>
            taken.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Long, TestContext.Current.CancellationToken);

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
                var origin = args!.OfType<LookupOrigin>().Single();
                Told.taken.Writer.TryWrite((origin, args!.OfType<LookupResult>().Single(), args!.OfType<bool>().Single()));
                return Task.FromResult(origin != Told.Refuses);
            }
        }
    }
}
