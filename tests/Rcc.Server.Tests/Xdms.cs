using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Rcc.Server.Tests;

/// <summary>A Shared Profile XDMS: real HTTP on loopback, by RFC 4825 and RFC 9110, as good or as bad as a test makes it.</summary>
internal sealed partial class Xdms : IAsyncDisposable
{
    const string Home = "/services/org.openmobilealliance.user-profile/users/";
    const string Nonce = "7ypf/xlj9XXwfDPEoM4URrv";

    readonly CustomerDatabase http;

    Xdms(CustomerDatabase http)
    {
        this.http = http;
        http.Answer = TakeAsync;
    }

    /// <summary>The XCAP root.</summary>
    public string Root => new Uri(http.Address, "/services").AbsoluteUri;

    public int Port => http.Address.Port;

    /// <summary>Profile documents by their user, as it stands in the path.</summary>
    public ConcurrentDictionary<string, string> Documents { get; } = new(StringComparer.Ordinal);

    /// <summary>Answers in its place.</summary>
    public Func<HttpContext, Task>? Instead { get; set; }

    /// <summary>Who may read, and how it proves that: <c>Basic</c>, or the algorithm of Digest.</summary>
    public (string User, string Password, string How)? Reader { get; set; }

    /// <summary>What was asked for, as it stood on the wire, and what was answered.</summary>
    public ConcurrentQueue<(string Target, int Status, IReadOnlyDictionary<string, string> Headers)> Asked { get; } = [];

    public static async Task<Xdms> StartAsync() => new(await CustomerDatabase.StartAsync());

    /// <summary>A document with one profile.</summary>
    public static string Profile(string uri, string inside) =>
        $"""<?xml version="1.0" encoding="UTF-8"?><up:user-profiles xmlns:up="urn:oma:xml:xdm:user-profile"><up:user-profile uri="{uri}">{inside}</up:user-profile></up:user-profiles>""";

    public void Fail(int status) => Instead = context =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    };

    public ValueTask DisposeAsync() => http.DisposeAsync();

    async Task TakeAsync(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        try
        {
            await (Instead ?? (one => AnswerAsync(one, target)))(context);
        }
        finally
        {
            Asked.Enqueue((target, context.Response.StatusCode, headers));
        }
    }

    async Task AnswerAsync(HttpContext context, string target)
    {
        var document = target.StartsWith(Home, StringComparison.Ordinal) && target.EndsWith("/user-profile", StringComparison.Ordinal)
            ? Documents.GetValueOrDefault(target[Home.Length..^"/user-profile".Length])
            : null;
        var etag = document is null ? "" : $"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(document))[..8])}\"";
        context.Response.StatusCode = context.Request.Method != HttpMethods.Get ? 405
            : Challenge(context, target) is { } challenge ? Refuse(challenge)
            : document is null ? 404
            : context.Request.Headers.IfNoneMatch == etag ? 304
            : 200;
        if (context.Response.StatusCode is 200 or 304)
        {
            context.Response.Headers.ETag = etag;
        }

        if (context.Response.StatusCode == 200)
        {
            context.Response.ContentType = "application/vnd.oma.user-profile+xml; charset=UTF-8";
            await context.Response.WriteAsync(document!);
        }

        int Refuse(string how)
        {
            context.Response.Headers.WWWAuthenticate = how;
            return 401;
        }
    }

    /// <summary>What it asks who does not prove who it is; null for who does.</summary>
    string? Challenge(HttpContext context, string target)
    {
        if (Reader is not { User: var user, Password: var password, How: var how })
        {
            return null;
        }

        var given = context.Request.Headers.Authorization.ToString();
        if (how == "Basic")
        {
            return given == $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))}" ? null : "Basic realm=\"xcap\"";
        }

        var said = Member().Matches(given).ToDictionary(part => part.Groups[1].Value, part => part.Groups[2].Value + part.Groups[3].Value, StringComparer.Ordinal);
        var isProven = given.StartsWith("Digest ", StringComparison.Ordinal) && said["uri"] == target && said["nonce"] == Nonce
            && said["response"] == Hash($"{Hash($"{user}:xcap:{password}")}:{Nonce}:{said["nc"]}:{said["cnonce"]}:auth:{Hash($"GET:{target}")}");
        return isProven ? null : $"Digest realm=\"xcap\", qop=\"auth\", algorithm={how}, nonce=\"{Nonce}\"";

        string Hash(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
#pragma warning disable CA5351 // RFC 7616 has it, and so have the XDMSes there are.
            return Convert.ToHexStringLower(how == "MD5" ? MD5.HashData(bytes) : SHA256.HashData(bytes));
#pragma warning restore CA5351
        }
    }

    [GeneratedRegex("""(\w+)=(?:"([^"]*)"|([^",\s]+))""", RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex Member();
}
