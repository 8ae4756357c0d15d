using System.Globalization;

namespace Rcc.Bench.Measuring;

/// <summary>CPU time and memory of processes, from <c>/proc</c> (proc(5)).</summary>
static class ProcessFigures
{
    /// <summary>Linux reports to user space in hundredths of a second on every architecture (<c>USER_HZ</c>).</summary>
    const double TicksPerSecond = 100;

    /// <summary>CPU seconds of one process.</summary>
    public static double CpuSeconds(int process)
    {
        var stat = Read(process) ?? throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"Process {process} has ended."));
        return (stat.User + stat.System) / TicksPerSecond;
    }

    /// <summary>Which process of this machine started it.</summary>
    /// <exception cref="IOException">It runs elsewhere.</exception>
    public static int ParentOf(int process) =>
        Read(process)?.Parent ?? throw new IOException(string.Create(CultureInfo.InvariantCulture, $"Process {process} of PostgreSQL is not of this machine: its CPU time cannot be measured."));

    /// <summary>CPU seconds of a process and its children, those that have ended included.</summary>
    public static double CpuSecondsWithChildren(int parent)
    {
        var stat = Read(parent) ?? throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"Process {parent} has ended."));
        var ticks = stat.User + stat.System + stat.EndedChildren;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && Read(id) is { } child && child.Parent == parent)
            {
                ticks += child.User + child.System;
            }
        }

        return ticks / TicksPerSecond;
    }

    /// <summary>Resident memory in MB (10⁶ bytes).</summary>
    public static double RssMb(int process)
    {
        var line = File.ReadLines($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return Math.Round(double.Parse(line.AsSpan(6, line.IndexOf("kB", StringComparison.Ordinal) - 6), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) * 1024 / 1e6, 1);
    }

    static Stat? Read(int process)
    {
        try
        {
            // The name in parentheses may itself hold spaces and parentheses.
            var text = File.ReadAllText($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return new Stat(int.Parse(fields[1], CultureInfo.InvariantCulture), Ticks(11), Ticks(12), Ticks(13) + Ticks(14));

            double Ticks(int field) => double.Parse(fields[field], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }

    sealed record Stat(int Parent, double User, double System, double EndedChildren);
}
