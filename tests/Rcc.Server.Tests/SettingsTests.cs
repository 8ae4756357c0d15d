using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using Rcc.Core.Access;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Customers;
using Rcc.Core.Delivery;
using Rcc.Core.Devices;
using Rcc.Core.Routing;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;
using Rcc.Postgres;
using Rcc.Postgres.Embedded;
using Rcc.Server.Access;
using Rcc.Server.Devices;

namespace Rcc.Server.Tests;

/// <summary><c>docs/operations.md</c> against the options.</summary>
public sealed class SettingsTests
{
    /// <summary>Set elsewhere: the store's address is found before the store's limits are read.</summary>
    static readonly string[] NotSettings = [nameof(PostgresOptions.ConnectionString)];

    static readonly Dictionary<string, object> Sections = new(StringComparer.Ordinal)
    {
        ["Rcc:Store"] = new PostgresOptions(),
        ["Rcc:Postgres"] = new EmbeddedPostgresOptions { DataFolder = "" },
        ["Rcc:Log"] = new LogOptions(),
        ["Rcc:Tail"] = new TailOptions(),
        ["Rcc:Devices"] = new DeviceOptions(),
        ["Rcc:Delivery"] = new DeliveryOptions(),
        ["Rcc:Hub"] = new HubLimits(),
        ["Rcc:Proxy"] = new ProxyOptions(),
        ["Rcc:Access"] = new AccessOptions(),
        ["Rcc:SignIn"] = new SignInOptions(),
        ["Rcc:Secrets"] = new Core.SecretOptions(),
        ["Rcc:Conversations"] = new ConversationOptions(),
        ["Rcc:Customers"] = new CustomerOptions(),
        ["Rcc:Agents"] = new AgentOptions(),
        ["Rcc:Tenants"] = new TenantOptions(),
        ["Rcc:Routing"] = new RoutingOptions(),
#if ORLEANS
        ["Rcc:Cluster"] = new Engine.ClusterSettings(),
#else
        ["Rcc:Engine"] = new LocalSilo.LocalSiloOptions(),
#endif
    };

#if ORLEANS
    const string OfTheOtherEngine = "Rcc:Engine";
#else
    const string OfTheOtherEngine = "Rcc:Cluster";
#endif

    [Fact]
    public void Every_section_is_documented() => Assert.Equal(
        Sections.Keys.Append(OfTheOtherEngine).Order(StringComparer.Ordinal), Documented().Select(row => row.Section).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_setting_is_documented_with_its_default()
    {
        string[] settings =
        [
            .. from section in Sections
               from property in section.Value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
               where property.CanWrite && !NotSettings.Contains(property.Name, StringComparer.Ordinal)
               select $"{section.Key}:{property.Name} = {Write(property.GetValue(section.Value))}",
        ];
        string[] documented = [.. Documented().Where(row => row.Section != OfTheOtherEngine).Select(row => $"{row.Section}:{row.Setting} = {row.Default}")];
        Assert.Empty(settings.Except(documented, StringComparer.Ordinal));
        Assert.Empty(documented.Except(settings, StringComparer.Ordinal));
    }

    /// <summary>The rows of the tables; a default without its spaces, which only part thousands and units.</summary>
    static IEnumerable<(string Section, string Setting, string Default)> Documented([CallerFilePath] string thisFile = "")
    {
        var section = "";
        foreach (var line in File.ReadLines(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "docs", "operations.md")))
        {
            if (line.StartsWith("### ", StringComparison.Ordinal))
                section = line[4..];
            else if (line.StartsWith("| `", StringComparison.Ordinal) && line.Split('|', StringSplitOptions.TrimEntries) is [_, var setting, var byDefault, ..])
                yield return (section, setting.Trim('`'), byDefault.Replace(" ", "", StringComparison.Ordinal));
        }
    }

    static string Write(object? value) => value switch
    {
        null or false or "" or ICollection { Count: 0 } => "–",
        true => "true",
        string text => text,
        TimeSpan time => Write(time),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new NotSupportedException($"The documentation has no way to write a {value.GetType().Name}."),
    };

    static string Write(TimeSpan time)
    {
        (double Count, string Unit)[] units = [(time.TotalDays, "day"), (time.TotalHours, "hour"), (time.TotalMinutes, "minute"), (time.TotalSeconds, "second"), (time.TotalMilliseconds, "millisecond")];
        var (count, unit) = units.First(u => double.IsInteger(u.Count));
        return string.Create(CultureInfo.InvariantCulture, $"{count}{unit}{(count == 1 ? "" : "s")}");
    }
}
