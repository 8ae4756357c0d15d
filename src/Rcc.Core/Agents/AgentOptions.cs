using System.ComponentModel.DataAnnotations;

namespace Rcc.Core.Agents;

/// <summary>The limits of agents. Checked at start.</summary>
public sealed class AgentOptions
{
    /// <summary>Devices of an agent that are signed in at once. One more signs out the one that signed in first, so that lost devices lock nobody out.</summary>
    [Range(1, 1_000)]
    public int MaxDevices { get; set; } = 50;
}
