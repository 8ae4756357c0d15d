using Microsoft.Extensions.Options;
using Npgsql;

namespace Rcc.Postgres;

/// <summary>How the store is reached, and its limits.</summary>
public sealed class PostgresOptions
{
    /// <summary>Npgsql connection string. Pool sizes and server settings of the store's own are added to it.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>Connections for appends, 1 … 1000. A tenant whose row is locked elsewhere occupies one of them while it waits.</summary>
    public int AppendConnections { get; set; } = 16;

    /// <summary>Connections for reads, 1 … 1000.</summary>
    public int ReadConnections { get; set; } = 24;

    /// <summary>Connections that the devices of one tenant may read pages on at once, on one node, 1 … 1000: fewer than <see cref="ReadConnections"/>, so that some are left for others.</summary>
    public int PageConnectionsPerTenant { get; set; } = 12;

    /// <summary>How long an append waits for its tenant's row, 1 ms … 5 min.</summary>
    public TimeSpan LockTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a statement may take, longer than <see cref="LockTimeout"/> and at most 10 min.</summary>
    public TimeSpan StatementTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long to wait for a connection, 1 s … 1 min.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long entries are kept: a device away for longer starts from nothing. 1 hour … 10 years.</summary>
    public TimeSpan EntriesKept { get; set; } = TimeSpan.FromDays(35);

    /// <summary>How long the answers of commands are kept: an older command is too old. 1 hour … 10 years.</summary>
    public TimeSpan AnswersKept { get; set; } = TimeSpan.FromDays(35);

    /// <summary>How often what is no longer kept is cut, 1 s … 1 day.</summary>
    public TimeSpan TrimEvery { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Rows one statement cuts, 1 … 1,000,000.</summary>
    public int TrimRows { get; set; } = 10_000;

    /// <summary>Rows a node reads at once when it missed something, 1 … 1,000,000.</summary>
    public int GapRows { get; set; } = 10_000;

    /// <summary>Run although the server may forget what it acknowledged: for throw-away data only.</summary>
    public bool AllowDataLoss { get; set; }
}

/// <summary>Every limit is checked at start; all errors are told at once.</summary>
sealed class PostgresOptionsValidator : IValidateOptions<PostgresOptions>
{
    public ValidateOptionsResult Validate(string? name, PostgresOptions options)
    {
        List<string> errors = [];
        try
        {
            if (string.IsNullOrEmpty(new NpgsqlConnectionStringBuilder(options.ConnectionString).Host))
            {
                errors.Add($"{nameof(PostgresOptions.ConnectionString)} names no host.");
            }
        }
        catch (ArgumentException e)
        {
            errors.Add($"{nameof(PostgresOptions.ConnectionString)}: {e.Message}");
        }

        Check(nameof(options.AppendConnections), options.AppendConnections, 1, 1000);
        Check(nameof(options.ReadConnections), options.ReadConnections, 1, 1000);
        Check(nameof(options.PageConnectionsPerTenant), options.PageConnectionsPerTenant, 1, 1000);
        Check(nameof(options.TrimRows), options.TrimRows, 1, 1_000_000);
        Check(nameof(options.GapRows), options.GapRows, 1, 1_000_000);
        Check(nameof(options.LockTimeout), options.LockTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(5));
        Check(nameof(options.StatementTimeout), options.StatementTimeout, options.LockTimeout + TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(10));
        Check(nameof(options.ConnectTimeout), options.ConnectTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        Check(nameof(options.EntriesKept), options.EntriesKept, TimeSpan.FromHours(1), TimeSpan.FromDays(3653));
        Check(nameof(options.AnswersKept), options.AnswersKept, TimeSpan.FromHours(1), TimeSpan.FromDays(3653));
        Check(nameof(options.TrimEvery), options.TrimEvery, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);

        void Check<T>(string member, T value, T min, T max)
            where T : IComparable<T>
        {
            if (value.CompareTo(min) < 0 || value.CompareTo(max) > 0)
            {
                errors.Add(FormattableString.Invariant($"{member} is {value}; it must be {min} … {max}."));
            }
        }
    }
}
