using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Core.Conversations;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Conversations;

/// <summary>Random commands of random people; after each, what must always hold. The audiences are followed as devices follow them.</summary>
public class ConversationCommandTests
{
    static readonly ConversationOptions Options = new() { MaxAgents = 4 };

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_is_asked_the_audiences_are_the_participants_and_the_lanes_are_dense(int seed)
    {
        var world = new World(seed);
        for (var step = 0; step < 600; step++)
        {
            world.Step();
        }

        // A run in which nothing happens proves nothing.
        Assert.InRange(world.Accepted, 50, 600);
    }

    sealed class World(int seed)
    {
        readonly Random random = new(seed);
        readonly Dictionary<(Guid Person, Audience Audience), MembershipState> members = [];
        readonly Dictionary<Lane, long> seqs = new() { [Lane.Public] = 0, [Lane.Notes] = 0 };
        readonly HashSet<Guid> contributions = [];
        readonly Dictionary<Guid, ParticipantRow> participants = [];
        readonly Dictionary<ItemKey, int> revisions = [];
        readonly Caller customer = Callers.Customer();
        readonly Caller[] people = [Callers.Agent(), Callers.Agent(), Callers.Agent(), Callers.Master(), Callers.Master(), Callers.Application(), Callers.Customer()];
        ConversationSnapshot? now;
        int minute;
        bool isMacro;

        const int MaxFormers = 2;

        public int Accepted { get; private set; }

        public void Step()
        {
            var before = now;
            isMacro = false;
            var caller = random.Next(3) == 0 ? customer : people[random.Next(people.Length)];
            var decision = Decide(caller);
            if (decision.Refusal is { } refusal)
            {
                Assert.False(refusal.IsOk);
                Assert.NotNull(refusal.Detail);
                return;
            }

            Accepted++;
            Commit(decision);
            Check(before, decision.Change!);
        }

        Decision<ConversationSnapshot> Decide(Caller person)
        {
            // Whatever it is to somebody, what follows from a command must be whole.
            var caller = person.Role is Role.MasterAgent or Role.Agent ? new Standing(person, new(Manages: person.Role == Role.MasterAgent && random.Next(2) == 0, Supervises: random.Next(3) > 0, [])) : person;
            var keeper = now?.State.AssigneeId is { } last && random.Next(2) == 0 ? new ConversationAgent(last, 1, false, Availability.Online, 3) : null;
            var session = new Session(Callers.Noon.AddMinutes(++minute), Guid.CreateVersion7(), keeper, Inbox: Callers.TakingInbox);
            var named = people[random.Next(people.Length)];
            if (now is null)
            {
                return Conversation.Open(Callers.Tenant, Guid.CreateVersion7(), new(Callers.Inbox, customer.PersonId, null), 1, random.Next(2) * Options.MaxOpenPerContact, session, Options);
            }

            return random.Next(30) switch
            {
                < 4 => Conversation.Post(
                    Callers.Tenant,
                    now,
                    caller,
                    new(Guid.CreateVersion7(), (Lane)random.Next(2), "text/plain", [65]) { Mentions = random.Next(3) == 0 ? [named.PersonId] : [] },
                    session,
                    Options,
                    new(session.At, Known(named) is { } mentioned ? [mentioned] : [])),
                26 => random.Next(2) == 0
                    ? Conversation.Snooze(Callers.Tenant, now, caller, random.Next(2) == 0 ? session.At.AddMinutes(random.Next(-1, 9)) : null, session.At, Options)
                    : Conversation.Unsnooze(Callers.Tenant, now, caller),
                28 or 29 => Macro(caller, session),
                27 => Conversation.SetPriority(Callers.Tenant, now, caller, (Priority)random.Next(5)),
                20 => Conversation.AddParticipant(Callers.Tenant, now, caller, Known(named), Options),
                21 => Conversation.RemoveParticipant(Callers.Tenant, now, caller, random.Next(2) == 0 ? caller.PersonId : named.PersonId),
                22 => Conversation.Monitor(Callers.Tenant, now, caller, Options),
                23 => Conversation.Barge(Callers.Tenant, now, caller, Options),
                24 => Conversation.TakeOver(Callers.Tenant, now, caller, Known(person), session.At),
                25 => Conversation.Whisper(
                    Callers.Tenant, now, caller, new(Guid.CreateVersion7(), caller.PersonId, now.State.AssigneeId ?? Guid.Empty, session.At, "Psst"), null, null, Options),
                4 => Conversation.Resolve(Callers.Tenant, now, caller),
                5 => Conversation.Reopen(Callers.Tenant, now, caller, session),
                6 => Conversation.Assign(Callers.Tenant, now, caller, null, null, session.At),
                7 => Conversation.Assign(Callers.Tenant, now, caller, named.PersonId, Known(named), session.At),
                8 => Conversation.Route(Callers.Tenant, now, Known(named), null, session.At),
                9 or 10 => Conversation.Offer(Callers.Tenant, now, Known(named), null, revisions.GetValueOrDefault(new(ItemKind.Offer, now.Id, named.PersonId)), session.At, session.At.AddMinutes(2)),
                11 => Conversation.Accept(Callers.Tenant, now, caller, session.At, formers: Formers()),
                12 => random.Next(2) == 0 ? Conversation.Decline(Callers.Tenant, now, caller, session.At, Targets(session.At)) : Conversation.Tick(Callers.Tenant, now, session.At, new(Targets(session.At), Source())),
                13 => random.Next(2) == 0 ? Conversation.Hold(Callers.Tenant, now, caller, session.At) : Conversation.Resume(Callers.Tenant, now, caller),
                14 or 15 => Conversation.Transfer(Callers.Tenant, now, caller, To(named), Targets(session.At), Options, Formers()),
                16 => Conversation.CompleteTransfer(Callers.Tenant, now, caller, now.Handling.Transfer?.ConsultantId is { } consulted ? new(consulted, 1, random.Next(8) == 0, Availability.Online, 3) : null, session.At, Formers()),
                17 when random.Next(4) == 0 => Conversation.GiveBack(Callers.Tenant, now, Source(), session.At),
                17 => random.Next(3) == 0 ? Conversation.CancelTransfer(Callers.Tenant, now, caller, Source(), session.At) : Conversation.Accept(Callers.Tenant, now, Offered() ?? person, session.At, formers: Formers()),
                18 => Conversation.TakeBack(Callers.Tenant, now, Person(now.State.AssigneeId), Person(now.ReservedFor), Targets(session.At), session.At),
                _ => Conversation.MarkRead(Callers.Tenant, now, caller, (Lane)random.Next(2), random.Next(1, 10)),
            };
        }

        /// <summary>A few steps of one caller, as one change.</summary>
        Decision<ConversationSnapshot> Macro(Standing caller, Session session)
        {
            isMacro = true;
            List<Decision<ConversationSnapshot>> done = [];
            for (var steps = random.Next(1, 5); done.Count < steps;)
            {
                var state = done.Count == 0 ? now! : done[^1].Next!;
                var named = people[random.Next(people.Length)];
                var step = random.Next(7) switch
                {
                    0 => Conversation.Post(Callers.Tenant, state, caller, new(Guid.CreateVersion7(), (Lane)random.Next(2), "text/plain", [65]), session, Options),
                    1 => Conversation.SetPriority(Callers.Tenant, state, caller, (Priority)random.Next(5)),
                    2 => random.Next(2) == 0 ? Conversation.Hold(Callers.Tenant, state, caller, session.At) : Conversation.Resume(Callers.Tenant, state, caller),
                    3 => Conversation.Assign(Callers.Tenant, state, caller, named.PersonId, Known(named), session.At),
                    4 => Conversation.Transfer(Callers.Tenant, state, caller, To(named) with { Kind = TransferKind.Blind }, Targets(session.At), Options),
                    5 => Conversation.AddParticipant(Callers.Tenant, state, caller, Known(named), Options),
                    _ => Conversation.Resolve(Callers.Tenant, state, caller),
                };
                if (step.Refusal is not null)
                {
                    return step;
                }

                done.Add(step);
            }

            return Core.Conversations.Macro.Combine(Callers.Tenant, now!, done);
        }

        int Formers() => random.Next(MaxFormers + 1);

        ConversationAgent? Known(Caller caller) => caller.IsAgent ? new(caller.PersonId, 1, random.Next(8) == 0, (Availability)random.Next(5), 3) : null;

        Caller? Offered() => people.FirstOrDefault(person => person.PersonId == now!.Handling.Offer?.AgentId);

        TransferTo To(Caller named)
        {
            var kind = (TransferKind)random.Next(2);
            return random.Next(3) switch
            {
                0 => new(kind, named.PersonId, null, null),
                1 => new(kind, null, Callers.Inbox, null),
                _ => new(kind, null, null, Callers.Tenant.Value),
            };
        }

        Targets? Targets(DateTimeOffset at) => random.Next(8) == 0 ? null : new(at, at.AddMinutes(2), [.. people
            .OrderBy(_ => random.Next()).Select(Known).OfType<ConversationAgent>().Take(random.Next(4))
            .Select(agent => new TransferTarget(agent, revisions.GetValueOrDefault(new(ItemKind.Offer, now!.Id, agent.Id))))])
        {
            GiveUpAt = at.AddMinutes(random.Next(1, 6)), IsClosed = random.Next(6) == 0,
        };

        ConversationAgent? Source() => Person(now?.Handling.Transfer?.FromId);

        ConversationAgent? Person(Guid? id) => id is null ? null : Known(people.First(person => person.PersonId == id));

        /// <summary>The log numbers audiences before items: a person who joins can read the item that says why.</summary>
        void Commit(Decision<ConversationSnapshot> decision)
        {
            foreach (var change in decision.Change!.Audiences)
            {
                Assert.NotEqual(members.GetValueOrDefault((change.PersonId, change.Audience), MembershipState.Left), change.State);
                members[(change.PersonId, change.Audience)] = change.State;
            }

            foreach (var item in decision.Change.Items)
            {
                Assert.Equal(revisions.GetValueOrDefault(item.Key) + 1, item.Revision);
                revisions[item.Key] = item.Revision;
            }

            foreach (var deleted in decision.Change.Departures.Where(departure => departure.Delete))
            {
                revisions.Remove(deleted.Key);
            }

            foreach (var row in decision.Change.Rows.OfType<ParticipantRow>())
            {
                participants[row.PersonId] = row;
            }

            foreach (var message in decision.Change.Messages)
            {
                Assert.Equal(++seqs[message.Lane], message.Seq);
            }

            now = decision.Next;
        }

        void Check(ConversationSnapshot? before, Proposal change)
        {
            var state = now!;
            var reading = state.State.Status == ConversationStatus.Open ? MembershipState.Reads : MembershipState.Rests;
            var expected = state.Agents.Prepend(customer.PersonId).Select(person => (person, Audience.OfConversation(state.Id)))
                .Concat(state.Agents.Select(person => (person, Audience.OfNotes(state.Id))));
            Assert.Equal(expected.ToHashSet(), members.Where(member => member.Value == reading).Select(member => member.Key).ToHashSet());
            Assert.Equal(expected.Count(), members.Count(member => member.Value != MembershipState.Left));

            Assert.Equal(seqs[Lane.Public], state.LastSeq);
            Assert.Equal(seqs[Lane.Notes], state.LastNotesSeq);
            Assert.Equal(state.Agents.Distinct().Count(), state.Agents.Count());
            Assert.True(state.State.AssigneeId is not { } assignee || state.Agents.Contains(assignee));
            Assert.Equal(Conversation.IsWaiting(state), state.WaitingSince is not null);
            Assert.All(change.Messages.Where(message => message.Role == Role.Customer), message => Assert.Equal(Lane.Public, message.Lane));

            CheckOfferAndCapacity(before, change);
            CheckHold(before, change);
            CheckTransfer(state);
            CheckFormers(before, change);
            CheckPersonal(before, change);
            CheckItems(before, change);
            if (before?.State.Status != ConversationStatus.Open && state.State.Status == ConversationStatus.Open)
            {
                Assert.True(contributions.Add(state.State.ContributionId), "Each session has an id of its own.");
            }
        }

        void CheckItems(ConversationSnapshot? before, Proposal change)
        {
            var state = now!;
            var item = change.Items.SingleOrDefault(one => one.Key.Kind == ItemKind.Conversation);
            var handling = change.Items.SingleOrDefault(one => one.Key.Kind == ItemKind.Handling);
            Assert.Equal(state.Revision - (before?.Revision ?? 0), item is null ? 0 : 1);
            Assert.Equal(state.HandlingRevision - (before?.HandlingRevision ?? 0), handling is null ? 0 : 1);
            if (item is null)
            {
                // Who comes and goes is no change of the conversation: whoever joins is shown it, and the customer is told nothing.
                Assert.Equal(before?.State, state.State);
                Assert.Contains(new(new(ItemKind.Conversation, state.Id), state.Revision), change.Fences);
                Assert.Equal(
                    change.Audiences.Where(joins => joins.State != MembershipState.Left).Select(joins => Audience.OfPerson(joins.PersonId)).ToHashSet(),
                    change.Shown.SelectMany(shown => shown.Tell).ToHashSet());
            }
            else
            {
                Assert.Empty(change.Shown);
                Assert.Equal(state.State, JsonSerializer.Deserialize(item.State.AsSpan(), ContractJson.Default.ConversationState));
                Assert.All(change.Audiences.Where(joins => joins.State != MembershipState.Left), joins => Assert.Contains(Audience.OfPerson(joins.PersonId), item.Tell));
                Assert.DoesNotContain(item.Tell, audience => audience.Kind == AudienceKind.Notes);
            }

            var left = change.Audiences.Where(leaves => leaves.State == MembershipState.Left).Select(leaves => Audience.OfPerson(leaves.PersonId)).ToHashSet();
            Assert.Equal(left, change.Departures.Where(departure => departure.Key.Kind is ItemKind.Conversation or ItemKind.Draft).SelectMany(departure => departure.Tell).ToHashSet());
            Assert.DoesNotContain(item?.Tell ?? [], left.Contains);

            // The customer is told nothing but the conversation itself.
            Assert.All(change.Items.Where(one => one != item), hidden => Assert.DoesNotContain(
                hidden.Tell, audience => audience == Audience.OfPerson(customer.PersonId) || audience == Audience.OfConversation(state.Id)));
        }

        /// <summary>Nobody reads along unseen but who is consulted, and nothing of it shows; whoever is held hears nothing.</summary>
        void CheckHold(ConversationSnapshot? before, Proposal change)
        {
            var state = now!;
            Assert.Equal(state.State.OnHold, state.Handling.Hold is not null);
            Assert.True((!state.State.OnHold && state.Handling.Snooze is null) || state.State is { Status: ConversationStatus.Open, AssigneeId: not null });
            Assert.True(state.Handling.Snooze is null || !change.Messages.Any(message => message.Role == Role.Customer));
            Assert.All(change.Messages.Where(message => message.Lane == Lane.Public && message.Role != Role.Customer), message =>
            {
                Assert.False(before!.State.OnHold && !isMacro);
                Assert.False(before.IsApart(message.PersonId) || state.IsHidden(message.PersonId));
            });
            Assert.All(change.Marks.Where(mark => mark.Kind == MarkKind.Receipt), mark => Assert.False(state.IsHidden(mark.PersonId)));
            Assert.Equal(
                state.Agents.Where(state.IsHidden).ToHashSet(),
                participants.Values.Where(row => row is { Hidden: true, Left: false }).Select(row => row.PersonId).ToHashSet());
        }

        /// <summary>What is for one person is told to that person, who takes part; a whisper has two, of whom one has the conversation.</summary>
        void CheckPersonal(ConversationSnapshot? before, Proposal change)
        {
            var state = now!;
            var kept = revisions.Where(one => one.Key.Kind is ItemKind.Mention or ItemKind.Whispers).ToDictionary();
            Assert.Equal(kept, state.Personal);
            Assert.All(kept.Keys, key => Assert.True(state.TakesPart(key.Sub)));
            Assert.All(change.Items.Where(item => item.Key.Kind is ItemKind.Mention or ItemKind.Whispers), item => Assert.Equal([Audience.OfPerson(item.Key.Sub)], item.Tell));
            var whispered = change.Items.Where(item => item.Key.Kind == ItemKind.Whispers).Select(item => item.Key.Sub).ToList();
            Assert.True(whispered is [] || (whispered.Count == 2 && whispered[0] == before!.State.AssigneeId && before.TakesPart(whispered[1])));
        }

        /// <summary>Who reads on what it had writes nothing, and there are not more than so many.</summary>
        void CheckFormers(ConversationSnapshot? before, Proposal change)
        {
            var state = now!;
            Assert.InRange(state.Agents.Count(agent => !state.WorksOn(agent)), 0, MaxFormers);
            Assert.True(state.Handling.Agents.All(one => !one.ReadsOn || one.Part == Part.Consultant));
            Assert.True(isMacro || change.Messages.All(message => before?.TakesPart(message.PersonId) != true || before.WorksOn(message.PersonId)));
        }

        static void CheckTransfer(ConversationSnapshot state)
        {
            var consultants = state.Handling.Agents.Where(one => one.Part == Part.Consultant).Select(one => one.AgentId).ToList();
            if (state.Handling.Transfer is not { IsUnderWay: true } transfer)
            {
                Assert.Empty(consultants);
                Assert.Null(state.Handling.Offer?.FromId);
                return;
            }

            if (transfer.WaitsInQueue)
            {
                Assert.True(Conversation.IsWaiting(state), "what was transferred to a queue waits there");
                Assert.Empty(consultants);
                Assert.Null(state.Handling.Offer?.FromId);
                return;
            }

            // The customer always has somebody: whoever had the conversation has it still.
            Assert.Equal((ConversationStatus.Open, transfer.FromId), (state.State.Status, state.State.AssigneeId));
            Assert.True(transfer.ConsultantId is { } consulted ? state.TakesPart(consulted) && consultants.All(one => one == consulted) : consultants is []);
            Assert.Equal(transfer.ConsultantId is null ? transfer.FromId : null, state.Handling.Offer?.FromId);
            Assert.DoesNotContain(state.ReservedFor!.Value, transfer.Passed);
        }

        void CheckOfferAndCapacity(ConversationSnapshot? before, Proposal change)
        {
            var state = now!;
            var offer = state.Handling.Offer;
            Assert.True(offer is null || Conversation.IsWaiting(state) == offer.FromId is null);
            var row = change.Rows.OfType<ConversationRow>().SingleOrDefault();
            if (row is not null)
            {
                Assert.Equal((state.ReservedFor, Earlier(offer?.ExpiresAt ?? BackAt(state), state.Handling.Snooze?.Until), state.State.AssigneeId), (row.OfferedTo, row.DueAt, row.AssigneeId));
            }

            // Whoever begins to be served or offered it has been asked for a place, once.
            var loaded = Loads(state).Except(Loads(before)).ToList();
            Assert.Equal(loaded, change.Claims.Select(claim => claim.AgentId));
            var told = change.Items.Where(item => item.Key.Kind == ItemKind.Offer)
                .Select(item => (item.Key.Sub, Over: JsonSerializer.Deserialize(item.State.AsSpan(), ContractJson.Default.OfferState)!.Outcome is not null)).ToHashSet();
            HashSet<(Guid, bool)> expected = [];
            if (before?.Handling.Offer != offer)
            {
                expected.UnionWith(before?.Handling.Offer is { } was ? [(was.AgentId, true)] : []);
                expected.UnionWith(offer is not null ? [(offer.AgentId, false)] : []);
            }

            Assert.Equal(expected, told);
        }

        static DateTimeOffset? BackAt(ConversationSnapshot state) => state.Handling.Transfer is { WaitsInQueue: true } transfer ? transfer.Until : null;

        static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => new[] { one, other }.Min();

        static IEnumerable<Guid> Loads(ConversationSnapshot? state)
        {
            if (state is { State: { Status: ConversationStatus.Open, AssigneeId: { } assignee } })
            {
                yield return assignee;
            }

            if (state?.ReservedFor is { } reserved)
            {
                yield return reserved;
            }
        }
    }
}
