using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Rcc.Bench.Load;

namespace Rcc.Bench.Targets;

/// <summary>One account of the product with everybody signed in, made through its front door.</summary>
sealed class ProductAccount : IDisposable
{
    const string Password = "correct horse battery staple";
    const int AtOnce = 8;

    static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    HttpClient api;
    readonly Guid accountId;
    readonly string accountSlug;
    readonly Session operatorSession;
    readonly Session masterSession;
    readonly Inbox webInbox;

    ProductAccount(HttpClient http, string slug, Session @operator, Guid account, Session master, Inbox inbox) =>
        (api, accountSlug, operatorSession, accountId, masterSession, webInbox) = (http, slug, @operator, account, master, inbox);

    public Guid Id => accountId;

    /// <summary>Where the product listens.</summary>
    public Uri Address => api.BaseAddress!;

    /// <summary>Becomes the platform operator by the one-time link, onboards an account, makes an inbox.</summary>
    public static async Task<ProductAccount> OnboardAsync(Uri setUpLink, CancellationToken cancellationToken)
    {
        var http = new HttpClient { BaseAddress = new Uri(setUpLink, "/"), Timeout = Fleet.Patience };
        try
        {
            using var form = new FormUrlEncodedContent([new("code", setUpLink.Query["?code=".Length..]), new("name", "operator"), new("password", Password)]);
            using var answer = await http.PostAsync(new Uri("/setup", UriKind.Relative), form, cancellationToken);
            answer.EnsureSuccessStatusCode();
            var platform = await CallAsync<Session>(http, HttpMethod.Post, "/platform/api/v1/auth/sign_in", null, new { Name = "operator", Password }, cancellationToken);
            return await MakeAsync(http, platform, "bench", cancellationToken);
        }
        catch
        {
            http.Dispose();
            throw;
        }
    }

    /// <summary>Another account of the same product. Dispose both.</summary>
    public Task<ProductAccount> OnboardAnotherAsync(string slug, CancellationToken cancellationToken) =>
        MakeAsync(new HttpClient { BaseAddress = api.BaseAddress, Timeout = Fleet.Patience }, operatorSession, slug, cancellationToken);

    /// <summary>Agents sign in on their devices, customers come in, each opens a conversation, which is given to its agent.</summary>
    public async Task<Site> AddAsync(Cast cast, string path, CancellationToken cancellationToken)
    {
        var agents = new Session[cast.Agents][];
        await ForEachAsync(cast.Agents, async (agent, token) =>
        {
            agents[agent] = await HireAsync(agent, cast.Devices, token);
        }, cancellationToken);
        var customers = new Session[cast.Customers];
        var conversations = new SiteConversation[cast.Customers];
        await ForEachAsync(cast.Customers, async (customer, token) =>
        {
            customers[customer] = await BeginSessionAsync(customer, token);
            var conversation = await OpenAsync(customers[customer], token);
            await AssignAsync(conversation, agents[customer % cast.Agents][0].PersonId, token);
            conversations[customer] = cast.ConversationOf(customer, conversation);
        }, cancellationToken);
        return new Site(
            api.BaseAddress!.Port,
            path,
            Dialect.Product,
            [.. customers.Concat(agents.SelectMany(devices => devices)).Select(session => new SiteDevice(session.PersonId, session.AccessToken))],
            conversations);
    }

    /// <summary>An agent signs in on its devices.</summary>
    public async Task<Session[]> HireAsync(int agent, int devices, CancellationToken cancellationToken)
    {
        var email = string.Create(CultureInfo.InvariantCulture, $"agent{agent}@bench.example");
        await CallAsync<Made>(HttpMethod.Post, "agents", new { Name = $"Agent {agent}", Email = email, Password }, cancellationToken);
        var sessions = new Session[devices];
        for (var device = 0; device < devices; device++)
        {
            sessions[device] = await SignInAsync(api, accountSlug, email, cancellationToken);
        }

        return sessions;
    }

    /// <summary>An agent takes conversations.</summary>
    public async Task BeOnlineAsync(Session agent, CancellationToken cancellationToken) =>
        await CallAsync<Made?>(api, HttpMethod.Put, $"/api/v1/accounts/{accountId}/profile/availability", agent.AccessToken, new { Availability = "online" }, cancellationToken);

    /// <summary>From now on the queue every account has offers what waits, the longest idle agent first.</summary>
    public async Task OfferAsync(int seconds, CancellationToken cancellationToken) =>
        await CallAsync<Made?>(HttpMethod.Put, $"queues/{accountId}", new { Name = "Default", OfferSeconds = seconds, Policy = "longest_idle" }, cancellationToken);

    /// <summary>Resolves a conversation.</summary>
    public async Task ResolveAsync(Guid conversation, CancellationToken cancellationToken) =>
        await CallAsync<Made?>(HttpMethod.Post, $"conversations/{conversation}/toggle_status", new { Status = "resolved" }, cancellationToken);

    /// <summary>The product was started again and listens elsewhere.</summary>
    public void MoveTo(int port)
    {
        api.Dispose();
        api = new HttpClient { BaseAddress = new UriBuilder("http", "127.0.0.1", port).Uri, Timeout = Fleet.Patience };
    }

    /// <summary>A customer's session.</summary>
    public Task<Session> BeginSessionAsync(int customer, CancellationToken cancellationToken) =>
        CallAsync<Session>(
            api,
            HttpMethod.Post,
            $"/public/api/v1/inboxes/{webInbox.Identifier}/contacts",
            null,
            new { Name = string.Create(CultureInfo.InvariantCulture, $"Customer {customer}"), DeviceName = "Web" },
            cancellationToken);

    /// <summary>A customer opens a conversation.</summary>
    public async Task<Guid> OpenAsync(Session customer, CancellationToken cancellationToken) =>
        (await CallAsync<Made>(api, HttpMethod.Post, $"/api/v1/accounts/{accountId}/conversations", customer.AccessToken, new { }, cancellationToken)).Id;

    public void Dispose() => api.Dispose();

    /// <summary>Does it for 0 … count − 1, some at once.</summary>
    public static Task ForEachAsync(int count, Func<int, CancellationToken, Task> act, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (index, token) => await act(index, token));

    static async Task<ProductAccount> MakeAsync(HttpClient http, Session @operator, string slug, CancellationToken cancellationToken)
    {
        const string Master = "master@bench.example";
        var account = await CallAsync<Made>(
            http,
            HttpMethod.Post,
            "/platform/api/v1/accounts",
            @operator.AccessToken,
            new { Name = "Bench", Slug = slug, MasterAgent = new { Name = "Master", Email = Master, Password } },
            cancellationToken);
        var master = await SignInAsync(http, slug, Master, cancellationToken);
        var inbox = await CallAsync<Inbox>(http, HttpMethod.Post, $"/api/v1/accounts/{account.Id}/inboxes", master.AccessToken, new { Name = "Web" }, cancellationToken);
        return new ProductAccount(http, slug, @operator, account.Id, master, inbox);
    }

    static Task<Session> SignInAsync(HttpClient http, string slug, string email, CancellationToken cancellationToken) =>
        CallAsync<Session>(http, HttpMethod.Post, "/api/v1/auth/sign_in", null, new { Account = slug, Email = email, Password, DeviceName = "Desk" }, cancellationToken);

    async Task AssignAsync(Guid conversation, Guid agent, CancellationToken cancellationToken) =>
        await CallAsync<Made?>(HttpMethod.Post, $"conversations/{conversation}/assignments", new { AssigneeId = agent }, cancellationToken);

    Task<T> CallAsync<T>(HttpMethod method, string path, object body, CancellationToken cancellationToken) =>
        CallAsync<T>(api, method, $"/api/v1/accounts/{accountId}/{path}", masterSession.AccessToken, body, cancellationToken);

    static async Task<T> CallAsync<T>(HttpClient http, HttpMethod method, string path, string? credential, object body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = JsonContent.Create(body, body.GetType(), options: Json) };
        request.Headers.Authorization = credential is null ? null : new AuthenticationHeaderValue("Bearer", credential);
        using var answer = await http.SendAsync(request, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        if (!answer.IsSuccessStatusCode)
        {
            throw new IOException(string.Create(CultureInfo.InvariantCulture, $"{method} {path} was answered {(int)answer.StatusCode}: {text}"));
        }

        return text.Length == 0 ? default! : JsonSerializer.Deserialize<T>(text, Json)!;
    }

    /// <summary>A signed-in device.</summary>
    internal sealed record Session(string AccessToken, Guid PersonId, Guid DeviceId);

    sealed record Made(Guid Id);

    sealed record Inbox(Guid Id, string Identifier);
}
