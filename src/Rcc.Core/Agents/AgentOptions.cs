using System.ComponentModel.DataAnnotations;

namespace Rcc.Core.Agents;

/// <summary>The limits of agents. Checked at start.</summary>
public sealed class AgentOptions
{
    /// <summary>Devices of an agent that are signed in at once. One more signs out the one that signed in first, so that lost devices lock nobody out.</summary>
    [Range(1, 1_000)]
    public int MaxDevices { get; set; } = 50;

    /// <summary>Conversations an agent has at once when its manager has not said otherwise.</summary>
    [Range(1, 1_000)]
    public int DefaultCapacity { get; set; } = 100;

    /// <summary>Conversations a manager may let an agent have at once.</summary>
    [Range(1, 10_000)]
    public int MaxCapacity { get; set; } = 1_000;

    /// <summary>Skills of one agent.</summary>
    [Range(1, 1_000)]
    public int MaxSkills { get; set; } = 50;

    /// <summary>Characters of a skill's name.</summary>
    [Range(1, 200)]
    public int MaxSkillLength { get; set; } = 50;

    /// <summary>How long after its last device was in use an agent is away, where it has left its availability to its devices.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan AwayAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How often a node looks for agents whose availability has expired or whose devices have fallen silent. What was set by hand lasts so much longer at most.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "00:10:00")]
    public TimeSpan AvailabilityInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Agents one such look finds; the others come with the next ones, whoever has waited longest first.</summary>
    [Range(1, 1_000_000)]
    public int MaxAgentsPerLook { get; set; } = 10_000;

    /// <summary>How long after a device has come, gone or fallen idle it is told. What changes back in that time is not told at all, and of several changes the last: an agent's presence is written once in that time at most.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:01:00")]
    public TimeSpan PresenceDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long devices of an agent count as connected when nobody has said so again, and no server of theirs is there to say that they are not. At least four times <c>Rcc:Devices:ActivityInterval</c>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.2", "1.00:00:00")]
    public TimeSpan PresenceLifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How often a node looks for devices that are signed in for longer than their tenant allows, to end their connections. Their credentials are refused at once, whatever this says.</summary>
    [Range(typeof(TimeSpan), "00:00:00.05", "01:00:00")]
    public TimeSpan SessionInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Devices one such look finds; the others come with the next ones.</summary>
    [Range(1, 100_000)]
    public int MaxSessionsPerLook { get; set; } = 1_000;

    /// <summary>The tenant's own words for availability.</summary>
    [Range(0, 1_000)]
    public int MaxAvailabilityLabels { get; set; } = 50;

    /// <summary>Characters of such a word.</summary>
    [Range(1, 200)]
    public int MaxAvailabilityLabelLength { get; set; } = 50;

    /// <summary>Characters of what an agent says about its availability.</summary>
    [Range(1, 2_000)]
    public int MaxAvailabilityNoteLength { get; set; } = 200;

    /// <summary>Hours for which an invitation can be accepted. Shorter sends people back to ask for another, longer leaves ways in lying about in mailboxes.</summary>
    [Range(1, 24 * 90)]
    public int InvitationHours { get; set; } = 24 * 7;

    /// <summary>Supervisors of one group.</summary>
    [Range(0, 1_000)]
    public int MaxSupervisors { get; set; } = 50;

    /// <summary>Offers in a row that an agent may leave unanswered before it is set to away, so that it keeps nobody waiting; 0: as many as it likes.</summary>
    [Range(0, 100)]
    public int MissedOffersUntilAway { get; set; } = 3;
}
