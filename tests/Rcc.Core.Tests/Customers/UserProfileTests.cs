using System.Text;
using Rcc.Contracts.Customers;
using Rcc.Core.Customers;

namespace Rcc.Core.Tests.Customers;

/// <summary>Profile documents of OMA Shared Profile XDM as context information.</summary>
[Trait("Catalogue", "RCC-49")]
[Trait("Catalogue", "REF-4.4")]
public class UserProfileTests
{
    const string Ada = "sip:ada@example.com";

    [Fact]
    public void Each_element_is_a_piece_of_context_whatever_prefix_its_namespace_has()
    {
        const string Document =
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <up:user-profiles xmlns:up="urn:oma:xml:xdm:user-profile">
              <!-- Nobody sees this. -->
              <up:user-profile uri="sip:ada@example.com">
                <up:communication-addresses><up:comm-addr>tel:+4930123456</up:comm-addr><up:comm-addr>sip:ada@example.com</up:comm-addr></up:communication-addresses>
                <up:display-name>Ada &amp; Söhne</up:display-name>
                <up:birth-date><up:date>1815-12-10</up:date></up:birth-date>
                <up:name><up:given-name>Ada</up:given-name><up:family-name>Lovelace</up:family-name></up:name>
                <up:hobbies><up:hobby xml:lang="en">Flying</up:hobby></up:hobbies>
              </up:user-profile>
            </up:user-profiles>
            """;
        Assert.Equal(
            [
                ("profile:@uri", "\"sip:ada@example.com\""),
                ("profile:communication-addresses", """{"comm-addr":["tel:+4930123456","sip:ada@example.com"]}"""),
                ("profile:display-name", "\"Ada & Söhne\""),
                ("profile:birth-date", """{"date":"1815-12-10"}"""),
                ("profile:name", """{"given-name":"Ada","family-name":"Lovelace"}"""),
                ("profile:hobbies", """{"hobby":{"@xml:lang":"en","#text":"Flying"}}"""),
            ],
            Read(Document)!);
    }

    [Fact]
    [Trait("Catalogue", "RCC-51")]
    public void What_a_server_adds_is_kept_under_its_own_name()
    {
        var far = $"urn:example:{new string('x', 120)}";
        Assert.Equal(
            [
                ("profile:@uri", "\"sip:ada@example.com\""),
                ("profile:@{urn:example:crm}since", "\"2019\""),
                ("profile:{urn:example:crm}tier", "\"gold\""),
                ("profile:tier", """["silver","bronze"]"""),
                ("profile:{}plain", "\"\""),
                ("profile:freetext", """{"#xml":"<freetext xmlns=\"urn:oma:xml:xdm:user-profile\">Call <b>me</b> soon</freetext>"}"""),
                ("profile:{*}", $$"""{"{{{far}}}far":{"near":"1"},"Straße":"2"}"""),
            ],
            Read(Profile(
                $"""
                <e:tier>gold</e:tier><tier>silver</tier><tier>bronze</tier><plain xmlns=""/><freetext>Call <b>me</b> soon</freetext><far xmlns="{far}"><o:near xmlns:o="urn:oma:xml:xdm:user-profile">1</o:near></far><Straße>2</Straße>
                """,
                " xmlns:e=\"urn:example:crm\" e:since=\"2019\""))!);
    }

    [Fact]
    public void Of_several_profiles_it_is_the_users_own_and_of_one_it_is_that()
    {
        Assert.Equal(["\"sip:ada@example.com\"", "\"Ada\""], Read(Document("<user-profile uri=\"sip:bob@example.com\"/><user-profile uri=\"sip:ada@example.com\"><display-name>Ada</display-name></user-profile>"))!.Select(piece => piece.Json));
        Assert.Equal(["\"tel:+4930123456\""], Read(Document("<user-profile uri=\"tel:+4930123456\"/>"))!.Select(piece => piece.Json));
        Assert.Empty(Read(Document(""))!);
        Assert.Null(Read(Document("<user-profile uri=\"sip:bob@example.com\"/><user-profile uri=\"sip:carol@example.com\"/>")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no XML")]
    [InlineData("<user-profiles xmlns=\"urn:oma:xml:xdm:user-profile\">")]
    [InlineData("<user-profiles/>")]
    [InlineData("<user-profile xmlns=\"urn:oma:xml:xdm:user-profile\"/>")]
    [InlineData("<x:user-profiles/>")]
    [InlineData("<user-profiles xmlns=\"urn:oma:xml:xdm:user-profile\"><user-profile><display-name>&ada;</display-name></user-profile></user-profiles>")]
    [InlineData("<!DOCTYPE user-profiles><user-profiles xmlns=\"urn:oma:xml:xdm:user-profile\"/>")]
    [InlineData("<!DOCTYPE user-profiles SYSTEM \"file:///etc/passwd\"><user-profiles xmlns=\"urn:oma:xml:xdm:user-profile\"/>")]
    [InlineData("<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><user-profiles xmlns=\"urn:oma:xml:xdm:user-profile\"><user-profile><display-name>&b;</display-name></user-profile></user-profiles>")]
    [InlineData("<?xml version=\"1.0\" encoding=\"x-unknown\"?><user-profiles xmlns=\"urn:oma:xml:xdm:user-profile\"/>")]
    [InlineData("<user-profiles xmlns=\"urn:oma:xml:xdm:user-profile\">&#0;</user-profiles>")]
    public void What_is_no_profile_document_is_not_believed(string document) => Assert.Null(Read(document));

    [Fact]
    public void Bytes_that_are_no_text_are_not_believed() =>
        Assert.Null(UserProfile.Read([.. "<user-profiles xmlns=\"urn:oma:xml:xdm:user-profile\"><user-profile uri=\""u8, 0xff, 0xfe, .. "\"/></user-profiles>"u8], Ada));

    [Theory]
    [InlineData(14, true)]
    [InlineData(15, false)]
    [InlineData(10_000, false)]
    public void What_is_too_deep_is_not_believed(int depth, bool isRead) =>
        Assert.Equal(isRead, Read(Profile(string.Concat(Enumerable.Repeat("<a>", depth)) + string.Concat(Enumerable.Repeat("</a>", depth)))) is not null);

    [Theory]
    [InlineData(1_997, true)]
    [InlineData(1_998, false)]
    public void What_has_too_many_parts_is_not_believed(int count, bool isRead) =>
        Assert.Equal(isRead, Read(Document($"<user-profile>{string.Concat(Enumerable.Repeat("<a/>", count))}</user-profile>")) is not null);

    /// <summary>It would stand in the name of every part.</summary>
    [Theory]
    [InlineData(1_000, true)]
    [InlineData(1_001, false)]
    public void What_has_a_long_namespace_is_not_believed_whoever_declares_it(int length, bool isRead)
    {
        var name = new string('n', length);
        Assert.Equal(isRead, Read(Profile("<e:a/>", $" xmlns:e=\"{name}\"")) is not null);
        Assert.Equal(isRead, Read(Profile($"<a xmlns=\"{name}\"/>")) is not null);
    }

    [Theory]
    [InlineData(AddressKind.Sip, "ada@example.com", "sip:ada@example.com")]
    [InlineData(AddressKind.Tel, "+4930123456", "tel:+4930123456")]
    [InlineData(AddressKind.Sip, "a/b?c#d@example.com", "sip:a%2Fb%3Fc%23d@example.com")]
    [InlineData(AddressKind.Sip, "a%20b@example.com", "sip:a%2520b@example.com")]
    [InlineData(AddressKind.Sip, "jörg&co=1+1@[::1]:5060", "sip:j%C3%B6rg&co=1+1@%5B::1%5D:5060")]
    [InlineData(AddressKind.Sip, "../..@example.com", "sip:..%2F..@example.com")]
    public void A_users_document_is_in_its_home_and_nowhere_else(AddressKind kind, string value, string segment)
    {
        var url = UserProfile.UrlOf("https://xcap.example.com/services", UserProfile.XuiOf(kind, value)!);
        Assert.Equal($"https://xcap.example.com/services/org.openmobilealliance.user-profile/users/{segment}/user-profile", url);

        // And it goes on the wire like that.
        Assert.Equal(new Uri(url).AbsoluteUri, url);
    }

    static string Profile(string inside, string attributes = "") => Document($"<user-profile uri=\"{Ada}\"{attributes}>{inside}</user-profile>");

    static string Document(string inside) => $"<user-profiles xmlns=\"urn:oma:xml:xdm:user-profile\">{inside}</user-profiles>";

    static IEnumerable<(string Name, string Json)>? Read(string document) => UserProfile.Read(Encoding.UTF8.GetBytes(document), Ada)?.Select(piece => (piece.Name, piece.Json));
}
