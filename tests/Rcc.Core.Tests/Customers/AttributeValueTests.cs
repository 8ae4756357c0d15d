using Rcc.Contracts.Customers;
using Rcc.Core.Customers;

namespace Rcc.Core.Tests.Customers;

public class AttributeValueTests
{
    static readonly ContactSettingsState Settings = new()
    {
        CustomAttributes = [Defined("note", AttributeType.Text), Defined("site", AttributeType.Link)],
    };

    [Theory]
    [InlineData("""
        "\u0000"
        """)]
    [InlineData("""
        "a\u001bb"
        """)]
    [InlineData("""
        "\ud800"
        """)]
    public void Text_without_meaning_is_refused(string json)
    {
        Assert.Contains("note", Refuse("note", json), StringComparison.Ordinal);
        Assert.Contains("site", Refuse("site", json), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""
        "two\nlines\tand \ud83d\ude00"
        """)]
    [InlineData("""
        ""
        """)]
    public void Text_of_more_lines_is_text(string json) => Assert.Null(Refuse("note", json));

    static AttributeDefinition Defined(string key, AttributeType type) => new() { Key = key, DisplayName = key, Of = AttributeOwner.Conversation, Type = type };

    static string? Refuse(string key, string json) => AttributeValue.Refuse([KeyValuePair.Create(key, json)], AttributeOwner.Conversation, Settings, 1_000);
}
