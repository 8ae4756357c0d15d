using System.Net.Http.Headers;
using System.Text.Json;

namespace Rcc.Server.Demo;

/// <summary>The demo refuses to go on: what it found is not what it made.</summary>
internal sealed class DemoException(string message) : Exception(message);

/// <summary>The REST API as anybody outside sees it. The demo has no other way in.</summary>
internal sealed class FrontDoorClient(HttpClient http, string? accessToken = null)
{
    static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public FrontDoorClient As(string token) => new(http, token);

    public Task<T> GetAsync<T>(string path, CancellationToken cancellationToken) => SendAsync<T>(HttpMethod.Get, path, null, null, cancellationToken);

    public Task<T> PostAsync<T>(string path, object body, CancellationToken cancellationToken, string? key = null) => SendAsync<T>(HttpMethod.Post, path, body, key, cancellationToken);

    public async Task PostAsync(string path, object body, CancellationToken cancellationToken) => await SendAsync<JsonElement?>(HttpMethod.Post, path, body, null, cancellationToken);

    public async Task PutAsync(string path, object body, CancellationToken cancellationToken) => await SendAsync<JsonElement?>(HttpMethod.Put, path, body, null, cancellationToken);

    async Task<T> SendAsync<T>(HttpMethod method, string path, object? body, string? key, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        if (accessToken is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        if (body is not null) request.Content = JsonContent.Create(body, body.GetType(), options: Json);
        using var response = await http.SendAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        if (!response.IsSuccessStatusCode) throw new DemoException($"{method} {path} was answered with {(int)response.StatusCode}: {text}");
        return text.Length == 0 ? default! : JsonSerializer.Deserialize<T>(text, Json)!;
    }
}
