using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Sync;
using Rcc.Core.Access;
using Rcc.Core.Agents;
using Rcc.Core.Tests.Grains;

namespace Rcc.Core.Tests.Agents;

/// <summary>
/// Random administrative commands by everybody on everybody, in two tenants at once, through the doors. A model that knows nothing of the rules' code says who may; what it does not allow must change nothing,
/// and what it allows must change the one thing it is about. After each, somebody must be shown just what it sees.
/// </summary>
[Trait("Catalogue", "RCC-36")]
public sealed partial class AdministrationTests : IAsyncLifetime
{
    const int Commands = 1_500;
    const int MaxTalks = 40;

    readonly List<Person> people = [];
    readonly List<Team> teams = [];
    Node node = null!;

    public async ValueTask InitializeAsync() => node = await Node.StartAsync(new MemoryStage(), ("Rcc:Access:RequestBurst", "1000000"), ("Rcc:Access:ApplicationRequestBurst", "1000000"),
        ("Rcc:Access:TenantRequestsPerSecond", "1000000"), ("Rcc:Access:TenantRequestBurst", "1000000"), ("Rcc:Access:TenantRequestsPerSecondContended", "1000000"));

    public async ValueTask DisposeAsync() => await node.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Nobody_manages_more_than_its_own(int seed)
    {
        var random = new Random(seed);
        foreach (var company in new[] { await Company.FoundAsync(node), await Company.FoundAsync(node) })
        {
            people.Add(new(company, company.Master.PersonId, Role.Administrator, null, null, "mia@example.com") { Caller = company.Master });
            var first = Company.Ok(await node.Groups.CreateAsync(company.Master, new("First"), Attempt.Unkeyed, default));
            teams.Add(new(company, first.Id!.Value, company.Master.PersonId));
            var application = await company.ConnectAsync(Scopes.AgentsRead | Scopes.AgentsWrite | Scopes.ConversationsWrite | Scopes.Inboxes | Scopes.Queues);
            people.Add(new(company, application.PersonId, Role.Application, null, null, "") { Caller = application });
            lines.Add(new(company, company.Tenant.Value, company.Inbox.Identifier, null, []));
            await OpenAsync(lines[^1]);
        }

        var (accepted, refused) = (0, 0);
        for (var step = 0; step < Commands; step++)
        {
            // Often somebody who may do something, else hardly anything would ever happen.
            var mayManage = random.Next(3) > 0;
            var actor = Pick(random, people.Where(person => person.Caller is not null && (!mayManage || person is { IsLive: true, Role: not Role.Agent })).ToList());
            if (talks.Count < MaxTalks && random.Next(10) == 0)
            {
                await OpenAsync(Pick(random, lines));
            }

            var before = await ReadAsync();
            var (what, expected, changes, carryOut, follow) = random.Next(2) == 0 ? Command(random, actor) : await TalkCommandAsync(random, actor);
            var held = await ListHeldAsync(changes);

            // Whoever removes a master agent runs its teams.
            var orphans = what.StartsWith("removes ", StringComparison.Ordinal) ? teams.Where(team => team.Master == changes).Select(team => team.Id).ToList() : [];
            var outcome = await carryOut();
            var told = $"seed {seed}, step {step}: {actor} {what}: {outcome.Code} {outcome.Detail}";
            Assert.True(expected == outcome.IsOk, told);
            var after = await ReadAsync();
            var besides = Differing(before, after).Except(outcome.IsOk ? [changes ?? outcome.Id ?? Guid.Empty, .. held, .. orphans] : []).ToList();
            Assert.True(besides.Count == 0, $"{told} changed {string.Join(", ", besides)}");
            if (outcome.IsOk)
            {
                accepted++;
                await follow(outcome);
            }
            else
            {
                refused++;
            }

            await CheckReadsAsync(random, Pick(random, people.Where(person => person.Caller is not null).ToList()), told);
        }

        // A walk that only ever did the one would prove nothing.
        Assert.InRange(accepted, Commands / 10, Commands * 9 / 10);
        Assert.InRange(refused, Commands / 10, Commands * 9 / 10);
        Assert.True(people.Count(person => person.Removed) > 2);
        Assert.True(people.Count(person => person.Role == Role.MasterAgent) > 2);
        Assert.True(teams.Count > 5);
    }

    (string What, bool Expected, Guid? Changes, Func<Task<Outcome>> CarryOut, Func<Outcome, Task> Follow) Command(Random random, Person actor)
    {
        var caller = actor.Caller!;
        var isNear = random.Next(3) > 0;
        var target = Pick(random, people.Where(person => person.Role != Role.Application && (!isNear || person.Company == actor.Company)).ToList());
        var team = Pick(random, teams);
        var role = Pick(random, [Role.Agent, Role.Agent, Role.Agent, Role.MasterAgent, Role.Administrator]);
        var email = $"{Guid.NewGuid():N}@example.com";
        var isSelf = actor == target;
        var manages = Manages(actor, target);
        switch (random.Next(20))
        {
            case 0:
            case 1:
                var group = random.Next(2) == 0 ? team : null;
                return ($"creates {role} in {group}", MayCreate(actor, role, group) && MaySetPassword(actor, role), null,
                    () => node.Agents.CreateAsync(caller, new() { Name = "New", Email = email, Role = role, GroupId = group?.Id, PasswordHash = "hash" }, Attempt.Unkeyed, default),
                    made => AddAsync(actor, made, role, group, email, signIn: true));
            case 2:
                var invitedTo = random.Next(2) == 0 ? team : null;
                return ($"invites {role} to {invitedTo}", MayCreate(actor, role, invitedTo), null,
                    () => node.Agents.InviteAsync(caller, new() { Email = email, Role = role, GroupId = invitedTo?.Id }, Company.Device().CredentialHash, default),
                    made => AddAsync(actor, made, role, invitedTo, email, signIn: false));
            case 3:
                return ($"invites {target} again", manages && target is { Invited: true, Removed: false }, target.Id,
                    () => node.Agents.InviteAgainAsync(caller, target.Id, Company.Device().CredentialHash, default), Nothing);
            case 4:
                return ($"renames {target}", (isSelf || manages) && IsThere(actor, target), target.Id, () => ChangeAsync(new() { Name = "Renamed" }), Nothing);
            case 5:
                return ($"moves {target} to {team}", manages && IsThere(actor, target) && MayStaff(actor, target.Role, team), target.Id, () => ChangeAsync(new() { GroupId = team.Id }), _ =>
                {
                    target.Team = team;
                    return Task.CompletedTask;
                });
            case 6:
                return ($"takes {target} out of its team", manages && IsThere(actor, target), target.Id, () => ChangeAsync(new() { LeaveGroup = true }), _ =>
                {
                    target.Team = null;
                    return Task.CompletedTask;
                });
            case 7:
                var capacity = random.Next(9);
                return ($"says what {target} can", manages && IsThere(actor, target), target.Id, () => ChangeAsync(new() { Skills = ["French"], Capacity = capacity }), _ =>
                {
                    target.Capacity = capacity;
                    return Task.CompletedTask;
                });
            case 8:
                return ($"says what {target} may", manages && IsThere(actor, target) && target.Role != Role.Administrator, target.Id,
                    () => ChangeAsync(new() { Controls = (Controls)random.Next(512) }), Nothing);
            case 9:
                return ($"gives {target} a password", manages && !isSelf && IsThere(actor, target) && MaySetPassword(actor, target.Role), target.Id, () => ChangeAsync(new() { PasswordHash = "new" }), _ => SignInAsync(target));
            case 10:
                return ($"suspends {target}", manages && !isSelf && !target.Removed && actor.IsLive, target.Id,
                    () => node.Agents.SetSuspendedAsync(caller, target.Id, suspended: true, Attempt.Unkeyed, default), _ =>
                    {
                        target.Suspended = true;
                        return UntilTakenBackAsync(target);
                    });
            case 11:
            case 12:
                return ($"resumes {target}", manages && !target.Removed && actor.IsLive, target.Id,
                    () => node.Agents.SetSuspendedAsync(caller, target.Id, suspended: false, Attempt.Unkeyed, default), async _ =>
                    {
                        (var was, target.Suspended) = (target.Suspended, false);
                        if (was)
                        {
                            await SignInAsync(target);
                        }
                    });
            case 13 when random.Next(3) == 0:
                var orphans = teams.FindAll(one => one.Master == target.Id);
                return ($"removes {target}", manages && !isSelf && actor.IsLive && (actor.Role != Role.Application || orphans.Count == 0), target.Id, () => node.Agents.RemoveAsync(caller, target.Id, Attempt.Unkeyed, default), _ =>
                {
                    (target.Removed, target.Invited) = (true, false);
                    orphans.ForEach(one => one.Master = actor.Id);
                    return UntilTakenBackAsync(target);
                });
            case 14:
                var master = random.Next(2) == 0 ? target : null;
                return ($"makes a team for {master}", MayMakeTeam(actor, master), null,
                    () => node.Groups.CreateAsync(caller, new($"Team {teams.Count}", master?.Id), Attempt.Unkeyed, default), made =>
                    {
                        teams.Add(new(actor.Company, made.Id!.Value, (master ?? actor).Id));
                        return Task.CompletedTask;
                    });
            case 18:
                return MakeLine(random, actor);
            case 15:
                return ($"renames {team}", Runs(actor, team), team.Id, () => node.Groups.ChangeAsync(caller, team.Id, new() { Name = "Renamed" }, Attempt.Unkeyed, default), Nothing);
            case 16:
                var other = Pick(random, people.Where(person => person.Role != Role.Application && person != target).ToList());
                return ($"makes {target} and {other} supervisors of {team}", Runs(actor, team) && new[] { target, other }.All(one =>
                        one.Company == actor.Company && !one.Removed && (actor.Role != Role.MasterAgent || one == actor || Manages(actor, one))),
                    team.Id, () => node.Groups.ChangeAsync(caller, team.Id, new() { SupervisorIds = [target.Id, other.Id] }, Attempt.Unkeyed, default), _ =>
                    {
                        team.Supervisors = [target.Id, other.Id];
                        return Task.CompletedTask;
                    });
            default:
                return ($"gives {team} to {target}", Runs(actor, team) && (team.Master == target.Id || (actor.Role != Role.MasterAgent && CanRun(actor, target))), team.Id,
                    () => node.Groups.ChangeAsync(caller, team.Id, new() { MasterAgentId = target.Id }, Attempt.Unkeyed, default), _ =>
                    {
                        team.Master = target.Id;
                        return Task.CompletedTask;
                    });
        }

        Task<Outcome> ChangeAsync(ChangeAgent change) => node.Agents.ChangeAsync(caller, target.Id, change, Attempt.Unkeyed, default);

        static Task Nothing(Outcome outcome) => Task.CompletedTask;
    }

    static bool Manages(Person actor, Person target) => actor.IsLive && actor.Company == target.Company && actor.Role switch
    {
        Role.Administrator => true,
        Role.Application => target.Role != Role.Administrator,
        Role.MasterAgent => target.Role == Role.Agent && (target.Team is { } team ? team.Master == actor.Id : target.MadeBy == actor.Id),
        _ => false,
    };

    static bool IsThere(Person actor, Person target) => actor.IsLive && !target.Removed;

    static bool MayStaff(Person actor, Role role, Team team) =>
        role == Role.Agent && team.Company == actor.Company && (actor.Role is Role.Administrator or Role.Application || team.Master == actor.Id);

    static bool MayCreate(Person actor, Role role, Team? team) => actor.IsLive && (team is null || MayStaff(actor, role, team)) && actor.Role switch
    {
        Role.Administrator => true,
        Role.Application => role != Role.Administrator,
        Role.MasterAgent => role == Role.Agent,
        _ => false,
    };

    /// <summary>A key of an application becomes nobody whom its scopes do not bind.</summary>
    static bool MaySetPassword(Person actor, Role role) => actor.Role != Role.Application || role == Role.Agent;

    static bool CanRun(Person actor, Person master) => master.Company == actor.Company && !master.Removed && master.Role is Role.MasterAgent or Role.Administrator;

    static bool MayMakeTeam(Person actor, Person? master) => actor.IsLive && actor.Role switch
    {
        Role.Administrator => master is null || CanRun(actor, master),
        Role.Application => master is not null && CanRun(actor, master),
        Role.MasterAgent => master is null || master == actor,
        _ => false,
    };

    static bool Runs(Person actor, Team team) =>
        actor.IsLive && actor.Company == team.Company && (actor.Role is Role.Administrator or Role.Application || (actor.Role == Role.MasterAgent && team.Master == actor.Id));

    static T Pick<T>(Random random, IReadOnlyList<T> from) => from[random.Next(from.Count)];

    static IEnumerable<Guid> Differing(IReadOnlyDictionary<Guid, int> before, IReadOnlyDictionary<Guid, int> after) =>
        after.Where(one => before.GetValueOrDefault(one.Key) != one.Value).Select(one => one.Key);

    async Task AddAsync(Person actor, Outcome made, Role role, Team? team, string email, bool signIn)
    {
        var person = new Person(actor.Company, made.Id!.Value, role, team, actor.Id, email) { Invited = !signIn };
        people.Add(person);
        await SignInAsync(person);
    }

    static async Task SignInAsync(Person person)
    {
        if (person is { Invited: false, Suspended: false, Removed: false })
        {
            person.Caller = await person.Company.SignInAsync(person.Id, person.Email);
        }
    }

    /// <summary>The revision of everything there is, in both tenants; what a tenant's log has beside is that of its own.</summary>
    async Task<Dictionary<Guid, int>> ReadAsync()
    {
        var store = node.Get<IAgentStore>();
        Dictionary<Guid, int> revisions = [];
        foreach (var company in people.Select(person => person.Company).Distinct())
        {
            foreach (var listed in await store.ListAsync(company.Tenant, null, int.MaxValue, default))
            {
                revisions[listed.Id] = (await store.LoadAsync(company.Tenant, listed.Id, default))!.Revision;
            }
        }

        foreach (var person in people.Where(person => person.Role != Role.Application))
        {
            revisions[person.Id] = (await store.LoadAsync(person.Company.Tenant, person.Id, default))!.Revision;
        }

        foreach (var talk in talks)
        {
            var now = await talk.Company.LoadAsync(talk.Id);
            revisions[talk.Id] = now.Revision + now.HandlingRevision + (int)now.LastSeq + (int)now.LastNotesSeq;
        }

        foreach (var team in teams)
        {
            revisions[team.Id] = (await store.LoadGroupAsync(team.Company.Tenant, team.Id, default))!.Revision;
        }

        return revisions;
    }

    sealed class Person(Company company, Guid id, Role role, Team? team, Guid? madeBy, string email)
    {
        public Company Company => company;

        public Guid Id => id;

        public Role Role => role;

        public Guid? MadeBy => madeBy;

        public string Email => email;

        public Team? Team { get; set; } = team;

        public int? Capacity { get; set; }

        public bool Suspended { get; set; }

        public bool Removed { get; set; }

        public bool Invited { get; set; }

        /// <summary>As it signed in last, also when it was shut out since.</summary>
        public Caller? Caller { get; set; }

        public bool IsLive => !Suspended && !Removed;

        public override string ToString() => $"{role} {id:N} of {company.Tenant.Value:N}{(Suspended ? ", suspended" : "")}{(Removed ? ", removed" : "")}{(Invited ? ", invited" : "")}, team {Team}";
    }

    sealed class Team(Company company, Guid id, Guid master)
    {
        public Company Company => company;

        public Guid Id => id;

        public Guid Master { get; set; } = master;

        public IReadOnlyList<Guid> Supervisors { get; set; } = [];

        public override string ToString() => $"team {id:N} of {company.Tenant.Value:N} run by {Master:N}";
    }
}
