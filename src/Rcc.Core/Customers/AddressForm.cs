using System.Globalization;
using System.Net;
using Rcc.Contracts.Customers;

namespace Rcc.Core.Customers;

/// <summary>The canonical form of addresses: two ways of writing one address must not make two customers (RCC-29). Pure.</summary>
public static class AddressForm
{
    const int MaxLength = 255;
    const int MinTelDigits = 2;
    const int MaxTelDigits = 15;

    /// <summary>Brings an address, with or without its scheme, into canonical form; <paramref name="wrong"/> says what is wrong with one that has none.</summary>
    public static bool TryMake(AddressKind kind, string? value, out string canonical, out string wrong)
    {
        canonical = "";
        var text = WithoutScheme(kind, (value ?? "").Trim());
        if (text.Length is 0 or > MaxLength || text.Any(character => char.IsControl(character)))
        {
            wrong = $"An address has 1 … {MaxLength} characters, none of them control characters.";
            return false;
        }

        (var made, wrong) = kind switch
        {
            AddressKind.Tel => (Tel(text), $"A tel address is a number in E.164: + and {MinTelDigits} … {MaxTelDigits} digits."),
            AddressKind.Mailto => (Mailto(text), "A mailto address is an e-mail address such as ada@example.com."),
            AddressKind.Sip => (Sip(text), "A sip address is user@host, without parameters."),
            AddressKind.Web => (Web(text), "A web address is an http or https URL without a password."),
            _ => (null, "The kind of address is unknown."),
        };
        canonical = made ?? "";
        return made is not null;
    }

    /// <summary>Reads an address with its scheme, such as <c>tel:+15550100</c>; false for anything else.</summary>
    public static bool TryRead(string text, out AddressKind kind, out string canonical)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (var candidate in Enum.GetValues<AddressKind>())
        {
            if (WithoutScheme(candidate, text).Length < text.Length || (candidate == AddressKind.Web && text.Contains("://", StringComparison.Ordinal)))
            {
                kind = candidate;
                return TryMake(kind, text, out canonical, out _);
            }
        }

        (kind, canonical) = (default, "");
        return false;
    }

    static string WithoutScheme(AddressKind kind, string text)
    {
        // A URL is its scheme and all.
        var scheme = kind switch
        {
            AddressKind.Tel => "tel:",
            AddressKind.Mailto => "mailto:",
            AddressKind.Sip => text.StartsWith("sips:", StringComparison.OrdinalIgnoreCase) ? "sips:" : "sip:",
            _ => "",
        };
        return text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) ? text[scheme.Length..] : text;
    }

    /// <summary>Separators for people (RFC 3966 §5.1.1) say nothing. A national number names nobody outside its country, so there is no guessing.</summary>
    static string? Tel(string text)
    {
        if (text[0] != '+')
        {
            return null;
        }

        var digits = string.Concat(text.Skip(1).Where(character => character is not (' ' or '-' or '.' or '(' or ')' or '\u00a0')));
        return digits.Length is >= MinTelDigits and <= MaxTelDigits && digits.All(char.IsAsciiDigit) && digits[0] != '0' ? $"+{digits}" : null;
    }

    /// <summary>RFC 5321 lets a host tell letters of the local part apart by case; none does, and people do not.</summary>
    static string? Mailto(string text)
    {
        var at = text.LastIndexOf('@');
        return at is >= 1 and <= 64 && text.IndexOf('@', StringComparison.Ordinal) == at && !text.Any(character => char.IsWhiteSpace(character) || character is '<' or '>' or '"' or ',' or ';' or '?')
            && Host(text[(at + 1)..]) is { } host
            ? $"{text[..at].ToLowerInvariant()}@{host}"
            : null;
    }

    /// <summary>The user part keeps its case (RFC 3261 §19.1.4).</summary>
    static string? Sip(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        return at >= 1 && !text.Any(character => char.IsWhiteSpace(character) || character is ';' or '?' or '<' or '>' or '"' or ',') && text.LastIndexOf('@') == at && !text[..at].Contains(':', StringComparison.Ordinal)
            && Host(text[(at + 1)..]) is { } host
            ? $"{text[..at]}@{host}"
            : null;
    }

    static string? Web(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0 && uri.Host.Length > 0 && uri.AbsoluteUri.Length <= MaxLength
            ? uri.AbsoluteUri
            : null;

    static string? Host(string text)
    {
        var name = text.ToLowerInvariant();
        var colon = name.LastIndexOf(':');
        if (colon > 0 && !name.EndsWith(']'))
        {
            if (!ushort.TryParse(name.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
            {
                return null;
            }

            return Host(name[..colon]) is { } host ? string.Create(CultureInfo.InvariantCulture, $"{host}:{port}") : null;
        }

        return name is ['[', .. var inside, ']']
            ? IPAddress.TryParse(inside, out _) ? name : null
            : Uri.CheckHostName(name) is UriHostNameType.Dns or UriHostNameType.IPv4 && name[^1] != '.' ? name : null;
    }
}
