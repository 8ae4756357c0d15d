using System.Net;
using System.Text.RegularExpressions;

namespace Rcc.Server.Tests.Oidc;

/// <summary>What a browser does of a sign-in: follows redirects, keeps cookies, fills in the provider's forms.</summary>
internal sealed partial class BrowserOfPerson : IDisposable
{
    const int MaxSteps = 20;

    readonly HttpClient http = new(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = true, CookieContainer = new() });

    /// <summary>Goes on until it is sent to the return URL, and gives all of that; or until a page that is no form, and gives its status and body.</summary>
    public async Task<(Uri? Returned, HttpStatusCode Status, string Body)> GoAsync(Uri start, string returnUrl, string login)
    {
        var (url, form) = (start, (FormUrlEncodedContent?)null);
        for (var step = 0; step < MaxSteps; step++)
        {
            using var request = new HttpRequestMessage(form is null ? HttpMethod.Get : HttpMethod.Post, url) { Content = form };
            using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
            var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            form = null;
            if (response.Headers.Location is { } location)
            {
                url = new Uri(url, location);
                if (url.GetLeftPart(UriPartial.Path) == returnUrl) return (url, response.StatusCode, body);
            }
            else if (response.StatusCode == HttpStatusCode.OK && Action().Match(body) is { Success: true } action)
            {
                url = new Uri(url, WebUtility.HtmlDecode(action.Groups[1].Value));
                form = body.Contains("name=\"login\"", StringComparison.Ordinal)
                    ? new(new Dictionary<string, string>(StringComparer.Ordinal) { ["prompt"] = "login", ["login"] = login, ["password"] = "any" })
                    : new(new Dictionary<string, string>(StringComparer.Ordinal) { ["prompt"] = "consent" });
            }
            else
            {
                return (null, response.StatusCode, body);
            }
        }

        throw new InvalidOperationException($"{MaxSteps} steps did not end at the return URL; the last was at {url}.");
    }

    public void Dispose() => http.Dispose();

    [GeneratedRegex("<form[^>]*action=\"([^\"]+)\"", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Action();
}
