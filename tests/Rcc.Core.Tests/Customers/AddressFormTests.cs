using Rcc.Contracts.Customers;
using Rcc.Core.Customers;

namespace Rcc.Core.Tests.Customers;

/// <summary>One address has one form, however it is written.</summary>
[Trait("Catalogue", "RCC-29")]
public class AddressFormTests
{
    [Theory]
    [InlineData(AddressKind.Tel, "+1 (555) 010-0199", "+15550100199")]
    [InlineData(AddressKind.Tel, "tel:+44-20-7946-0018", "+442079460018")]
    [InlineData(AddressKind.Mailto, " MailTo:Ada@Example.COM ", "ada@example.com")]
    [InlineData(AddressKind.Mailto, "ada+x@xn--bcher-kva.example", "ada+x@xn--bcher-kva.example")]
    [InlineData(AddressKind.Sip, "sip:Ada@PBX.Example:5061", "Ada@pbx.example:5061")]
    [InlineData(AddressKind.Sip, "SIPS:ada@[2001:DB8::1]", "ada@[2001:db8::1]")]
    [InlineData(AddressKind.Web, "HTTPS://Example.com:443/Ada", "https://example.com/Ada")]
    public void It_is_brought_into_its_form(AddressKind kind, string text, string expected)
    {
        Assert.True(AddressForm.TryMake(kind, text, out var canonical, out _));
        Assert.Equal(expected, canonical);
        Assert.True(AddressForm.TryMake(kind, canonical, out var again, out _));
        Assert.Equal(canonical, again);
    }

    [Theory]
    [InlineData(AddressKind.Tel, "5550100")]
    [InlineData(AddressKind.Tel, "+0123456")]
    [InlineData(AddressKind.Tel, "+1")]
    [InlineData(AddressKind.Tel, "+1234567890123456")]
    [InlineData(AddressKind.Tel, "+1555a")]
    [InlineData(AddressKind.Tel, "+١٢٣٤٥")]
    [InlineData(AddressKind.Mailto, "ada@")]
    [InlineData(AddressKind.Mailto, "@example.com")]
    [InlineData(AddressKind.Mailto, "a@b@c.example")]
    [InlineData(AddressKind.Mailto, "ada@example.com?subject=x")]
    [InlineData(AddressKind.Mailto, "ada@-example-.com..")]
    [InlineData(AddressKind.Sip, "ada:secret@example.com")]
    [InlineData(AddressKind.Sip, "ada@example.com;transport=tcp")]
    [InlineData(AddressKind.Sip, "ada@example.com:0")]
    [InlineData(AddressKind.Web, "javascript:alert(1)")]
    [InlineData(AddressKind.Web, "https://ada:secret@example.com/")]
    [InlineData(AddressKind.Web, "")]
    public void What_has_none_is_refused_and_told_what_is_wrong(AddressKind kind, string text)
    {
        Assert.False(AddressForm.TryMake(kind, text, out _, out var wrong));
        Assert.NotEmpty(wrong);
    }

    [Theory]
    [InlineData("tel:+1 555 0100", AddressKind.Tel, "+15550100")]
    [InlineData("mailto:A@b.example", AddressKind.Mailto, "a@b.example")]
    [InlineData("https://a.example", AddressKind.Web, "https://a.example/")]
    public void An_address_with_its_scheme_is_read(string text, AddressKind kind, string canonical)
    {
        Assert.True(AddressForm.TryRead(text, out var read, out var value));
        Assert.Equal((kind, canonical), (read, value));
        Assert.False(AddressForm.TryRead("Ada", out _, out _));
    }
}
