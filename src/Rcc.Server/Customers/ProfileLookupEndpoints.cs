using Microsoft.AspNetCore.Http.HttpResults;
using Rcc.Core.Access;
using Rcc.Server.Access;

namespace Rcc.Server.Customers;

/// <summary>
/// Where customers' profiles are looked up: a Shared Profile XDMS (OMA XDM 2.0). It is asked by XCAP (RFC 4825) for the document of the application <c>org.openmobilealliance.user-profile</c> of each of the customer's sip and
/// tel addresses, until there is one. What it says is context information, <c>profile:display-name</c>; an element of another namespace has that in braces before its name, <c>profile:{urn:example}tier</c>.
/// </summary>
internal static class ProfileLookupEndpoints
{
    public static void MapProfileLookup(this IEndpointRouteBuilder account)
    {
        var lookup = account.MapGroup("/profile_lookup").WithTags("context lookup");
        lookup.MapGet("", FindAsync).WithName("getProfileLookup").WithSummary("The XDMS where contacts' profiles are looked up, without its password.");
        lookup.MapPut("", SetAsync).WithName("setProfileLookup")
            .WithSummary("Says in which XDMS contacts' profiles are looked up, by their sip and tel addresses: when a contact's conversation is opened, and when somebody asks. They are context information profile:{element}.");
        lookup.MapDelete("", RemoveAsync).WithName("removeProfileLookup").WithSummary("No profiles are looked up any more; what was found stays.");
    }

    static async Task<Results<Ok<ProfileLookup>, Refusal>> FindAsync(SignedIn caller, ProfileLookupDoor door, CancellationToken cancellationToken) =>
        (await door.FindAsync(caller, cancellationToken)).ToResult(ProfileLookup.Of);

    static async Task<Results<NoContent, Refusal>> SetAsync(SignedIn caller, ProfileLookupDoor door, NewProfileLookup body, CancellationToken cancellationToken) =>
        (await door.SetAsync(caller, new(body.XcapRoot, body.Username, body.Password, body.AssertedIdentity), cancellationToken)).ToNoContent();

    static async Task<Results<NoContent, Refusal>> RemoveAsync(SignedIn caller, ProfileLookupDoor door, CancellationToken cancellationToken) =>
        (await door.RemoveAsync(caller, cancellationToken)).ToNoContent();
}

/// <summary>Where contacts' profiles are looked up.</summary>
/// <param name="XcapRoot">The XDMS's XCAP root; null: nothing is looked up.</param>
/// <param name="Username">Whom it knows us as.</param>
/// <param name="HasPassword">There is a password. False also when it was sealed with a key this server has not: then it must be set again.</param>
/// <param name="AssertedIdentity">In whose name it is asked.</param>
internal sealed record ProfileLookup(string? XcapRoot, string? Username, bool HasPassword, string? AssertedIdentity)
{
    public static ProfileLookup Of(ProfileLookupSheet lookup) => new(lookup.XcapRoot, lookup.Username, lookup.HasPassword, lookup.AssertedIdentity);
}

/// <summary>Where contacts' profiles are to be looked up.</summary>
/// <param name="XcapRoot">An absolute https URL without a query; documents are under <c>{xcap_root}/org.openmobilealliance.user-profile/users/</c>.</param>
/// <param name="Username">For HTTP authentication by Digest or Basic, Basic where it has no colon: at most 255 visible ASCII characters, no quotation marks or backslashes; absent: none.</param>
/// <param name="Password">For the username; absent: the one before, if root and username are the same.</param>
/// <param name="AssertedIdentity">A sip or tel URI, sent as <c>X-XCAP-Asserted-Identity</c> and <c>X-3GPP-Asserted-Identity</c> to an XDMS that trusts this server to say in whose name it asks; absent: none.</param>
internal sealed record NewProfileLookup(string XcapRoot, string? Username = null, string? Password = null, string? AssertedIdentity = null);
