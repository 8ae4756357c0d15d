using System.Text.RegularExpressions;

namespace Rcc.Tidy.Tests;

/// <summary>The rooms: one folder name per concept, everywhere, and they depend one way.</summary>
public class RoomTests
{
    /// <summary>Lowest first: a room may use those before it.</summary>
    static readonly string[] Order = ["Sync", "Delivery", "Routing", "Devices", "Agents", "Tenants", "Customers", "Conversations", "Access"];

    static readonly string[] Rooms = [.. Order, "Presence", "Store", "Media", "Policies"];

    /// <summary>What a project has beside rooms.</summary>
    static readonly Dictionary<string, string[]> Beside = new(StringComparer.Ordinal)
    {
        ["Rcc.Contracts"] = [],
        ["Rcc.Core"] = [],
        ["Rcc.Postgres"] = ["Schema", "Embedded"],
        ["Rcc.Server"] = ["Engine", "Demo", "Telemetry", "Properties", "OpenApi", "Http"],
    };

    [Fact]
    public void Folders_are_named_after_rooms()
    {
        foreach (var (project, beside) in Beside)
        {
            var folders = Checkout.CSharp($"src/{project}/").Select(file => file.Split('/')).Where(parts => parts.Length > 3).Select(parts => parts[2]).Distinct();
            Assert.All(folders, folder => Assert.Contains(folder, Rooms.Concat(beside)));
        }
    }

    [Fact]
    public void A_room_of_the_core_uses_only_the_rooms_below_it()
    {
        var wrong = from file in Checkout.CSharp("src/Rcc.Core/")
                    let parts = file.Split('/')
                    where parts.Length > 3
                    let place = Array.IndexOf(Order, parts[2])
                    from line in Checkout.Lines(file)
                    let used = Regex.Match(line, @"^using (static )?Rcc[.]Core[.](?<room>\w+)", RegexOptions.None, TimeSpan.FromSeconds(1))
                    where used.Success && Array.IndexOf(Order, used.Groups["room"].Value) > place
                    select $"{file}: {line}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void A_namespace_follows_its_folder()
    {
        var wrong = from file in Checkout.CSharp("src/")
                    where !file.StartsWith("src/Rcc.LocalSilo/", StringComparison.Ordinal) && !file.EndsWith("/Program.cs", StringComparison.Ordinal)
                    let expected = string.Join('.', file.Split('/')[1..^1])
                    let declared = Checkout.Lines(file).FirstOrDefault(line => line.StartsWith("namespace ", StringComparison.Ordinal))
                    where declared is not null && declared != $"namespace {expected};"
                    select $"{file}: {declared}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void No_type_bears_its_rooms_name()
    {
        var wrong = from file in Checkout.CSharp("src/")
                    from Match type in Regex.Matches(Checkout.Read(file), @"\b(class|record|struct|interface|enum) (?<name>\w+)", RegexOptions.None, TimeSpan.FromSeconds(5))
                    where Rooms.Contains(type.Groups["name"].Value)
                    select $"{file}: {type.Value}";
        Assert.Empty(wrong);
    }
}
