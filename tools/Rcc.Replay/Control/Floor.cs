using Rcc.Contracts;
using Rcc.Replay.Accounts;
using Rcc.Replay.Play;

namespace Rcc.Replay.Control;

/// <summary>A tenant's agents at their desks, with what all who control communications there share.</summary>
sealed class Floor(Tenant tenant, IReadOnlyList<Desk> desks, Desk supervisor, ControlWatch watch, ControlCounts counts, Marker marker, Ledger ledger)
{
    readonly Dictionary<Guid, Desk> byAgent = desks.ToDictionary(desk => desk.Agent.Id);

    public Tenant Tenant => tenant;

    public IReadOnlyList<Desk> Desks => desks;

    /// <summary>The master agent who runs the team.</summary>
    public Desk Supervisor => supervisor;

    public ControlWatch Watch => watch;

    public ControlCounts Counts => counts;

    public Marker Marker => marker;

    public Ledger Ledger => ledger;

    public Desk? DeskOf(Guid agent) => byAgent.GetValueOrDefault(agent);

    /// <summary>Another agent than this one; null where there is none.</summary>
    public Desk? ColleagueOf(Guid agent, int which)
    {
        var others = desks.Where(desk => desk.Agent.Id != agent).ToArray();
        return others.Length == 0 ? null : others[which % others.Length];
    }

    /// <summary>Whether what was asked was done. Others may have been faster, and the world another by then: that is a refusal as it should be. Any other is not.</summary>
    public bool IsDone(Outcome outcome, ReplayDevice device, string what)
    {
        if (outcome.Code is not (ErrorCode.Ok or ErrorCode.Conflict or ErrorCode.NotFound or ErrorCode.Forbidden or ErrorCode.Closed or ErrorCode.Suspended))
            ledger.Fail($"{device.Name}: {what} was answered {outcome.Code}: {outcome.Detail}");
        return outcome.IsOk;
    }
}
