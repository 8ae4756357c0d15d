using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Rcc.Client.Access;

namespace Rcc.Replay.Accounts;

/// <summary>
/// The server's HTTP side, as anybody has it. What may pass (too many requests, a server that is being started again) is tried again, with pauses, for a while; any other refusal is an error that says what was asked and answered.
/// </summary>
sealed class FrontDoor : IDisposable
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    readonly HttpClient http;
    readonly SignIn signIn;
    readonly TimeSpan patience;

    public FrontDoor(Uri server, TimeSpan patience)
    {
        Server = server.AbsoluteUri.EndsWith('/') ? server : new Uri(server.AbsoluteUri + "/");
        http = new HttpClient { BaseAddress = Server, Timeout = TimeSpan.FromSeconds(30) };
        signIn = new SignIn(http);
        this.patience = patience;
    }

    public Uri Server { get; }

    public Task BecomeOperatorAsync(Uri setUpLink, OperatorLogin login, CancellationToken cancellationToken)
    {
        var code = setUpLink.Query["?code=".Length..];
        return AskAsync(
            "becoming the operator",
            () => new HttpRequestMessage(HttpMethod.Post, "setup")
            {
                Content = new FormUrlEncodedContent(new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["code"] = Uri.UnescapeDataString(code), ["name"] = login.Name, ["password"] = login.Password,
                }),
            },
            static (_, _) => Task.FromResult(true),
            cancellationToken);
    }

    /// <summary>Posts JSON and reads the answer's.</summary>
    /// <param name="key">Makes a repetition of the request harmless, where the server keeps such keys.</param>
    public Task<T> PostAsync<T>(string path, object body, string? token, CancellationToken cancellationToken, string? key = null) =>
        AskAsync(
            $"POST {path}",
            () =>
            {
                var request = Request(HttpMethod.Post, path, body, token);
                if (key is not null)
                    request.Headers.Add("Idempotency-Key", key);
                return request;
            },
            static async (response, cancellation) => await response.Content.ReadFromJsonAsync<T>(Json, cancellation) ?? throw new FrontDoorException("The server answered null."),
            cancellationToken);

    /// <summary>Gets JSON.</summary>
    public Task<T> GetAsync<T>(string path, string token, CancellationToken cancellationToken) => AskAsync(
        $"GET {path}",
        () => Request(HttpMethod.Get, path, null, token),
        static async (response, cancellation) => await response.Content.ReadFromJsonAsync<T>(Json, cancellation) ?? throw new FrontDoorException("The server answered null."),
        cancellationToken);

    /// <summary>Asks for something that has no answer but done.</summary>
    public Task SendAsync(HttpMethod method, string path, object? body, string token, CancellationToken cancellationToken) =>
        AskAsync($"{method} {path}", () => Request(method, path, body, token), static (_, _) => Task.FromResult(true), cancellationToken);

    public Task<SignedInDevice> SignInAsync(AgentSignIn agent, CancellationToken cancellationToken) =>
        SignInAsync($"sign-in of {agent.Email}", cancellation => signIn.AgentAsync(agent, cancellation), cancellationToken);

    public Task<SignedInDevice> SignInAsync(string inbox, ContactSignIn contact, CancellationToken cancellationToken) =>
        SignInAsync($"sign-in of customer {contact.Identifier}", cancellation => signIn.ContactAsync(inbox, contact, cancellation), cancellationToken);

    public void Dispose() => http.Dispose();

    static HttpRequestMessage Request(HttpMethod method, string path, object? body, string? token)
    {
        var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body, options: Json) };
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return request;
    }

    static bool MayPass(ErrorCode code) => code is ErrorCode.Busy or ErrorCode.RateLimited or ErrorCode.Unavailable;

    Task<SignedInDevice> SignInAsync(string what, Func<CancellationToken, Task<SignInAnswer>> ask, CancellationToken cancellationToken) => RetryAsync<SignedInDevice>(
        what,
        async () =>
        {
            var answer = await ask(cancellationToken);
            if (answer.Device is { } device)
                return (device, null);
            var refusal = $"{answer.Outcome.Code}: {answer.Outcome.Detail}";
            return MayPass(answer.Outcome.Code) ? (null, refusal) : throw new FrontDoorException($"The {what} was refused: {refusal}");
        },
        cancellationToken);

    Task<T> AskAsync<T>(string what, Func<HttpRequestMessage> make, Func<HttpResponseMessage, CancellationToken, Task<T>> read, CancellationToken cancellationToken) => RetryAsync<T>(
        what,
        async () =>
        {
            using var request = make();
            using var response = await http.SendAsync(request, cancellationToken);
            if (response.IsSuccessStatusCode)
                return (await read(response, cancellationToken), null);
            var refusal = $"HTTP {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}";
            return response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable
                ? (default, refusal)
                : throw new FrontDoorException($"{what} was refused. {refusal}");
        },
        cancellationToken);

    async Task<T> RetryAsync<T>(string what, Func<Task<(T? Answer, string? MayPass)>> attempt, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            string? last;
            try
            {
                (var answer, last) = await attempt();
                if (last is null)
                    return answer!;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
            {
                last = e.Message;
            }
            try
            {
                await Task.Delay(pause, limit.Token);
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                throw new FrontDoorException($"{what} did not succeed within {patience}; at last: {last}", e);
            }
        }
    }
}

/// <summary>The platform operator's name and password.</summary>
sealed record OperatorLogin(string Name, string Password);

/// <summary>The server refused what the replay needs; the message says what.</summary>
sealed class FrontDoorException : Exception
{
    public FrontDoorException()
    {
    }

    public FrontDoorException(string message)
        : base(message)
    {
    }

    public FrontDoorException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
