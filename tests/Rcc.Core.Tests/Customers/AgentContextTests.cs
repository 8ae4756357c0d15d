using System.Collections.Immutable;
using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Customers;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Customers;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Customers;

/// <summary>The rules of an agent's context information: by example, and by random commands against what each device holds.</summary>
[Trait("Catalogue", "RCC-40")]
public class AgentContextTests
{
    static readonly Guid Ann = Guid.CreateVersion7();
    static readonly Caller Master = Callers.Master();
    static readonly Caller Supervisor = Callers.Agent();
    static readonly Guid Day = Guid.CreateVersion7();
    static readonly CustomerOptions Options = new();

    [Fact]
    public void The_agent_itself_and_who_manages_it_set_it_and_nobody_else()
    {
        foreach (var caller in new[] { Callers.Agent(Ann), Master, Callers.Administrator(), Callers.Application(Scopes.AgentsWrite) })
        {
            var entry = Assert.Single(Set(Dossier(), caller, "crm:mood", "1").Next!.Record.Context);
            Assert.Equal((caller.PersonId, Callers.Noon, ContextSource.Manual), (entry.SetBy!.Value, entry.SetAt, entry.Source));
        }

        foreach (var caller in new[] { Callers.Agent(), Callers.Master(), Supervisor, Callers.Customer() })
        {
            Assert.Equal(ErrorCode.Forbidden, Set(Dossier(), caller, "crm:mood", "1").Refusal!.Code);
            Assert.Equal(ErrorCode.Forbidden, AgentContext.Clear(Dossier(), caller, "crm:mood", null).Refusal!.Code);
        }

        Assert.Equal(ErrorCode.NotFound, Set(null, Master, "crm:mood", "1").Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, Set(Removed(Dossier()), Master, "crm:mood", "1").Refusal!.Code);
    }

    [Fact]
    public void It_is_told_to_the_agent_and_to_who_runs_and_supervises_its_group_each_as_the_rules_let_it()
    {
        var rules = new DisclosureRecord { Rules = [new() { Pattern = "agent_context.hr:*", Role = Role.Agent, Handling = DisclosureHandling.Hide }] };
        var one = Set(Dossier() with { Rules = rules }, Master, "hr:score", "7").Next!;
        var change = Set(one, Master, "crm:mood", "\"glad\"").Change!;

        Assert.Equal(["crm:mood"], Shown(change, Ann));
        Assert.Equal(["crm:mood"], Shown(change, Supervisor.PersonId));
        Assert.Equal(["crm:mood", "hr:score"], Shown(change, Master.PersonId));
        Assert.Equal(3, change.Items.Count(item => item.Key.Kind == ItemKind.AgentContext));
        Assert.All(change.Items.Where(item => item.Key.Kind == ItemKind.AgentContext), item =>
        {
            Assert.Equal([Audience.OfPerson(item.Key.Sub)], item.Tell);
            Assert.Equal(Ann.ToString(), item.Key.WireId);
        });

        // Where all is hidden there is nothing, not an empty something.
        Assert.DoesNotContain(Set(Dossier() with { Rules = rules }, Master, "hr:score", "7").Change!.Items, item => item.Key.Sub == Ann);
    }

    [Fact]
    public void A_colleague_sees_what_a_rule_allows()
    {
        var agent = Set(Dossier(), Master, "crm:mood", "1").Next!;
        var colleague = new Viewer(Role.Agent, Day, Serves: false);
        Assert.Empty(AgentContext.Show(agent, colleague).Context);
        var allowing = agent with { Rules = new() { Rules = [new() { Pattern = "agent_context.crm:*", GroupId = Day, Handling = DisclosureHandling.Allow }] } };
        Assert.Single(AgentContext.Show(allowing, colleague).Context);
        Assert.Single(AgentContext.Show(agent, new(Role.MasterAgent, null, Serves: false)).Context);
        Assert.True(Disclosure.IsPattern("agent_context.crm:*"));
    }

    [Fact]
    public void A_change_holds_only_while_agent_group_and_rules_are_as_they_were()
    {
        var fences = Set(Dossier(), Master, "crm:mood", "1").Change!.Fences;
        Assert.Contains(new(new(ItemKind.Agent, Ann), 5), fences);
        Assert.Contains(new(new(ItemKind.Group, Day), 2), fences);
        Assert.Contains(new(new(ItemKind.Disclosure, Guid.Empty), 0), fences);
    }

    [Fact]
    [Trait("Catalogue", "RCC-45")]
    public void What_is_inferred_goes_with_its_cause_and_what_it_was_hidden_by_does_not_bring_it_back()
    {
        var cause = Guid.CreateVersion7();
        Assert.Equal(ErrorCode.Conflict, Set(Dossier(), Master, "rpid:activities", "1", cause: cause).Refusal!.Code);
        var serving = Dossier() with { OpenConversations = [cause] };
        var decision = Set(serving, Callers.Agent(Ann), "rpid:activities", "\"on-the-phone\"", cause: cause);
        Assert.Equal(new ContextDueRow { PersonId = Ann, At = Callers.Noon }, Assert.Single(decision.Change!.Rows));
        var both = Set(decision.Next, Master, "rpid:activities", "\"meeting\"").Next!;
        Assert.Equal("\"meeting\"", Assert.Single(ContextInformation.Effective(both.Record.Context)).Json);
        Assert.Same(Contact.Settled, AgentContext.Look(both, Callers.Noon).Refusal);

        var after = AgentContext.Look(both with { OpenConversations = [] }, Callers.Noon).Next!;
        Assert.Empty(AgentContext.Clear(after, Master, "rpid:activities", ContextSource.Manual).Next!.Record.Context);
    }

    [Fact]
    [Trait("Catalogue", "RCC-42")]
    public void A_source_says_one_thing_of_a_name_durable_or_not_and_volatile_context_always_expires()
    {
        var durable = Set(Dossier(), Master, "crm:mood", "1").Next!;
        var decision = Set(durable, Master, "crm:mood", "2", isVolatile: true);
        Assert.Empty(decision.Next!.Record.Context);
        var fleeting = Assert.Single(decision.Next.Volatile);
        Assert.Equal(Callers.Noon + Options.VolatileLifetime, fleeting.ExpiresAt);
        Assert.Equal(new ContextDueRow { PersonId = Ann, At = fleeting.ExpiresAt!.Value }, Assert.Single(decision.Change!.Rows));

        Assert.Same(Contact.Settled, AgentContext.Look(decision.Next, fleeting.ExpiresAt.Value.AddTicks(-1)).Refusal);
        var gone = AgentContext.Look(decision.Next, fleeting.ExpiresAt.Value);
        Assert.Empty(gone.Next!.Volatile);
        Assert.Contains(gone.Change!.Items, item => item.Key == new ItemKey(ItemKind.VolatileContext, Ann, Ann));
    }

    [Fact]
    [Trait("Catalogue", "RCC-39")]
    public void Nothing_is_kept_of_who_was_removed_and_its_viewers_forget_it()
    {
        var known = Set(Set(Dossier(), Master, "crm:mood", "1").Next, Master, "crm:desk", "2", isVolatile: true).Next!;
        var gone = AgentContext.Look(Removed(known), Callers.Noon);
        Assert.Empty(gone.Next!.Record.Context);
        Assert.Empty(gone.Next.Volatile);
        Assert.Equal(6, gone.Change!.Departures.Length);
        Assert.All(gone.Change.Departures, departure => Assert.True(departure.Delete));
        Assert.Same(Contact.Settled, AgentContext.Look(gone.Next, Callers.Noon).Refusal);
        Assert.Same(Contact.Settled, AgentContext.Look(Dossier(), Callers.Noon).Refusal);
    }

    [Fact]
    public void Too_much_is_refused_and_names_the_limit()
    {
        var options = new CustomerOptions { MaxContextValues = 1 };
        var one = AgentContext.Set(Dossier(), Master, New("a:b", "1"), Callers.Noon, options).Next;
        var refusal = AgentContext.Set(one, Master, New("a:c", "1", isVolatile: true), Callers.Noon, options).Refusal!;
        Assert.Equal(ErrorCode.TooLarge, refusal.Code);
        Assert.Contains("MaxContextValues", refusal.Detail, StringComparison.Ordinal);
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    /// <summary>Everything that changes who may see what, in any order: after each look, every device holds exactly what its person may see, and nobody else holds anything.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_changes_each_device_holds_what_its_person_may_see(int seed)
    {
        var random = new Random(seed);
        var world = Dossier();
        var at = Callers.Noon;
        Dictionary<(ItemKind, Guid), string> devices = [];
        string[] names = ["crm:a", "crm:b", "hr:a", "hr:b"];
        var (hidden, dropped) = (0, 0);
        for (var step = 0; step < 300; step++)
        {
            at = at.AddMinutes(random.Next(5));
            var name = names[random.Next(names.Length)];
            var cause = world.OpenConversations.IsEmpty || random.Next(2) > 0 ? (Guid?)null : world.OpenConversations[random.Next(world.OpenConversations.Length)];
            switch (random.Next(7))
            {
                case 0 or 1:
                    Take(AgentContext.Set(world, Master with { Role = Role.Administrator }, New(name, $"{step}", random.Next(2) == 0, cause, random.Next(3) == 0 ? TimeSpan.FromMinutes(random.Next(1, 20)) : null), at, Options));
                    break;
                case 2:
                    Take(AgentContext.Clear(world, Callers.Agent(Ann), name, random.Next(2) == 0 ? null : ContextSource.Manual));
                    break;
                case 3:
                    world = world with { OpenConversations = random.Next(2) == 0 ? [] : world.OpenConversations.Add(Guid.CreateVersion7()) };
                    break;
                case 4:
                    world = world with
                    {
                        RulesRevision = world.RulesRevision + 1,
                        Rules = new()
                        {
                            Rules = random.Next(3) switch
                            {
                                0 => [],
                                1 => [new() { Pattern = "agent_context.hr:*", Role = Role.Agent, Handling = DisclosureHandling.Hide }],
                                _ => [new() { Pattern = "*", GroupId = Day, Handling = DisclosureHandling.Confirm }],
                            },
                        },
                    };
                    break;
                case 5:
                    world = world with { Viewers = WithViewers([Ann, .. new[] { Master.PersonId, Supervisor.PersonId }.Where(_ => random.Next(2) == 0)]) };
                    break;
                default:
                    break;
            }

            Take(AgentContext.Look(world, at));
            var seen = world.Viewers.SelectMany(viewer => new[]
            {
                (Key: (ItemKind.AgentContext, viewer.Key), AgentContext.Show(world, viewer.Value).Context),
                (Key: (ItemKind.VolatileContext, viewer.Key), AgentContext.ShowVolatile(world, viewer.Value).Context),
            }).ToList();
            foreach (var (key, context) in seen)
            {
                Assert.Equal(context.Select(value => (value.Name, value.Value.GetRawText())), Held(key).Select(value => (value.Name, value.Value.GetRawText())));
                Assert.All(context, value => Assert.True(value.ExpiresAt is null || value.ExpiresAt > at));
            }

            Assert.Empty(devices.Keys.Except(seen.Select(one => one.Key)));
            hidden += world.Record.Context.Length + world.Volatile.Length > 0 && seen.Any(one => one.Context.Count == 0) ? 1 : 0;
        }

        // A walk in which nothing is ever hidden or taken away proves nothing.
        Assert.InRange(hidden, 10, 300);
        Assert.InRange(dropped, 3, 300);

        void Take(Decision<AgentDossier> decision)
        {
            if (decision.Change is not { } change)
            {
                return;
            }

            foreach (var item in change.Items.Where(item => item.Key.Sub != default))
            {
                devices[(item.Key.Kind, item.Key.Sub)] = System.Text.Encoding.UTF8.GetString(item.State.AsSpan());
            }

            foreach (var departure in change.Departures)
            {
                dropped++;
                Assert.True(devices.Remove((departure.Key.Kind, departure.Key.Sub)));
            }

            world = decision.Next!;
        }

        IReadOnlyList<ContextValue> Held((ItemKind Kind, Guid Person) key) =>
            devices.TryGetValue(key, out var state) ? JsonSerializer.Deserialize(state, ContractJson.Default.AgentContextState)!.Context : [];
    }

    static AgentDossier Dossier()
    {
        var group = new GroupSnapshot(Day, 2, new() { Name = "Day", MasterAgentId = Master.PersonId, SupervisorIds = [Supervisor.PersonId] });
        var agent = new AgentSnapshot(Ann, 5, new() { Name = "Ann", Role = Role.Agent, Availability = Availability.Online, GroupId = Day }, "ann@example.com", "-", Master.PersonId, 0, 0, []);
        return new() { Agent = agent, Group = group, Viewers = WithViewers(AgentDossier.ViewersOf(agent, group)) };
    }

    static AgentDossier Removed(AgentDossier now) => now with { Agent = now.Agent with { State = now.Agent.State with { Removed = true } } };

    static ImmutableSortedDictionary<Guid, Viewer> WithViewers(IEnumerable<Guid> people) =>
        people.ToImmutableSortedDictionary(person => person, person => new Viewer(person == Master.PersonId ? Role.MasterAgent : Role.Agent, person == Master.PersonId ? null : Day, Serves: true));

    static Decision<AgentDossier> Set(AgentDossier? now, Caller caller, string name, string json, bool isVolatile = false, Guid? cause = null) =>
        AgentContext.Set(now, caller, New(name, json, isVolatile, cause), Callers.Noon, Options);

    static NewContext New(string name, string json, bool isVolatile = false, Guid? cause = null, TimeSpan? lifetime = null) =>
        new() { Name = name, Json = json, Source = cause is null ? ContextSource.Manual : ContextSource.Inferred, IsVolatile = isVolatile, ConversationId = cause, Lifetime = lifetime };

    static IEnumerable<string> Shown(Proposal change, Guid viewer) => change.Items.Where(item => item.Key == new ItemKey(ItemKind.AgentContext, Ann, viewer))
        .SelectMany(item => JsonSerializer.Deserialize(item.State.AsSpan(), ContractJson.Default.AgentContextState)!.Context.Select(value => value.Name));
}
