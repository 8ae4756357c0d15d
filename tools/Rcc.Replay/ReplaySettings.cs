using Rcc.Replay.Accounts;

namespace Rcc.Replay;

/// <summary>What to replay, and how.</summary>
sealed record ReplaySettings
{
    /// <summary>The server; null: one of our own.</summary>
    public Uri? Server { get; init; }

    /// <summary>The operator of <see cref="Server"/>.</summary>
    public OperatorLogin? Operator { get; init; }

    /// <summary>Tenants to onboard, at least 1.</summary>
    public int Tenants { get; init; } = 5;

    /// <summary>Agents of each tenant, at least 1.</summary>
    public int Agents { get; init; } = 4;

    /// <summary>Devices of each agent, at least 1.</summary>
    public int Devices { get; init; } = 3;

    /// <summary>The share of turns around which something goes wrong, 0 … 1; above 0 the server of our own and its PostgreSQL are killed, too.</summary>
    public double Chaos { get; init; }

    /// <summary>Agents hold, transfer, write notes, mention, and race for what is offered; some are suspended.</summary>
    public bool Control { get; init; }

    /// <summary>Dialogues played at the same time, at least 1.</summary>
    public int Parallel { get; init; } = 64;

    /// <summary>Where all choices come from.</summary>
    public int Seed { get; init; }

    /// <summary>How long nothing may happen at all before the replay is given up.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);
}
