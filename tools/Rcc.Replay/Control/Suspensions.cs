using System.Diagnostics;
using Rcc.Contracts.Agents;
using Rcc.Replay.Play;

namespace Rcc.Replay.Control;

/// <summary>Agents are suspended in the middle of their work: all their devices are out at once and what they had goes to others. Then they come back, on new devices.</summary>
sealed class Suspensions(Floor floor, int devices, TimeSpan patience)
{
    static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(100);

    public async Task SuspendAsync(Desk desk, CancellationToken cancellationToken)
    {
        var (agent, administration, ledger) = (desk.Agent, floor.Tenant.Administration, floor.Ledger);
        var gone = desk.Leave();
        foreach (var device in gone)
            await device.ExpectEndAsync();
        await administration.SuspendAsync(agent.Id, cancellationToken);
        floor.Counts.Suspend();
        foreach (var device in gone)
        {
            // A device that is away meets the refusal when it comes back.
            device.GoOnline();
            try
            {
                await device.Halted.WaitAsync(patience, cancellationToken);
            }
            catch (TimeoutException)
            {
                ledger.Fail($"{device.Name}: is {device.Status} {patience} after its agent was suspended");
            }
            await device.DisposeAsync();
            ledger.Move();
        }

        var begun = Stopwatch.GetTimestamp();
        using var tick = new PeriodicTimer(LookAgainAfter);
        while ((await administration.ListConversationsAsync(cancellationToken)).FirstOrDefault(one => one.IsOpen && one.AssigneeId == agent.Id) is { } kept)
        {
            if (Stopwatch.GetElapsedTime(begun) > patience)
            {
                ledger.Fail($"{agent.Name}: has {kept.Id} still {patience} after it was suspended");
                break;
            }
            await tick.WaitForNextTickAsync(cancellationToken);
        }
        await administration.ResumeAsync(agent.Id, cancellationToken);
        await desk.SignInAsync(devices, cancellationToken);
        await desk.Devices[0].SetAvailabilityAsync(Availability.Online).WaitAsync(cancellationToken);
        ledger.Move();
    }
}
