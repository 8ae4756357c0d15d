using System.Text.RegularExpressions;

namespace Rcc.Tidy.Tests;

/// <summary>Habits that a reader would otherwise have to watch over.</summary>
public class HouseRuleTests
{
    const string Here = "tests/Rcc.Tidy.Tests/";

    static readonly string[] Code = ["src/", "tests/", "tools/"];

    [Fact]
    public void No_type_is_named_after_nothing() => Assert.Empty(
        Matches(Checkout.CSharp(Code), @"\b(class|record|struct|interface) \w*(Manager|Helper|Helpers|Utils|Util|Common|Processor)\b"));

    [Fact]
    public void Nothing_is_left_for_later() => Assert.Empty(
        Matches(Source().Where(file => !file.StartsWith(Here, StringComparison.Ordinal)), @"\b(TODO|FIXME|HACK|XXX)\b|NotImplementedException"));

    [Fact]
    public void Nobody_sleeps() => Assert.Empty(
        Matches(Checkout.CSharp("src/", "tests/").Where(file => !file.StartsWith(Here, StringComparison.Ordinal)), @"\bThread\.Sleep\("));

    /// <summary>The engine takes the results of what is finished; nobody else may ask without waiting.</summary>
    [Fact]
    public void Nobody_blocks_on_a_task() => Assert.Empty(
        Matches(Checkout.CSharp("src/").Where(file => !file.StartsWith("src/Rcc.LocalSilo/", StringComparison.Ordinal)), @"\.GetAwaiter\(\)\.GetResult\(\)"));

    [Fact]
    public void No_test_is_skipped() => Assert.Empty(
        Matches(Checkout.CSharp("tests/").Where(file => !file.StartsWith(Here, StringComparison.Ordinal)), @"\[(Fact|Theory)\([^)]*Skip\s*=|Assert\.Skip"));

    [Fact]
    public void A_tests_name_is_a_sentence()
    {
        var wrong = from file in Checkout.CSharp("tests/")
                    from Match test in Regex.Matches(Checkout.Read(file), @"\[(Fact|Theory)[^\]]*\](\s*\[[^\n]*\])*\s*public (async )?(void|Task|ValueTask) (?<name>\w+)\(", RegexOptions.None, TimeSpan.FromSeconds(5))
                    where !test.Groups["name"].Value.Contains('_', StringComparison.Ordinal)
                    select $"{file}: {test.Groups["name"].Value}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void Catalogue_ids_are_well_formed()
    {
        var wrong = from file in Checkout.CSharp("tests/")
                    from Match trait in Regex.Matches(Checkout.Read(file), "Trait\\(\"Catalogue\", \"(?<id>[^\"]*)\"\\)", RegexOptions.None, TimeSpan.FromSeconds(5))
                    where !Regex.IsMatch(trait.Groups["id"].Value, @"^(RCC|STOR|SYNC|MMS|IM|INV)-\d+$|^REF-\d\.\d+$", RegexOptions.None, TimeSpan.FromSeconds(1))
                    select $"{file}: {trait.Groups["id"].Value}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void Files_are_short_enough_to_hold_one_idea() => Assert.Empty(
        Source().Where(file => Checkout.Lines(file).Length > 600));

    [Fact]
    public void The_repository_speaks_of_the_product_alone() => Assert.Empty(
        Matches(
            Source().Concat(Checkout.Files.Where(file => file.EndsWith(".md", StringComparison.Ordinal))).Where(file => !file.StartsWith(Here, StringComparison.Ordinal)),
            @"(^|[\s""'(=])/(work|root)/\w|registry\.npmjs\.org|api\.nuget\.org"));

    [Fact]
    public void Lock_files_name_no_registry() => Assert.Empty(
        Matches(Checkout.Files.Where(file => file.EndsWith("package-lock.json", StringComparison.Ordinal)), "\"resolved\": \"http"));

    [Fact]
    public void Every_package_says_why_it_is_here()
    {
        var reasons = Checkout.Read("docs/dependencies.md");
        var packages = Regex.Matches(Checkout.Read("Directory.Packages.props"), "PackageVersion Include=\"(?<id>[^\"]+)\"", RegexOptions.None, TimeSpan.FromSeconds(1));
        Assert.All(packages, package => Assert.Contains(package.Groups["id"].Value, reasons, StringComparison.Ordinal));
    }

    static IEnumerable<string> Source() => Checkout.Files.Where(file => Path.GetExtension(file) is ".cs" or ".ts" or ".mjs" or ".sql" && Code.Any(folder => file.StartsWith(folder, StringComparison.Ordinal)));

    static IEnumerable<string> Matches(IEnumerable<string> files, string pattern)
    {
        var regex = new Regex(pattern, RegexOptions.None, TimeSpan.FromSeconds(5));
        return from file in files
               from line in Checkout.Lines(file).Select((text, index) => (Text: text, Number: index + 1))
               where regex.IsMatch(line.Text)
               select $"{file}:{line.Number}: {line.Text.Trim()}";
    }
}
