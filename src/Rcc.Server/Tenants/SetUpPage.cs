using System.Net.Mime;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Rcc.Core.Access;
using Rcc.Server.Access;

namespace Rcc.Server.Tenants;

/// <summary>The page behind the one-time link: name and password, and whoever has the link is the platform operator.</summary>
internal static class SetUpPage
{
    public const string Path = "/setup";

    public static void MapSetUp(this IEndpointRouteBuilder app)
    {
        var setUp = app.MapGroup(Path).AllowAnonymous().ExcludeFromDescription();
        setUp.MapGet("", Show);

        // The code, which no other page can know, is what proves that the form is ours.
        setUp.MapPost("", BecomeOperatorAsync).DisableAntiforgery();
    }

    static IResult Show(string? code, SetUp setUp, HttpContext http, IOptions<SignInOptions> options) =>
        setUp.Fits(code) ? Page(http, StatusCodes.Status200OK, Form(code!, options.Value, null)) : Page(http, StatusCodes.Status404NotFound, Gone);

    static async Task<IResult> BecomeOperatorAsync(
        [FromForm] string? code,
        [FromForm] string? name,
        [FromForm] string? password,
        SetUp setUp,
        HttpContext http,
        PlatformDoor door,
        OperatorDoor operators,
        Passwords passwords,
        SignInLimits limits,
        IOptions<SignInOptions> options,
        CancellationToken cancellationToken)
    {
        if (limits.RefuseAttempt(http.Connection.RemoteIpAddress) is not null) return Page(http, StatusCodes.Status429TooManyRequests, "<p>Too many attempts; try again in a minute.</p>");
        if (!setUp.Fits(code)) return Page(http, StatusCodes.Status404NotFound, Gone);

        if (setUp.Recovers) return await RecoverAsync(code!, name ?? "", password ?? "", setUp, http, operators, passwords, options.Value, cancellationToken);
        var refusal = passwords.Refuse(password ?? "")
            ?? await door.AddFirstOperatorAsync(name ?? "", await passwords.HashAsync(password ?? "", cancellationToken), cancellationToken);
        if (!refusal.IsOk && refusal.Code != ErrorCode.Taken)
            return Page(http, Refusals.StatusOf(refusal.Code), Form(code!, options.Value, refusal.Detail ?? Refusals.WireName(refusal.Code)));

        setUp.Close();
        return refusal.IsOk ? Page(http, StatusCodes.Status200OK, Welcome(name)) : Page(http, StatusCodes.Status404NotFound, Gone);
    }

    static async Task<IResult> RecoverAsync(
        string code, string name, string password, SetUp setUp, HttpContext http, OperatorDoor operators, Passwords passwords, SignInOptions options, CancellationToken cancellationToken)
    {
        // Once: somebody else who has read the link over a shoulder comes too late.
        if (!setUp.Take(code)) return Page(http, StatusCodes.Status404NotFound, Gone);
        var outcome = passwords.Refuse(password) ?? await operators.RecoverAsync(name, await passwords.HashAsync(password, cancellationToken), cancellationToken);
        if (outcome.IsOk) return Page(http, StatusCodes.Status200OK, Welcome(name));
        setUp.GiveBack(code);
        return Page(http, Refusals.StatusOf(outcome.Code), Form(code, options, outcome.Detail ?? Refusals.WireName(outcome.Code)));
    }

    static string Welcome(string? name) =>
        $"<p>You are a platform operator, {Encode(name)}. Sign in at <code>POST /platform/api/v1/auth/sign_in</code> and create accounts at <code>POST /platform/api/v1/accounts</code>; <a href=\"/openapi/v1.json\">the API</a> describes both.</p>";

    const string Gone = "<p>This link is not valid any more. Restart the server for a new one; it gives one while there is no operator, and with --recover-operator.</p>";

    static string Form(string code, SignInOptions options, string? error) => $"""
        <p>Choose the name and password of the platform operator, who creates and suspends accounts.</p>
        {(error is null ? "" : $"<p role=\"alert\">{Encode(error)}</p>")}
        <form method="post" action="{Path}">
          <input type="hidden" name="code" value="{Encode(code)}">
          <label>Name <input name="name" required maxlength="100" autocomplete="username" autofocus></label>
          <label>Password <input name="password" type="password" required minlength="{options.MinPasswordLength}" maxlength="{options.MaxPasswordLength}" autocomplete="new-password"></label>
          <button>Become the operator</button>
        </form>
        """;

    static IResult Page(HttpContext http, int status, string body)
    {
        var headers = http.Response.Headers;
        headers.CacheControl = "no-store";

        // The link holds a secret: no page reached from here may learn it.
        headers["Referrer-Policy"] = "no-referrer";
        headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        return Results.Content(
            $$"""
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Set up Rcc</title>
            <style>
              body { font: 1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 4rem auto; padding: 0 1rem }
              label { display: block; margin: 1rem 0 } input { display: block; width: 100%; font: inherit; padding: .4rem; box-sizing: border-box }
              button { font: inherit; padding: .5rem 1rem } [role=alert] { color: #a00 }
            </style>
            <h1>Set up Rcc</h1>
            {{body}}
            </html>
            """,
            MediaTypeNames.Text.Html,
            System.Text.Encoding.UTF8,
            status);
    }

    static string Encode(string? text) => HtmlEncoder.Default.Encode(text ?? "");
}
