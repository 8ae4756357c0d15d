using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using System.Xml.Linq;
using Rcc.Contracts.Customers;

namespace Rcc.Core.Customers;

/// <summary>
/// The User Profile of OMA Shared Profile XDM, read as context information (RCC-49). Pure. Each element of the profile is a piece, <c>profile:display-name</c>; one of another namespace has that in
/// braces before its name, <c>profile:{urn:example}tier</c>, so that nothing a server adds is lost (RCC-51). An element's value is its text, or an object of its attributes (<c>@name</c>), elements and text (<c>#text</c>); what is there several times is an array.
/// </summary>
public static class UserProfile
{
    public const string MediaType = "application/vnd.oma.user-profile+xml";

    const string Namespace = "urn:oma:xml:xdm:user-profile";
    const string Prefix = "profile:";

    /// <summary>A piece of what has no name that context may have, by names as they are.</summary>
    const string Others = Prefix + "{*}";

    /// <summary>The specification needs 4.</summary>
    const int MaxDepth = 16;

    /// <summary>Elements and attributes.</summary>
    const int MaxParts = 2_000;

    /// <summary>Characters: it is written once, and stands in the name of every part.</summary>
    const int MaxNamespaceLength = 1_000;

    static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whom the address names to an XDMS (RFC 4825 §4: XUI); null for an address that names nobody there.</summary>
    public static string? XuiOf(AddressKind kind, string value) => kind switch
    {
        AddressKind.Sip => $"sip:{value}",
        AddressKind.Tel => $"tel:{value}",
        _ => null,
    };

    /// <summary>Where the document of a user is (RFC 4825 §6). What may not stand in a path segment (RFC 3986 §3.3) is percent-encoded.</summary>
    public static string UrlOf(string root, string xui)
    {
        ArgumentNullException.ThrowIfNull(xui);
        var user = string.Concat(Encoding.UTF8.GetBytes(xui).Select(each =>
            char.IsAsciiLetterOrDigit((char)each) || "-._~!$&'()*+,;=:@".Contains((char)each, StringComparison.Ordinal) ? ((char)each).ToString() : $"%{each:X2}"));
        return $"{root}/org.openmobilealliance.user-profile/users/{user}/user-profile";
    }

    /// <summary>What a document says of a user; null when it is none that may be believed: not well-formed, with a DTD, of another kind, too deep, too large, or with a namespace that is too long.</summary>
    public static ImmutableArray<FoundContext>? Read(byte[] xml, string xui)
    {
        try
        {
            return IsModest(xml) && Load(xml) is { } root && root.Name == Of("user-profiles") ? Read(root, xui) : null;
        }
        catch (XmlException)
        {
            return null;
        }
    }

    /// <summary>A document has the profile of its user alone; its <c>uri</c> may be another address of the same person.</summary>
    static ImmutableArray<FoundContext>? Read(XElement root, string xui)
    {
        var profiles = root.Elements(Of("user-profile")).ToList();
        return (profiles.Find(profile => string.Equals(profile.Attribute("uri")?.Value, xui, StringComparison.Ordinal)), profiles.Count) switch
        {
            (null, 0) => [],
            (null, > 1) => null,
            var (own, _) => [.. Pieces(own ?? profiles[0])],
        };
    }

    static IEnumerable<FoundContext> Pieces(XElement profile)
    {
        var named = Members(profile).ToLookup(member => ContextInformation.IsName(Prefix + member.Key));
        foreach (var (name, value) in named[true])
        {
            yield return new(Prefix + name, Text(value), null);
        }

        if (named[false].Any())
        {
            yield return new(Others, new JsonObject(named[false]).ToJsonString(Json), null);
        }
    }

    static IEnumerable<KeyValuePair<string, JsonNode?>> Members(XElement element) =>
        element.Attributes().Where(attribute => !attribute.IsNamespaceDeclaration).Select(attribute => KeyValuePair.Create($"@{NameOf(attribute)}", (JsonNode?)attribute.Value))
            .Concat(element.Elements().GroupBy(child => NameOf(child.Name, Namespace), Value, StringComparer.Ordinal)
                .Select(same => KeyValuePair.Create(same.Key, same.Count() == 1 ? same.Single() : new JsonArray([.. same]))));

    static JsonNode? Value(XElement element)
    {
        var text = string.Concat(element.Nodes().OfType<XText>().Select(part => part.Value));
        var members = Members(element).ToList();
        if (members.Count == 0)
        {
            return text;
        }

        var said = new JsonObject(members);
        if (!string.IsNullOrWhiteSpace(text))
        {
            // Text between elements has a place that an object does not keep.
            return element.HasElements ? new JsonObject { ["#xml"] = element.ToString(SaveOptions.DisableFormatting) } : With(said, text);
        }

        return said;

        static JsonObject With(JsonObject said, string text)
        {
            said["#text"] = text;
            return said;
        }
    }

    static string Text(JsonNode? value) => value?.ToJsonString(Json) ?? "null";

    static string NameOf(XAttribute attribute) => attribute.Name.Namespace == XNamespace.Xml ? $"xml:{attribute.Name.LocalName}" : NameOf(attribute.Name, "");

    static string NameOf(XName name, string own) => string.Equals(name.NamespaceName, own, StringComparison.Ordinal) ? name.LocalName : $"{{{name.NamespaceName}}}{name.LocalName}";

    static XName Of(string name) => XName.Get(name, Namespace);

    /// <summary>Before anything is built of it.</summary>
    static bool IsModest(byte[] xml)
    {
        using var reader = Open(xml);
        var parts = 0;
        while (reader.Read())
        {
            if (reader.NodeType == XmlNodeType.Element && (reader.Depth >= MaxDepth || (parts += 1 + reader.AttributeCount) > MaxParts || DeclaresLongNamespace(reader)))
            {
                return false;
            }
        }

        return true;
    }

    static bool DeclaresLongNamespace(XmlReader reader)
    {
        while (reader.MoveToNextAttribute())
        {
            if (string.Equals(reader.NamespaceURI, XNamespace.Xmlns.NamespaceName, StringComparison.Ordinal) && reader.Value.Length > MaxNamespaceLength)
            {
                return true;
            }
        }

        return false;
    }

    static XElement Load(byte[] xml)
    {
        using var reader = Open(xml);
        return XElement.Load(reader, LoadOptions.PreserveWhitespace);
    }

    static XmlReader Open(byte[] xml) => XmlReader.Create(
        new MemoryStream(xml, writable: false),
        new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true, IgnoreProcessingInstructions = true, CloseInput = true });
}
