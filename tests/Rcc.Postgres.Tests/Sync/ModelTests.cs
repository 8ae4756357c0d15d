using System.Globalization;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Core.Sync;
using Rcc.Postgres.Sync;
using static Rcc.Postgres.Tests.Scene;

namespace Rcc.Postgres.Tests.Sync;

/// <summary>Random batches, to the store and to <see cref="LogModel"/>: same verdicts, same answers, same entries; and at the end the same pages and snapshots for everybody from anywhere.</summary>
public class ModelTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    const int Batches = 50;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 10)];

    [Theory, MemberData(nameof(Seeds)), Trait("Catalogue", "INV-25")]
    public async Task The_store_does_what_the_model_says(int seed) => await new Run(fixture.Stores, seed).PlayAsync();

    sealed class Run(Stores stores, int seed)
    {
        readonly Random random = new(seed);
        readonly LogModel model = new();
        readonly Scene scene = new(stores);
        readonly List<Somebody> people = [];
        readonly List<Talk> talks = [];
        readonly List<Proposal> commands = [];
        readonly List<(long Store, long Model)> ends = [(0, 0)];
        readonly HashSet<(Guid, Guid, MarkKind)> marked = [];
        long numbers;
        int tenantRevision;

        public async Task PlayAsync()
        {
            await CommitAsync(scene.TenantChange(suspended: false));
            tenantRevision = 1;
            for (var i = 0; i < 6; i++)
            {
                await JoinAsync(NewSomebody(i < 3 ? Role.Customer : Role.Agent));
            }

            for (var i = 0; i < Batches; i++)
            {
                marked.Clear();
                await CommitAsync([.. Enumerable.Range(0, random.Next(1, 7)).Select(_ => Propose()).OfType<Proposal>()]);
                Catch();
            }

            await CompareAsync();
        }

        async Task JoinAsync(Somebody person)
        {
            List<AudienceChange> audiences = [new(person.Id, Audience.OfPerson(person.Id), MembershipState.Reads)];
            if (person.IsAgent)
            {
                audiences.Add(new(person.Id, scene.Agents, MembershipState.Reads));
            }

            await CommitAsync(new Proposal { Audiences = [.. audiences], Items = [DeviceItem(person, 1, null)], Rows = [DeviceOf(person)] });
            people.Add(person);
        }

        Proposal? Propose()
        {
            var by = people[random.Next(people.Count)];
            var talk = talks.Count > 0 ? talks[random.Next(talks.Count)] : null;
            switch (random.Next(talk is null ? 1 : model.IsSuspended ? 22 : 18))
            {
                case 0:
                    var opened = new Talk(Guid.CreateVersion7(), people[random.Next(3)])
                    {
                        State = new ConversationState
                        {
                            DisplayId = ++numbers, InboxId = scene.Inbox, ContactId = by.Id, Status = ConversationStatus.Open, OpenedAt = DateTimeOffset.UnixEpoch, ContributionId = by.Id,
                        },
                    };
                    talks.Add(opened);
                    return scene.Opening(opened, opened.Agent = random.Next(2) == 0 ? null : AnAgent()) with { By = null };
                case 1 or 2 or 3 or 4 or 5:
                    var lane = by.IsAgent && random.Next(3) == 0 ? Lane.Notes : Lane.Public;
                    var post = Post(talk!, by, string.Create(CultureInfo.InvariantCulture, $"text {++numbers}"), ++numbers, lane, talk!.Seq[lane] + random.Next(8) switch { 0 => 0, 1 => 2, _ => 1 });
                    post = random.Next(3) == 0 ? post with { Answer = Answer.Done with { Revision = (int)numbers } } : post;
                    commands.Add(post);
                    return post;
                case 6 or 7:
                    return commands.Count == 0 ? null : Again(commands[random.Next(commands.Count)]);
                case 8:
                    var assignee = random.Next(4) == 0 ? null : AnAgent();
                    return assignee == talk!.Agent ? null : scene.Assigning(talk, assignee);
                case 9:
                    return scene.Turning(talk!, talk!.Status == ConversationStatus.Open ? ConversationStatus.Resolved : ConversationStatus.Open);
                case 10:
                    var draft = new ItemKey(ItemKind.Draft, talk!.Id, by.Id);
                    return new Proposal { By = by.Author, Items = [Item(draft, model.RevisionOf(draft) + random.Next(1, 3), [(byte)random.Next(256)], Audience.OfPerson(by.Id))] };
                case 11:
                    return new Proposal
                    {
                        By = by.Author, Departures = [new(new(ItemKind.Draft, talk!.Id, by.Id), LeftReason.Deleted, [Audience.OfPerson(by.Id)], Delete: true)],
                    };
                case 12 or 13 or 14:
                    // Two marks of one key in a batch are one change of the store and two of the model.
                    var kind = random.Next(2) == 0 ? MarkKind.Receipt : MarkKind.Read;
                    return marked.Add((talk!.Id, by.Id, kind)) ? Advance(talk, by, kind, Somewhere(talk, Lane.Public), Somewhere(talk, kind == MarkKind.Receipt ? Lane.Public : Lane.Notes)) : null;
                case 15 or 16:
                    var reader = AnAgent();
                    return reader == talk!.Agent || talk.Status != ConversationStatus.Open ? null : ReadingAlong(talk, reader, joins: random.Next(3) > 0);
                default:
                    return Rarely(by);
            }
        }

        Proposal? Rarely(Somebody by)
        {
            switch (random.Next(model.IsSuspended ? 2 : 6))
            {
                case 0 when model.RevisionOf(new(ItemKind.Device, by.Device)) == 1 && people.Count(p => model.RevisionOf(new(ItemKind.Device, p.Device)) == 2) < 3:
                    return SignOut(by);
                case 1:
                    var suspended = !model.IsSuspended && random.Next(3) == 0;
                    return scene.TenantChange(suspended) with
                    {
                        Items = [Item(new(ItemKind.Account, scene.Tenant.Value), tenantRevision + 1, [(byte)random.Next(256)], scene.Agents)],
                    };
                default:
                    return null;
            }
        }

        /// <summary>The same again, or the same number with another body.</summary>
        Proposal Again(Proposal command) => random.Next(3) == 0 ? command with { Command = Command(command.Command!.Value.Number, 77) } : command;

        /// <summary>A position a device may have: what is posted in the same batch it cannot know.</summary>
        long Somewhere(Talk talk, Lane lane) => random.NextInt64(0, talk.Seq[lane] + 1);

        Somebody AnAgent() => people[random.Next(3, 6)];

        async Task CommitAsync(params Proposal[] proposals)
        {
            if (proposals.Length == 0)
            {
                return;
            }

            List<(AppendVerdict Verdict, Answer? First)> expected = [];
            List<string> lines = [];
            foreach (var run in AppendRun.Split(scene.Tenant, proposals))
            {
                foreach (var proposal in run.Proposals)
                {
                    var (verdict, first, told) = model.Append(proposal);
                    expected.Add((verdict, first));
                    lines.AddRange(told);
                }

                lines.AddRange(model.TellWhoJoined());
            }

            var batch = await scene.AppendAsync(proposals);

            Assert.Equal(expected.Select(e => e.Verdict), batch.Results.Select(r => r.Verdict));
            Assert.Equal(lines, batch.Entries.Select(LogModel.Show), StringComparer.Ordinal);
            Assert.All(batch.Entries, entry => Assert.InRange(entry.ModSeq, batch.From + 1, batch.To));
            Assert.Equal(batch.Entries.Select(e => e.ModSeq).Distinct().Order(), batch.Entries.Select(e => e.ModSeq));
            foreach (var (first, result) in expected.Zip(batch.Results, (e, r) => (e.First, r)).Where(pair => pair.r.Verdict == AppendVerdict.Duplicate))
            {
                Assert.Equal(first, result.Answer with { At = null });
            }

            Assert.Equal(ends[^1].Store, batch.From);
            ends.Add((batch.To, model.Newest));
        }

        /// <summary>The talks follow what was accepted.</summary>
        void Catch()
        {
            tenantRevision = model.RevisionOf(new(ItemKind.Account, scene.Tenant.Value));
            talks.RemoveAll(talk => model.RevisionOf(talk.Key) == 0);
            foreach (var talk in talks)
            {
                if (model.StateOf(talk.Key) is { } state)
                {
                    talk.Revision = model.RevisionOf(talk.Key);
                    talk.HandlingRevision = model.RevisionOf(ItemKey.OfHandling(talk.Id));
                    talk.Status = state.Status;
                    talk.Agent = state.AssigneeId is { } agent ? people.Single(p => p.Id == agent) : null;
                }

                foreach (var lane in Enum.GetValues<Lane>())
                {
                    talk.Seq[lane] = model.LastSeq(talk.Id, lane);
                }
            }
        }

        async Task CompareAsync()
        {
            if (tenantRevision > 0)
            {
                await CommitAsync(scene.TenantChange(suspended: false) with { Items = [Item(new(ItemKind.Account, scene.Tenant.Value), tenantRevision + 1, [1], scene.Agents)] });
            }

            foreach (var person in people.Where(p => this.model.RevisionOf(new(ItemKind.Device, p.Device)) == 1))
            {
                foreach (var filter in new SyncFilter[] { new(), new() { WithoutNotes = true }, new() { Statuses = [ConversationStatus.Open] }, new() { Statuses = [ConversationStatus.Resolved] } })
                {
                    for (var i = 0; i < 6; i++)
                    {
                        var (store, model) = ends[random.Next(ends.Count)];
                        var (lines, last) = await ReadAsync(person, new DevicePosition(store, null), filter);
                        Assert.Equal(this.model.Page(person.Id, model, filter), LogModel.SaidOnce(lines));
                        Assert.Equal(this.model.Reads(person.Id, filter), last.Audiences.ToHashSet());
                    }

                    Assert.Equal(this.model.Snapshot(person.Id, filter), (await ReadAsync(person, null, filter)).Lines);
                }
            }
        }

        async Task<(List<string> Lines, DevicePage Last)> ReadAsync(Somebody person, DevicePosition? position, SyncFilter filter)
        {
            List<string> lines = [];
            while (true)
            {
                var page = await scene.PageAsync(person, position, random.Next(1, 60), filter);
                Assert.Equal(PageVerdict.Ok, page.Verdict);
                lines.AddRange(page.Entries.Select(LogModel.Show));
                position = page.Position;
                if (!page.More)
                {
                    return (lines, page);
                }
            }
        }
    }
}
