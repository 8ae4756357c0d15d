using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Rcc.Server.Tests;

/// <summary>An answer of the REST API.</summary>
internal sealed record ApiAnswer(HttpStatusCode Status, string Body, string? MediaType, IReadOnlyDictionary<string, string> Headers)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    /// <summary>The code of a problem; null when the answer is none.</summary>
    public string? Code => MediaType == "application/problem+json" ? Text("code") : null;

    public string Text(string member) => Json.GetProperty(member).GetString()!;

    public Guid Id(string member = "id") => Json.GetProperty(member).GetGuid();

    public bool IsSuccess => (int)Status is >= 200 and < 300;

    public ApiAnswer Ok()
    {
        Assert.True(IsSuccess, $"{Status}: {Body}");
        return this;
    }

    public ApiAnswer Refused(HttpStatusCode status, string code)
    {
        Assert.True(Status == status, $"expected {status} {code}, got {Status}: {Body}");
        Assert.Equal(code, Code);
        Assert.Equal((int)status, Json.GetProperty("status").GetInt32());
        return this;
    }
}

/// <summary>A body that is no JSON.</summary>
internal sealed record ApiBytes(byte[] Bytes, string MediaType)
{
    public HttpContent ToContent() => new ByteArrayContent(Bytes) { Headers = { ContentType = new(MediaType) } };
}

/// <summary>The REST API with one credential.</summary>
internal sealed class Api(HttpClient http, string? credential)
{
    public string? Credential => credential;

    public async Task<ApiAnswer> GetAsync(string path) => await SendAsync(HttpMethod.Get, path);

    /// <summary>Posts, and must succeed.</summary>
    public async Task<ApiAnswer> PostAsync(string path, object body) => (await SendAsync(HttpMethod.Post, path, body)).Ok();

    public Task<ApiAnswer> SendAsync(HttpMethod method, string path, object? body = null, params (string Name, string Value)[] headers) =>
        SendRawAsync(method, path, body switch { null => null, ApiBytes raw => raw.ToContent(), _ => JsonContent.Create(body, body.GetType()) }, headers);

    public async Task<ApiAnswer> SendRawAsync(HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers) =>
        (await SendForBytesAsync(method, path, content, headers)).Answer;

    /// <summary>Posts, and gives what came as it came.</summary>
    public Task<(ApiAnswer Answer, byte[] Content)> DownloadAsync(string path) => SendForBytesAsync(HttpMethod.Post, path, null, []);

    async Task<(ApiAnswer Answer, byte[] Content)> SendForBytesAsync(HttpMethod method, string path, HttpContent? content, (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (credential is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", credential);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var bytes = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        var answer = new ApiAnswer(
            response.StatusCode,
            System.Text.Encoding.UTF8.GetString(bytes),
            response.Content.Headers.ContentType?.MediaType,
            response.Headers.ToDictionary(h => h.Key, h => string.Join(',', h.Value), StringComparer.OrdinalIgnoreCase));
        return (answer, bytes);
    }
}
