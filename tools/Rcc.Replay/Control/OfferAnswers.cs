using System.Collections.Concurrent;
using Rcc.Contracts.Conversations;
using Rcc.Replay.Check;
using Rcc.Replay.Play;

namespace Rcc.Replay.Control;

/// <summary>
/// Agents answer what they are offered: mostly all the agent's devices accept at once, and devices of colleagues to whom it was not offered try as well; sometimes one device declines, and now and then nobody answers at all.
/// </summary>
sealed class OfferAnswers(Floor floor, Func<ShownOffer, int> seedOf)
{
    const int MaxColleagues = 2;
    const double Declines = 0.15;
    const double Silent = 0.04;

    readonly ConcurrentBag<Task> underWay = [];

    /// <summary>Every answer given so far is settled.</summary>
    public Task SettledAsync() => Task.WhenAll(underWay);

    public void Show(ShownOffer offer)
    {
        if (floor.DeskOf(offer.Agent) is not { } desk)
            return;
        floor.Counts.Offer();
        underWay.Add(AnswerAsync(desk, offer, new Random(seedOf(offer))));
    }

    async Task AnswerAsync(Desk desk, ShownOffer offer, Random random)
    {
        // What shows the offer is in the middle of telling so.
        await Task.Yield();
        var (how, which, colleagues) = (random.NextDouble(), random.Next(), random.Next(MaxColleagues + 1));
        var own = desk.Devices;
        if (own.Count == 0 || how < Silent)
            return;
        if (how < Silent + Declines)
        {
            var device = own[which % own.Count];
            floor.IsDone(await device.ControlAsync(offer.Conversation, ControlOperations.DeclineOffer), device, "declining an offer");
            return;
        }
        var others = Enumerable.Range(which, colleagues).Select(i => floor.ColleagueOf(desk.Agent.Id, i)?.Device).OfType<ReplayDevice>().Distinct();
        ReplayDevice[] racers = [.. own, .. others];
        floor.Counts.Race(racers.Length);
        await Task.WhenAll(racers.Select(AcceptAsync));

        async Task AcceptAsync(ReplayDevice device)
        {
            var outcome = await device.ControlAsync(offer.Conversation, ControlOperations.AcceptOffer);
            if (floor.IsDone(outcome, device, "accepting an offer"))
                floor.Watch.Owners.Accept(offer, outcome.Revision ?? 0, device.Person.Id, device.Name);
        }
    }
}
