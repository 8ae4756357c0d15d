using System.Text.Json;
using System.Text.Json.Nodes;
using Rcc.Server.Access.Oidc;

namespace Rcc.Server.Tests.Oidc;

/// <summary>The check of ID tokens by itself.</summary>
public sealed class IdTokenTests : IDisposable
{
    const string Issuer = "https://login.example";

    readonly TokenForge forge = new();

    public static TheoryData<string> Forgeries => [.. TokenForge.Forgeries.Keys];

    static JsonObject Claims => TokenForge.Claims(Issuer, "nonce", "ida@acme.example");

    [Fact]
    public void A_right_token_names_the_person()
    {
        foreach (var token in new[] { forge.Sign(Claims), forge.SignEs256(Claims), forge.Sign(TokenForge.With(TokenForge.With(Claims, "aud", new JsonArray(TokenForge.ClientId, "another")), "azp", TokenForge.ClientId)) })
            Assert.Equal((new("person", "ida@acme.example", "Person"), null), Check(token));
    }

    [Theory]
    [MemberData(nameof(Forgeries))]
    public void A_forged_token_names_nobody(string how)
    {
        var (claims, why) = Check(TokenForge.Forgeries[how](forge, Claims));
        Assert.Null(claims);
        Assert.NotNull(why);
    }

    [Fact]
    public void Only_a_verified_address_counts()
    {
        Assert.Null(Check(forge.Sign(TokenForge.With(Claims, "email_verified", false))).Claims!.VerifiedEmail);
        Assert.Null(Check(forge.Sign(TokenForge.With(Claims, "email_verified", null))).Claims!.VerifiedEmail);
        Assert.Null(Check(forge.Sign(TokenForge.With(Claims, "email_verified", "yes"))).Claims!.VerifiedEmail);
        Assert.NotNull(Check(forge.Sign(TokenForge.With(Claims, "email_verified", "true"))).Claims!.VerifiedEmail);
    }

    [Fact]
    public void No_garbage_breaks_the_check()
    {
        var random = new Random(7);
        var token = forge.Sign(Claims);
        for (var i = 0; i < 2_000; i++)
        {
            var characters = token.ToCharArray();
            for (var changes = random.Next(1, 4); changes > 0; changes--) characters[random.Next(characters.Length)] = (char)random.Next(32, 127);
            var spoiled = new string(characters);
            if (spoiled != token) Assert.Null(Check(spoiled).Claims is { } claims && !IsSameBytes(spoiled, token) ? claims : null);
        }
    }

    public void Dispose() => forge.Dispose();

    /// <summary>The last character of a base64url part has bits that mean nothing, and white space is skipped.</summary>
    static bool IsSameBytes(string one, string other) => string.Equals(one[..one.LastIndexOf('.')], other[..other.LastIndexOf('.')], StringComparison.Ordinal)
        && System.Buffers.Text.Base64Url.DecodeFromChars(one.Split('.')[2]).AsSpan().SequenceEqual(System.Buffers.Text.Base64Url.DecodeFromChars(other.Split('.')[2]));

    (IdTokenClaims? Claims, string? Why) Check(string token) =>
        IdToken.Check(token, JsonWebKeys.Parse(JsonDocument.Parse(forge.Keys).RootElement), new(Issuer, TokenForge.ClientId, "nonce", TokenForge.Now));
}
