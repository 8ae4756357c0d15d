using System.Text;
using System.Text.Json;
using Rcc.Client.Sync;

namespace Rcc.Client.Tests.Sync;

public sealed class CanonicalFormTests
{
    /// <summary>Right: what <c>JSON.stringify(JSON.parse(left))</c> gives.</summary>
    [Theory]
    [InlineData("0", "0")]
    [InlineData("-0.0", "0")]
    [InlineData("10", "10")]
    [InlineData("-1.50", "-1.5")]
    [InlineData("100000000000000000000", "100000000000000000000")]
    [InlineData("1e20", "100000000000000000000")]
    [InlineData("999999999999999999999", "1e+21")]
    [InlineData("1e23", "1e+23")]
    [InlineData("1.7976931348623157e308", "1.7976931348623157e+308")]
    [InlineData("5e-324", "5e-324")]
    [InlineData("0.000001", "0.000001")]
    [InlineData("0.0000001", "1e-7")]
    [InlineData("123e-20", "1.23e-18")]
    [InlineData("123456.789", "123456.789")]
    [InlineData("0.1", "0.1")]
    [InlineData("9007199254740993", "9007199254740992")]
    [InlineData("1e999", "null")]
    [InlineData("\"\\u0041\\/\\u00e9\\ud83d\\ude00\\udc00\\u007f\\u0000\\b\"", "\"A/é😀\\udc00\u007f\\u0000\\b\"")]
    [InlineData("{\"b\":1,\"a\":2,\"b\":3}", "{\"a\":2,\"b\":3}")]
    [InlineData(" [ 1 , { } , [ ] , null , true , false ] ", "[1,{},[],null,true,false]")]
    public void A_value_is_written_as_ECMAScript_writes_it(string json, string expected)
    {
        var text = new StringBuilder();
        CanonicalForm.Write(text, JsonDocument.Parse(json).RootElement);
        Assert.Equal(expected, text.ToString());
    }
}
