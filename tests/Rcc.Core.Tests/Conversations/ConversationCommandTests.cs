using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
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
        for (var step = 0; step < 300; step++)
        {
            world.Step();
        }

        // A run in which nothing happens proves nothing.
        Assert.InRange(world.Accepted, 50, 300);
    }

    sealed class World(int seed)
    {
        readonly Random random = new(seed);
        readonly Dictionary<(Guid Person, Audience Audience), MembershipState> members = [];
        readonly Dictionary<Lane, long> seqs = new() { [Lane.Public] = 0, [Lane.Notes] = 0 };
        readonly HashSet<Guid> contributions = [];
        readonly Caller customer = Callers.Customer();
        readonly Caller[] people = [Callers.Agent(), Callers.Agent(), Callers.Agent(), Callers.Master(), Callers.Master(), Callers.Application(), Callers.Customer()];
        ConversationSnapshot? now;
        int minute;

        public int Accepted { get; private set; }

        public void Step()
        {
            var before = now;
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

        Decision<ConversationSnapshot> Decide(Caller caller)
        {
            var session = new Session(Callers.Noon.AddMinutes(++minute), Guid.CreateVersion7(), random.Next(2) == 0);
            var named = people[random.Next(people.Length)];
            if (now is null)
            {
                return Conversation.Open(Callers.Tenant, Guid.CreateVersion7(), new(Callers.Inbox, customer.PersonId, null), 1, random.Next(2) * Options.MaxOpenPerContact, session, Options);
            }

            return random.Next(10) switch
            {
                < 4 => Conversation.Post(Callers.Tenant, now, caller, new(Guid.CreateVersion7(), (Lane)random.Next(2), "text/plain", [65]), session, Options),
                4 => Conversation.Resolve(Callers.Tenant, now, caller),
                5 => Conversation.Reopen(Callers.Tenant, now, caller, session),
                6 => Conversation.Assign(Callers.Tenant, now, caller, null, null, session.At),
                7 => Conversation.Assign(Callers.Tenant, now, caller, named.PersonId, Known(named), session.At),
                8 => Conversation.Route(Callers.Tenant, now, Known(named), null, session.At),
                _ => Conversation.MarkRead(Callers.Tenant, now, caller, (Lane)random.Next(2), random.Next(1, 10)),
            };
        }

        AgentSnapshot? Known(Caller caller) => caller.IsAgent
            ? new(caller.PersonId, 1, new() { Name = "A", Role = caller.Role, Availability = (Availability)random.Next(3), Suspended = random.Next(8) == 0 }, "a@b", "h", null, 0, [])
            : null;

        /// <summary>The log numbers audiences before items: a person who joins can read the item that says why.</summary>
        void Commit(Decision<ConversationSnapshot> decision)
        {
            foreach (var change in decision.Change!.Audiences)
            {
                Assert.NotEqual(members.GetValueOrDefault((change.PersonId, change.Audience), MembershipState.Left), change.State);
                members[(change.PersonId, change.Audience)] = change.State;
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
            Assert.Equal(state.Agents.Distinct().Count(), state.Agents.Length);
            Assert.True(state.State.AssigneeId is not { } assignee || state.Agents.Contains(assignee));
            Assert.Equal(Conversation.IsWaiting(state), state.WaitingSince is not null);
            Assert.All(change.Messages.Where(message => message.Role == Role.Customer), message => Assert.Equal(Lane.Public, message.Lane));

            var control = Equals(before?.State, state.State) && before?.WaitingSince == state.WaitingSince && before?.Agents.SequenceEqual(state.Agents) == true;
            Assert.Equal((before?.Revision ?? 0) + (control ? 0 : 1), state.Revision);
            if (control)
            {
                Assert.Empty(change.Items);
                Assert.Contains(new(new(ItemKind.Conversation, state.Id), state.Revision), change.Fences);
            }
            else
            {
                var item = Assert.Single(change.Items);
                Assert.Equal(state.Revision, item.Revision);
                Assert.Equal(state.State, JsonSerializer.Deserialize(item.State.AsSpan(), ContractJson.Default.ConversationState));
                Assert.All(change.Audiences.Where(joins => joins.State != MembershipState.Left), joins => Assert.Contains(Audience.OfPerson(joins.PersonId), item.Tell));
                var left = change.Audiences.Where(leaves => leaves.State == MembershipState.Left).Select(leaves => Audience.OfPerson(leaves.PersonId)).ToHashSet();
                Assert.Equal(left, change.Departures.SelectMany(departure => departure.Tell).ToHashSet());
                Assert.DoesNotContain(item.Tell, left.Contains);
                Assert.DoesNotContain(item.Tell, audience => audience.Kind == AudienceKind.Notes);
            }

            if (before?.State.Status != ConversationStatus.Open && state.State.Status == ConversationStatus.Open)
            {
                Assert.True(contributions.Add(state.State.ContributionId), "Each session has an id of its own.");
            }
        }
    }
}
