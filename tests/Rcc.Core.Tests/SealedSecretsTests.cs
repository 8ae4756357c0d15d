using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace Rcc.Core.Tests;

public class SealedSecretsTests
{
    static readonly (string Old, string New) Keys = (SealedSecrets.MakeKey(), SealedSecrets.MakeKey());

    readonly SealedSecrets secrets = Of(new() { Key = Keys.Old });

    [Fact]
    public void A_sealed_secret_opens_for_its_purpose_and_for_no_other()
    {
        var box = secrets.Seal("secret"u8, "totp a");
        Assert.Equal("secret"u8.ToArray(), secrets.Open(box, "totp a"));
        Assert.ThrowsAny<CryptographicException>(() => secrets.Open(box, "totp b"));
        Assert.Equal("secret"u8.ToArray(), secrets.TryOpen(box, "totp a"));
        Assert.Null(secrets.TryOpen(box, "totp b"));
        Assert.True(box.AsSpan().IndexOf("secret"u8) < 0);
        Assert.NotEqual(box, secrets.Seal("secret"u8, "totp a"));
    }

    [Fact]
    public void No_bit_of_it_can_be_changed()
    {
        var box = secrets.Seal("secret"u8, "totp a");
        for (var i = 0; i < box.Length; i++)
        {
            box[i] ^= 1;
            Assert.ThrowsAny<CryptographicException>(() => secrets.Open(box, "totp a"));
            box[i] ^= 1;
        }

        Assert.ThrowsAny<CryptographicException>(() => secrets.Open(box.AsSpan(0, 20), "totp a"));
    }

    [Fact]
    public void What_was_sealed_with_a_former_key_is_still_opened_and_an_unknown_key_is_named_as_the_reason()
    {
        var box = secrets.Seal("secret"u8, "totp a");
        Assert.Equal("secret"u8.ToArray(), Of(new() { Key = Keys.New, FormerKeys = Keys.Old }).Open(box, "totp a"));
        Assert.Contains("Rcc:Secrets:Key", Assert.Throws<CryptographicException>(() => Of(new() { Key = Keys.New }).Open(box, "totp a")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("c2hvcnQ=", null)]
    [InlineData("no base64", null)]
    [InlineData(null, "c2hvcnQ=")]
    public void A_key_of_the_wrong_form_is_refused_at_the_start(string? key, string? former)
    {
        var options = new SecretOptions { Key = key, FormerKeys = former };
        Assert.NotEmpty(options.Validate(new ValidationContext(options)));
    }

    static SealedSecrets Of(SecretOptions options) => new(Options.Create(options));
}
