using Rcc.Contracts;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Routing;
using Rcc.Contracts.Sync;
using Rcc.Core.Access;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Tests.Grains;

namespace Rcc.Core.Tests.Agents;

/// <summary>Conversations: who sees, writes, steers, supervises and gives them. What a conversation is to somebody is said here once more, over people and teams alone.</summary>
public sealed partial class AdministrationTests
{
    readonly List<Line> lines = [];
    readonly List<Talk> talks = [];

    (string What, bool Expected, Guid? Changes, Func<Task<Outcome>> CarryOut, Func<Outcome, Task> Follow) MakeLine(Random random, Person actor)
    {
        var served = Enumerable.Range(0, random.Next(3)).Select(_ => Pick(random, teams)).Distinct().ToList();
        var may = actor.IsLive && served.TrueForAll(team => team.Company == actor.Company)
            && (actor.Role is Role.Administrator or Role.Application || (actor.Role == Role.MasterAgent && served.Count > 0 && served.TrueForAll(team => team.Master == actor.Id)));
        return ($"makes a queue for {string.Join(", ", served)}", may, null,
            () => node.Queues.CreateAsync(actor.Caller!, new QueueState { Name = $"Queue {Guid.NewGuid():N}", GroupIds = [.. served.Select(team => team.Id)] }, Attempt.Unkeyed, default),
            async made =>
            {
                var company = actor.Company;
                var inbox = Company.Ok(await node.Accounts.CreateInboxAsync(people.First(person => person.Company == company && person.Role == Role.Application).Caller!, new() { Name = "Web", QueueId = made.Id }, Attempt.Unkeyed, default)).Id!.Value;
                var row = (await node.Get<Core.Tenants.ITenantStore>().LoadInboxAsync(company.Tenant, inbox, default))!.Row;
                lines.Add(new(company, made.Id!.Value, row.Identifier, actor.Role == Role.MasterAgent ? actor.Id : null, served));
            });
    }

    /// <summary>A customer writes.</summary>
    async Task OpenAsync(Line line)
    {
        var begun = await node.Contacts.BeginSessionAsync(line.Inbox, new() { Device = Company.Device() }, default);
        Assert.True(begun.IsOk, $"{begun.Outcome.Code} {begun.Outcome.Detail}");
        var session = begun.Value;
        var inbox = (await node.Get<Core.Tenants.ITenantStore>().FindInboxAsync(line.Inbox, default))!.Row.Id;
        var customer = new Caller { Tenant = session.Tenant, PersonId = session.ContactId, DeviceId = session.DeviceId, Role = Role.Customer, InboxId = inbox };
        talks.Add(new(line.Company, await line.Company.OpenAsync(customer), customer));
    }

    async Task<(string What, bool Expected, Guid? Changes, Func<Task<Outcome>> CarryOut, Func<Outcome, Task> Follow)> TalkCommandAsync(Random random, Person actor)
    {
        var caller = actor.Caller!;
        var near = random.Next(5) > 0;
        var talk = Pick(random, talks.Where(one => !near || one.Company == actor.Company).ToList());
        var now = await talk.Company.LoadAsync(talk.Id);
        var target = random.Next(4) == 0 && actor.Role != Role.Application ? actor : Pick(random, people.Where(person => person.Role != Role.Application && (!near || person.Company == actor.Company)).ToList());
        var (mine, part) = (actor.IsLive && actor.Company == talk.Company, now.Handling.Agents.FirstOrDefault(one => one.AgentId == actor.Id)?.Part);
        var (isOpen, holder) = (now.State.Status == ConversationStatus.Open, now.State.AssigneeId);
        var (owns, supervises) = (mine && Owns(actor, now), mine && Oversees(actor, now));
        var (holds, hasRoom) = (mine && holder == actor.Id, now.Handling.Agents.Count < new ConversationOptions().MaxAgents);
        var sees = owns || (mine && part is not null);
        var steers = owns || (sees && part is not (Part.Monitor or Part.Consultant));
        var knows = target.Company == talk.Company;
        var isIn = now.TakesPart(target.Id);
        switch (random.Next(16))
        {
            case 0:
            case 1:
                var lane = (Lane)random.Next(2);
                var writes = isOpen && part is not Part.Monitor && (part is not Part.Consultant || lane == Lane.Notes) && (lane == Lane.Notes || !now.State.OnHold)
                    && (part is not null || actor.Role == Role.Application || (supervises && hasRoom));
                return Does($"writes in lane {lane} of", sees && writes, () => node.Conversations.PostAsync(
                    caller, new() { Number = 1, ConversationId = talk.Id, Content = "Hello", Lane = lane }, Attempt.Unkeyed, default));
            case 2:
                return Does("resolves", steers, () => Control(ControlOperations.Resolve));
            case 3:
                return Does("reopens", steers, () => Control(ControlOperations.Reopen));
            case 4:
            case 5:
            case 6:
                var takes = mine && actor.Role is not Role.Application && isOpen && holder is null && !owns && target == actor;
                var gives = (takes && Serves(actor, LineOf(now)))
                    || (steers && !takes && isOpen && (owns || holds) && (actor.Role != Role.MasterAgent || !owns || target == actor || Manages(actor, target)));
                return Does($"gives to {target}", gives && knows && target.IsLive && (holder == target.Id || await HasPlaceAsync(target)), () => AssignAsync(target.Id));
            case 7:
                return Does("gives to nobody", steers && isOpen && (owns || holds), () => AssignAsync(null));
            case 8:
                return Does("holds", steers && isOpen && holder is not null, () => Control(ControlOperations.Hold));
            case 9:
                return Does("resumes", steers && isOpen, () => Control(ControlOperations.Resume));
            case 10:
                return Does("hurries", steers && isOpen, () => Control(ControlOperations.SetPriority, priority: (Priority)random.Next(5)));
            case 11:
                return Does($"adds {target} to", steers && isOpen && knows && (isIn || (target.IsLive && hasRoom)), () => Control(ControlOperations.AddParticipant, target.Id));
            case 12:
                var leaves = sees && actor.Role != Role.Application && target == actor;
                return Does($"removes {target} from", (leaves || (steers && (owns || holds))) && holder != target.Id, () => Control(ControlOperations.RemoveParticipant, target.Id));
            case 13:
                return Does("monitors", supervises && isOpen && (part is Part.Monitor || (part is null && hasRoom)), () => Control(ControlOperations.Monitor));
            case 14 when random.Next(2) == 0:
                return Does("barges into", supervises && isOpen && part is not Part.Consultant && (part is not null || hasRoom), () => Control(ControlOperations.Barge));
            case 14:
                return Does("takes over", supervises && isOpen && (holds || await HasPlaceAsync(actor)), () => Control(ControlOperations.TakeOver));
            default:
                var line = Pick(random, lines);
                return Does($"transfers to {line.Id:N}", steers && isOpen && (owns || holds) && holder is not null && line.Company == talk.Company && now.Handling.Transfer is not { IsUnderWay: true },
                    () => Control(ControlOperations.Transfer, queue: line.Id));
        }

        (string What, bool Expected, Guid? Changes, Func<Task<Outcome>> CarryOut, Func<Outcome, Task> Follow) Does(string what, bool expected, Func<Task<Outcome>> carryOut) =>
            ($"{what} a conversation of {Named(holder)}, {LineOf(now)}, part {part}, {now.State.Status}", expected, talk.Id, carryOut, _ => Task.CompletedTask);

        Task<Outcome> AssignAsync(Guid? to) => random.Next(2) == 0
            ? Control(ControlOperations.Assign, to)
            : node.Conversations.AssignAsync(caller, new() { Number = 1, ConversationId = talk.Id, AgentId = to }, Attempt.Unkeyed, default);

        Task<Outcome> Control(string operation, Guid? agent = null, Guid? queue = null, Priority? priority = null) => node.Controls.ControlAsync(
            caller, new() { Number = 1, ConversationId = talk.Id, Operation = operation, AgentId = agent, QueueId = queue, Priority = priority }, Attempt.Unkeyed, default);
    }

    /// <summary>What somebody is shown, one by one and listed, is what it sees.</summary>
    async Task CheckReadsAsync(Random random, Person actor, string told)
    {
        if (!actor.IsLive || actor.Caller is not { } caller)
        {
            return;
        }

        caller = caller with { Scopes = caller.Scopes | Scopes.ConversationsRead };
        HashSet<Guid> seen = [];
        HashSet<Guid> mayTake = [];
        HashSet<Guid> ofTeam = [];
        var team = Pick(random, teams);
        foreach (var talk in talks)
        {
            var now = await talk.Company.LoadAsync(talk.Id);
            var isMine = actor.Company == talk.Company;
            if (isMine && (Owns(actor, now) || now.TakesPart(actor.Id)))
            {
                seen.Add(talk.Id);
            }

            if (isMine && actor.Role is not Role.Application && now.State is { Status: ConversationStatus.Open, AssigneeId: null } && Serves(actor, LineOf(now)))
            {
                mayTake.Add(talk.Id);
            }

            if (isMine && people.Find(person => person.Id == now.State.AssigneeId)?.Team == team)
            {
                ofTeam.Add(talk.Id);
            }
        }

        var one = Pick(random, talks);
        var reads = seen.Contains(one.Id) || mayTake.Contains(one.Id);
        Assert.True(reads == (await node.Conversations.FindAsync(caller, one.Id, default)).IsOk, $"{told}: finds {one.Id}");
        Assert.True(reads == (await node.Conversations.FindHandlingAsync(caller, one.Id, default)).IsOk, $"{told}: finds the handling of {one.Id}");
        foreach (var lane in Enum.GetValues<Lane>())
        {
            var page = await node.Conversations.LoadMessagesAsync(caller, new() { ConversationId = one.Id, Lane = lane }, default);
            Assert.True(reads == page.Outcome.IsOk, $"{told}: reads lane {lane} of {one.Id}: {page.Outcome.Code}");
        }

        Assert.True(seen.SetEquals(await ListAsync(new())), $"{told}: lists others than it sees");
        var supervised = actor.Company == team.Company
            && (actor.Role is Role.Administrator or Role.Application || team.Master == actor.Id || team.Supervisors.Contains(actor.Id));
        var listed = await node.Conversations.ListAsync(caller, new() { GroupId = team.Id }, default);
        Assert.True(supervised == listed.IsOk, $"{told}: lists {team}: {listed.Outcome.Code}");
        Assert.True(!supervised || ofTeam.SetEquals(await ListAsync(new() { GroupId = team.Id })), $"{told}: lists others than {team} has");

        async Task<HashSet<Guid>> ListAsync(ConversationFilter filter)
        {
            HashSet<Guid> found = [];
            for (long? before = null; ;)
            {
                var answer = await node.Conversations.ListAsync(caller, filter with { Before = before, Limit = 100 }, default);
                Assert.True(answer.IsOk, $"{told}: {actor} lists: {answer.Outcome.Code} {answer.Outcome.Detail}");
                var page = answer.Value;
                found.UnionWith(page.Items.Select(listing => listing.Id));
                if (!page.More)
                {
                    return found;
                }

                before = page.Items[^1].State.DisplayId;
            }
        }
    }

    /// <summary>What a suspended or removed agent had goes back by itself; the next command comes after that.</summary>
    Task UntilTakenBackAsync(Person gone) => Company.UntilAsync(async () => (await ListHeldAsync(gone.Id)).Count == 0, "what it had waits again");

    async Task<List<Guid>> ListHeldAsync(Guid? agent)
    {
        List<Guid> held = [];
        foreach (var talk in talks)
        {
            held.AddRange(await talk.Company.LoadAsync(talk.Id) is { State: { Status: ConversationStatus.Open, AssigneeId: { } holder } } && holder == agent ? [talk.Id] : []);
        }

        return held;
    }

    bool Owns(Person actor, ConversationSnapshot now) => actor.Role switch
    {
        Role.Administrator or Role.Application => true,
        Role.MasterAgent when now.State.AssigneeId is { } holder => Manages(actor, people.Single(person => person.Id == holder)),
        Role.MasterAgent => LineOf(now) is var line && (line.Owner == actor.Id || line.Teams.Count == 0 || line.Teams.Any(team => team.Master == actor.Id)),
        _ => false,
    };

    bool Oversees(Person actor, ConversationSnapshot now)
    {
        if (actor.Role is Role.Administrator or Role.Application)
        {
            return actor.Role == Role.Administrator;
        }

        return now.State.AssigneeId is { } holder && people.Single(person => person.Id == holder).Team is { } team
            ? team.Master == actor.Id || team.Supervisors.Contains(actor.Id)
            : Owns(actor, now);
    }

    static bool Serves(Person actor, Line line) => line.Teams.Count == 0 || (actor.Team is { } team && line.Teams.Contains(team));

    Line LineOf(ConversationSnapshot now) => lines.Single(line => line.Id == now.Handling.QueueId);

    string Named(Guid? holder) => holder is { } id ? $"{people.Single(person => person.Id == id)}" : "nobody";

    async Task<bool> HasPlaceAsync(Person agent) => (await ListHeldAsync(agent.Id)).Count < (agent.Capacity ?? new AgentOptions().DefaultCapacity);

    sealed record Talk(Company Company, Guid Id, Caller Customer);

    /// <summary>A queue, with an inbox that leads into it.</summary>
    sealed record Line(Company Company, Guid Id, string Inbox, Guid? Owner, IReadOnlyList<Team> Teams)
    {
        public override string ToString() => $"queue {Id:N} of {Owner:N} for {string.Join(", ", Teams)}";
    }
}
