using Rcc.Core.Access;

namespace Rcc.Core.Tests.Access;

/// <summary>Bad input gets an error that names the member, the rule and its value.</summary>
public class ShapeTests
{
    [Theory]
    [InlineData("Ada")]
    [InlineData("Ada Lovelace")]
    [InlineData("愛達")]
    [InlineData("Ада 👩‍💻")]
    public void A_name_is_any_text(string name) => Assert.Null(Shape.Name(name, "name", 100));

    [Theory]
    [InlineData(null, ErrorCode.Malformed)]
    [InlineData("", ErrorCode.Malformed)]
    [InlineData("   ", ErrorCode.Malformed)]
    [InlineData(" Ada", ErrorCode.Malformed)]
    [InlineData("A\u0000da", ErrorCode.Malformed)]
    [InlineData("A\nda", ErrorCode.Malformed)]
    [InlineData("A\u0085da", ErrorCode.Malformed)]
    [InlineData("Ada Lovelace", ErrorCode.TooLarge)]
    public void A_name_is_not_empty_not_long_and_without_control_characters(string? name, ErrorCode code)
    {
        var refusal = Shape.Name(name, "name", 10);
        Assert.Equal(code, refusal!.Code);
        Assert.StartsWith("name", refusal.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ada@example.com", true)]
    [InlineData("a.d+a@localhost", true)]
    [InlineData("ada@müller.example", true)]
    [InlineData("ada", false)]
    [InlineData("@example.com", false)]
    [InlineData("ada@", false)]
    [InlineData("ada@@example.com", false)]
    [InlineData("a da@example.com", false)]
    [InlineData("ada@example..com", false)]
    [InlineData("ada@-example.com", false)]
    [InlineData("<ada@example.com>", false)]
    public void An_email_address_looks_like_one(string address, bool isOne) => Assert.Equal(isOne, Shape.Email(address, "email", 254) is null);

    [Theory]
    [InlineData("acme", true)]
    [InlineData("a-1", true)]
    [InlineData("Acme", false)]
    [InlineData("-acme", false)]
    [InlineData("acme-", false)]
    [InlineData("ac me", false)]
    [InlineData("", false)]
    [InlineData("a234567890123456789012345678901234567890", true)]
    [InlineData("a2345678901234567890123456789012345678901", false)]
    public void An_accounts_name_is_short_and_plain(string slug, bool isOne) => Assert.Equal(isOne, Shape.Slug(slug, "slug") is null);

    [Fact]
    public void New_ids_are_random_enough()
    {
        Assert.Null(Shape.NewId(Guid.NewGuid(), "id"));
        Assert.Null(Shape.NewId(Guid.CreateVersion7(), "id"));
        Assert.Equal(ErrorCode.Malformed, Shape.NewId(Guid.Empty, "id")!.Code);
        Assert.Equal(ErrorCode.Malformed, Shape.NewId(Guid.AllBitsSet, "id")!.Code);
        Assert.Equal(ErrorCode.Malformed, Shape.NewId(Guid.Parse("c232ab00-9414-11ec-b3c8-9f6bdeced846"), "id")!.Code);
    }

    /// <summary>Attributes cannot hold half a pair, so these stand here.</summary>
    [Fact]
    public void Half_a_surrogate_pair_is_no_text()
    {
        foreach (var text in new[] { "a\ud800b", "\udc00", "end\ud83d" })
        {
            var refusal = Shape.Utf8(text, "content", "MaxContentBytes", 100, mayBeEmpty: false, out _);
            Assert.Equal(ErrorCode.Malformed, refusal!.Code);
            Assert.StartsWith("content has half a surrogate pair", refusal.Detail, StringComparison.Ordinal);
            Assert.Equal(ErrorCode.Malformed, Shape.Name(text, "name", 10)!.Code);
        }
    }

    [Fact]
    public void Content_is_measured_in_bytes_and_the_limit_is_named()
    {
        Assert.Null(Shape.Utf8("ééé", "content", "MaxContentBytes", 6, mayBeEmpty: false, out var bytes));
        Assert.Equal(6, bytes.Length);
        foreach (var text in new[] { "éééé", "1234567" })
        {
            var refusal = Shape.Utf8(text, "content", "MaxContentBytes", 6, mayBeEmpty: false, out _);
            Assert.Equal(ErrorCode.TooLarge, refusal!.Code);
            Assert.EndsWith("MaxContentBytes is 6.", refusal.Detail, StringComparison.Ordinal);
        }

        Assert.Null(Shape.Utf8("a\0b", "content", "MaxContentBytes", 6, mayBeEmpty: false, out _));
        Assert.NotNull(Shape.Utf8("", "content", "MaxContentBytes", 6, mayBeEmpty: false, out _));
        Assert.Null(Shape.Utf8("", "text", "MaxDraftBytes", 6, mayBeEmpty: true, out _));
        Assert.NotNull(Shape.Utf8(null, "text", "MaxDraftBytes", 6, mayBeEmpty: true, out _));
    }

    [Theory]
    [InlineData("https://www.example.com", true)]
    [InlineData("http://localhost:5080", true)]
    [InlineData("https://www.example.com/", false)]
    [InlineData("https://WWW.example.com", false)]
    [InlineData("https://www.example.com:443", false)]
    [InlineData("ftp://www.example.com", false)]
    [InlineData("www.example.com", false)]
    [InlineData("*", false)]
    public void An_origin_is_written_as_browsers_send_it(string origin, bool isOne) => Assert.Equal(isOne, Shape.Origins([origin], "allowedOrigins", 5) is null);

    [Fact]
    public void There_are_no_more_origins_than_the_limit()
    {
        var refusal = Shape.Origins(["https://a.example", "https://b.example"], "allowedOrigins", 1);
        Assert.Equal(ErrorCode.TooLarge, refusal!.Code);
        Assert.Contains("MaxAllowedOrigins is 1", refusal.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(1, true)]
    [InlineData(100, true)]
    [InlineData(0, false)]
    [InlineData(-1, false)]
    [InlineData(101, false)]
    public void A_page_has_a_length(int? limit, bool isOne) => Assert.Equal(isOne, Shape.Limit(limit, 100) is null);
}
