using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Core.Customers;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Access;

/// <summary>The door to where customers' profiles are looked up: for administrators and applications.</summary>
public sealed class ProfileLookupDoor(IGrainFactory grains, ICustomerStore customers, Admission admission, SealedSecrets secrets, IOptions<CustomerOptions> options)
{
    const int MaxUsernameLength = 255;
    const int MaxPasswordLength = 1_000;

    /// <summary>Without a root when nothing is looked up.</summary>
    public Task<Found<ProfileLookupSheet>> FindAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.ReadAsync<ProfileLookupSheet>(caller, Permission.RequireAdministratorOr(caller, Scopes.Settings), async () =>
        {
            var server = await LoadAsync(caller, cancellationToken);
            return new ProfileLookupSheet(server?.Root, server?.Username, server?.OpenPassword(secrets, caller.Tenant) is not null, server?.AssertedIdentity);
        });
    }

    /// <summary>Says whom to ask. Without a password the one before is kept, if server and user are the same.</summary>
    public Task<Outcome> SetAsync(Caller caller, ProfileLookupEdit edit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        ArgumentNullException.ThrowIfNull(edit);
        var identity = "";
        var refusal = Permission.RequireAdministratorOr(caller, Scopes.Settings)
            ?? ContextLookupDoor.CheckUrl(edit.XcapRoot, "xcap_root", options.Value)
            ?? (edit.XcapRoot!.Contains('?', StringComparison.Ordinal) ? Shape.Malformed("xcap_root has no query.") : null)
            ?? Shape.OptionalName(edit.Username, "username", MaxUsernameLength)
            ?? (edit.Username?.All(character => character is > ' ' and < '\u007f' and not ('"' or '\\')) == false ? Shape.Malformed("username has visible ASCII characters, and no quotation marks or backslashes.") : null)
            ?? Shape.OptionalName(edit.Password, "password", MaxPasswordLength)
            ?? (edit.Password is not null && edit.Username is null ? Shape.Malformed("A password is of a username.") : null)
            ?? CheckIdentity(edit.AssertedIdentity, out identity);
        return admission.CommandAsync(caller, Services.ContextLookup, refusal, async () =>
        {
            var server = new ProfileServer { Root = edit.XcapRoot!.TrimEnd('/'), Username = edit.Username, AssertedIdentity = edit.AssertedIdentity is null ? null : identity };
            if (edit.Password is { } password)
            {
                server = server.WithPassword(secrets, caller.Tenant, password);
            }
            else if (await LoadAsync(caller, cancellationToken) is { } before && server.HasPasswordOf(before) && before.OpenPassword(secrets, caller.Tenant) is null)
            {
                return Answer.Refused(ErrorCode.SecretLost, "The password cannot be opened with this server's keys: it must be set again.");
            }

            return await Grain(caller).SetProfileLookupAsync(caller, server, cancellationToken);
        });
    }

    /// <summary>No profiles are looked up any more. What was found stays until it is cleared.</summary>
    public Task<Outcome> RemoveAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return admission.CommandAsync(caller, Permission.RequireAdministratorOr(caller, Scopes.Settings), () => Grain(caller).RemoveProfileLookupAsync(caller, cancellationToken));
    }

    static Outcome? CheckIdentity(string? text, out string identity)
    {
        identity = "";
        if (text is null)
        {
            return null;
        }

        if (!AddressForm.TryRead(text, out var kind, out var value) || UserProfile.XuiOf(kind, value) is not { } xui || !xui.All(char.IsAscii))
        {
            return Shape.Malformed("asserted_identity is a sip or tel URI without parameters.");
        }

        identity = xui;
        return null;
    }

    async Task<ProfileServer?> LoadAsync(Caller caller, CancellationToken cancellationToken) => (await customers.LoadSettingsAsync(caller.Tenant, cancellationToken)).Lookup.Profile;

    IContactSettingsGrain Grain(Caller caller) => grains.GetGrain<IContactSettingsGrain>(caller.Tenant.Key);
}

/// <summary>Where profiles are to be looked up, as it came.</summary>
public sealed record ProfileLookupEdit(string? XcapRoot, string? Username, string? Password, string? AssertedIdentity);

/// <summary>Where profiles are looked up, as who administers it sees it.</summary>
/// <param name="XcapRoot">Null when nothing is looked up.</param>
/// <param name="Username">Whom the server knows us as.</param>
/// <param name="HasPassword">There is a password that can be opened here.</param>
/// <param name="AssertedIdentity">In whose name it is asked.</param>
public sealed record ProfileLookupSheet(string? XcapRoot, string? Username, bool HasPassword, string? AssertedIdentity);
