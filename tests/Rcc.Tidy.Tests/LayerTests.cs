using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Rcc.Tidy.Tests;

/// <summary>The layers: which project may know which.</summary>
public class LayerTests
{
    static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Rcc.Contracts"] = [],
        ["Rcc.LocalSilo"] = [],
        ["Rcc.Core"] = ["Rcc.Contracts", "Rcc.LocalSilo"],
        ["Rcc.Postgres"] = ["Rcc.Core"],
        ["Rcc.Client"] = ["Rcc.Contracts"],
        ["Rcc.Server"] = ["Rcc.Core", "Rcc.Postgres", "Rcc.LocalSilo", "Rcc.Contracts", "Rcc.Client"],
    };

    [Fact]
    public void A_project_references_only_the_layers_below_it()
    {
        foreach (var (project, allowed) in Allowed)
        {
            var references = XDocument.Parse(Checkout.Read($"src/{project}/{project}.csproj")).Descendants("ProjectReference")
                .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));
            Assert.All(references, reference => Assert.Contains(reference, allowed));
        }
    }

    [Fact]
    public void Every_project_below_src_has_its_layer()
    {
        var projects = Checkout.Files.Where(file => Regex.IsMatch(file, "^src/[^/]+/[^/]+[.]csproj$", RegexOptions.None, TimeSpan.FromSeconds(1))).Select(Path.GetFileNameWithoutExtension);
        Assert.All(projects, project => Assert.Contains(project!, Allowed.Keys));
    }

    [Theory]
    [InlineData("src/Rcc.Contracts/", "Orleans", "Npgsql", "Microsoft.AspNetCore", "Microsoft.Extensions")]
    [InlineData("src/Rcc.Core/", "Npgsql", "Microsoft.AspNetCore")]
    [InlineData("src/Rcc.LocalSilo/", "Npgsql", "Microsoft.AspNetCore")]
    [InlineData("src/Rcc.Postgres/", "Microsoft.AspNetCore")]
    [InlineData("src/Rcc.Client/", "Npgsql", "Orleans")]
    public void A_layer_does_not_use_what_belongs_above_it(string layer, params string[] foreign)
    {
        // The client speaks the hub's own protocol with the framework's protocol types; those are no server.
        var users = from file in Checkout.CSharp(layer)
                    from line in Checkout.Lines(file)
                    where foreign.Any(name => line.StartsWith($"using {name}", StringComparison.Ordinal))
                    select $"{file}: {line}";
        Assert.Empty(users);
    }

    [Fact]
    public void SQL_stands_in_the_postgres_project_only()
    {
        var statement = new Regex("\"\\s*(select|insert into|update|delete from|with)\\s.*\\b(from|values|set|as)\\b", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking);
        Assert.Empty(Checkout.CSharp("src/Rcc.Core/", "src/Rcc.Server/", "src/Rcc.Client/", "src/Rcc.LocalSilo/", "src/Rcc.Contracts/").Where(file => statement.IsMatch(Checkout.Read(file))));
    }
}
