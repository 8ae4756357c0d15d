using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Rcc.Contracts;
using Rcc.Contracts.Sync;

namespace Rcc.Client.Access;

/// <summary>An agent's sign-in.</summary>
/// <param name="Account">The tenant's name in addresses.</param>
/// <param name="Email">Who.</param>
/// <param name="Password">The secret.</param>
/// <param name="DeviceName">What the person calls the device: 1 … 100 characters.</param>
/// <param name="Code">A code of the second factor, or a recovery code: the server asks for it with <see cref="ErrorCode.SecondFactorRequired"/>.</param>
public sealed record AgentSignIn(string Account, string Email, string Password, string DeviceName, string? Code = null);

/// <summary>What an authenticator needs. Shown once.</summary>
/// <param name="Secret">For people who type it: base 32.</param>
/// <param name="Uri">For a picture: <c>otpauth:</c>.</param>
public sealed record SecondFactorEnrolment(string Secret, string Uri);

/// <summary>An enrolment, or why there is none.</summary>
public sealed record EnrolmentAnswer(Outcome Outcome, SecondFactorEnrolment? Enrolment);

/// <summary>A customer's way in by an inbox. Without an identifier the customer is anonymous.</summary>
/// <param name="Identifier">Who the tenant's site says the customer is.</param>
/// <param name="IdentifierHash">The site's proof of that, by the inbox's secret.</param>
/// <param name="Name">For agents to see.</param>
/// <param name="Email">For agents to see.</param>
/// <param name="DeviceName">What the device is called.</param>
public sealed record ContactSignIn(string? Identifier = null, string? IdentifierHash = null, string? Name = null, string? Email = null, string? DeviceName = null);

/// <summary>A signed-in device.</summary>
public sealed record SignedInDevice
{
    /// <summary>The credential: opaque, secret.</summary>
    public required string AccessToken { get; init; }

    public required Guid AccountId { get; init; }

    public required Guid PersonId { get; init; }

    public required Guid DeviceId { get; init; }

    /// <summary>Absent for customers.</summary>
    [JsonConverter(typeof(RoleConverter))]
    public Role? Role { get; init; }

    /// <summary>Absent for customers.</summary>
    public string? Name { get; init; }

    /// <summary>When a second factor was confirmed with the sign-in: codes that let the agent in, each once, when its authenticator is lost.</summary>
    public IReadOnlyList<string>? RecoveryCodes { get; init; }
}

/// <summary>A sign-in by an OpenID provider that was begun.</summary>
/// <param name="Url">Where to send the person's browser.</param>
/// <param name="Verifier">A secret of this device, to be kept until the browser is back: without it the code is good for nothing (RFC 7636).</param>
public sealed record OidcStart(Uri Url, string Verifier);

/// <summary>A device, or why there is none.</summary>
public sealed record SignInAnswer(Outcome Outcome, SignedInDevice? Device);

/// <summary>Signs devices in and out over HTTP. Expected refusals are outcomes; a server that cannot be reached is an <see cref="HttpRequestException"/>.</summary>
/// <param name="http">Its base address is the server's.</param>
public sealed class SignIn(HttpClient http)
{
    public Task<SignInAnswer> AgentAsync(AgentSignIn agent, CancellationToken cancellationToken = default) =>
        PostAsync("api/v1/auth/sign_in", agent, SignInJson.Default.AgentSignIn, cancellationToken);

    /// <summary>For who is refused with <see cref="ErrorCode.SecondFactorEnrolmentRequired"/>: a secret for an authenticator.</summary>
    public async Task<EnrolmentAnswer> EnrolAsync(AgentSignIn agent, CancellationToken cancellationToken = default)
    {
        using var response = await http.PostAsJsonAsync("api/v1/auth/second_factor", agent, SignInJson.Default.AgentSignIn, cancellationToken).ConfigureAwait(false);
        return response.IsSuccessStatusCode
            ? new EnrolmentAnswer(Outcome.Done, await response.Content.ReadFromJsonAsync(SignInJson.Default.SecondFactorEnrolment, cancellationToken).ConfigureAwait(false))
            : new EnrolmentAnswer(await RefusalAsync(response, cancellationToken).ConfigureAwait(false), Enrolment: null);
    }

    /// <summary>Confirms the enrolment with the authenticator's first code, and signs in with it.</summary>
    public Task<SignInAnswer> ConfirmAsync(AgentSignIn agent, CancellationToken cancellationToken = default) =>
        PostAsync("api/v1/auth/second_factor/confirm", agent, SignInJson.Default.AgentSignIn, cancellationToken);

    /// <summary>
    /// Begins a sign-in by the account's own OpenID provider. The person's browser is to be sent to <see cref="OidcStart.Url"/>; it comes back to the return URL, which must be one of the account's, with a code or an
    /// error in the fragment, and <see cref="FinishOidcAsync"/> takes it from there.
    /// </summary>
    /// <param name="account">The tenant's name in addresses.</param>
    /// <param name="returnUrl">Where the browser comes back to; of a program on the person's own machine: <c>http://127.0.0.1:{any port}/…</c> (RFC 8252 §7.3).</param>
    /// <param name="invitation">The token of the person's invitation, if it comes by one.</param>
    public OidcStart BeginOidc(string account, Uri returnUrl, string? invitation = null)
    {
        ArgumentNullException.ThrowIfNull(returnUrl);
        var verifier = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        var path = $"api/v1/auth/oidc/start?account={Uri.EscapeDataString(account)}&return_url={Uri.EscapeDataString(returnUrl.OriginalString)}&code_challenge={challenge}"
            + (invitation is null ? "" : $"&invitation={Uri.EscapeDataString(invitation)}");
        return new(new(http.BaseAddress ?? throw new InvalidOperationException("The client has no base address: the server's."), path), verifier);
    }

    /// <summary>Signs in with what the browser came back with: <paramref name="returned"/> is the whole URL. <see cref="ErrorCode.Unauthenticated"/> when the provider did not let the person in, <see cref="ErrorCode.NotFound"/> when the code is of another sign-in, used up or expired.</summary>
    public Task<SignInAnswer> FinishOidcAsync(OidcStart start, Uri returned, string deviceName, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(returned);
        var said = returned.Fragment.TrimStart('#').Split('&').Select(pair => pair.Split('=', 2)).Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[1]), StringComparer.Ordinal);
        return said.TryGetValue("code", out var code)
            ? PostAsync("api/v1/auth/oidc/token", new OidcRedemption(code, start.Verifier, deviceName), SignInJson.Default.OidcRedemption, cancellationToken)
            : Task.FromResult(new SignInAnswer(Outcome.Refused(ErrorCode.Unauthenticated, said.GetValueOrDefault("error") ?? "The browser came back without a code."), Device: null));
    }

    public Task<SignInAnswer> ContactAsync(string inboxIdentifier, ContactSignIn contact, CancellationToken cancellationToken = default) =>
        PostAsync($"public/api/v1/inboxes/{Uri.EscapeDataString(inboxIdentifier)}/contacts", contact, SignInJson.Default.ContactSignIn, cancellationToken);

    /// <summary>Makes the credential worthless.</summary>
    public async Task<Outcome> SignOutAsync(string accessToken, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/auth/sign_out");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        using var response = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        return response.IsSuccessStatusCode ? Outcome.Done : await RefusalAsync(response, cancellationToken).ConfigureAwait(false);
    }

    async Task<SignInAnswer> PostAsync<T>(string path, T body, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var response = await http.PostAsJsonAsync(path, body, type, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
            return new SignInAnswer(await RefusalAsync(response, cancellationToken).ConfigureAwait(false), Device: null);
        var device = await response.Content.ReadFromJsonAsync(SignInJson.Default.SignedInDevice, cancellationToken).ConfigureAwait(false);
        return new SignInAnswer(Outcome.Done, device);
    }

    /// <summary>The server's code; a proxy in between knows only HTTP's.</summary>
    static async Task<Outcome> RefusalAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true)
        {
            try
            {
                if (await response.Content.ReadFromJsonAsync(SignInJson.Default.Refusal, cancellationToken).ConfigureAwait(false) is { Code: { } code } refusal)
                    return Refused(code, refusal.Detail);
            }
            catch (JsonException)
            {
                // Not a body of the contract: the status says enough.
            }
        }
        return Refused(response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => ErrorCode.Unauthenticated,
            HttpStatusCode.NotFound => ErrorCode.NotFound,
            HttpStatusCode.RequestEntityTooLarge => ErrorCode.TooLarge,
            HttpStatusCode.TooManyRequests => ErrorCode.RateLimited,
            HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity => ErrorCode.Malformed,
            >= HttpStatusCode.InternalServerError => ErrorCode.Unavailable,
            _ => ErrorCode.Forbidden,
        }, $"HTTP {(int)response.StatusCode}");

        Outcome Refused(ErrorCode code, string? detail) =>
            Outcome.Refused(code, detail) with { RetryAfterSeconds = response.Headers.RetryAfter?.Delta is { TotalSeconds: >= 1 } after ? (int)Math.Min(int.MaxValue, after.TotalSeconds) : null };
    }
}

/// <summary>Roles by the REST API's words for them: in snake case, where the hub's are in camel case.</summary>
sealed class RoleConverter : JsonConverter<Role?>
{
    public override Role? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Enum.TryParse<Role>(reader.GetString()?.Replace("_", "", StringComparison.Ordinal), ignoreCase: true, out var role) ? role : throw new JsonException("The server's answer has an unknown role.");

    public override void Write(Utf8JsonWriter writer, Role? value, JsonSerializerOptions options) => writer.WriteStringValue(JsonNamingPolicy.SnakeCaseLower.ConvertName($"{value}"));
}

sealed record OidcRedemption(string Code, string CodeVerifier, string DeviceName);

sealed record Refusal(ErrorCode? Code, string? Detail);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AgentSignIn))]
[JsonSerializable(typeof(ContactSignIn))]
[JsonSerializable(typeof(SignedInDevice))]
[JsonSerializable(typeof(SecondFactorEnrolment))]
[JsonSerializable(typeof(OidcRedemption))]
[JsonSerializable(typeof(Refusal))]
sealed partial class SignInJson : JsonSerializerContext;
