using Microsoft.AspNetCore.Http.HttpResults;
using Rcc.Core.Access;
using Rcc.Server.Access;

namespace Rcc.Server.Customers;

/// <summary>
/// Where context information is looked up. The account's server gets a POST <c>{"type":"contact.lookup","account_id":…,"contact":{"id","identifier","name","email","addresses"}}</c>, signed as Standard Webhooks are
/// (<c>webhook-id</c>, <c>webhook-timestamp</c>, <c>webhook-signature</c>), and answers 200 with <c>{"context":[{"name":"crm:tier","value":…,"lifetime_seconds":…}]}</c>, or 204 when it knows nothing. A location
/// (<c>geopriv:location</c>) or subscription (<c>subscription:{service}</c>) that is malformed counts as not found; the rest of the answer is taken.
/// </summary>
internal static class ContextLookupEndpoints
{
    public static void MapContextLookup(this IEndpointRouteBuilder account)
    {
        var lookup = account.MapGroup("/context_lookup").WithTags("context lookup");
        lookup.MapGet("", FindAsync).WithName("getContextLookup").WithSummary("Where context information about contacts is looked up, and the secret that signs the questions.");
        lookup.MapPut("", SetAsync).WithName("setContextLookup")
            .WithSummary("Says where context information is looked up: when a contact's conversation is opened, and when somebody asks. The questions are signed as Standard Webhooks are.");
        lookup.MapDelete("", RemoveAsync).WithName("removeContextLookup").WithSummary("Nothing is looked up any more; what was found stays.");
    }

    static async Task<Results<Ok<ContextLookup>, Refusal>> FindAsync(SignedIn caller, ContextLookupDoor door, CancellationToken cancellationToken) =>
        (await door.FindAsync(caller, cancellationToken)).ToResult(ContextLookup.Of);

    static Task<Results<NoContent, Refusal>> SetAsync([AsParameters] CommandTo<ContextLookupDoor> to, NewContextLookup body) =>
        to.Door.SetAsync(to.Caller, body.Url, body.RotateSecret, to.Attempt, to.CancellationToken).ToNoContentAsync();

    static Task<Results<NoContent, Refusal>> RemoveAsync([AsParameters] CommandTo<ContextLookupDoor> to) =>
        to.Door.RemoveAsync(to.Caller, to.Attempt, to.CancellationToken).ToNoContentAsync();
}

/// <summary>Where context information is looked up.</summary>
/// <param name="Url">The account's own server; null: nothing is looked up.</param>
/// <param name="Secret">Signs the questions: <c>whsec_</c> and base64; null where nothing is looked up, and when it was sealed with a key this server has not: then it must be rotated.</param>
internal sealed record ContextLookup(string? Url, string? Secret)
{
    public static ContextLookup Of(LookupSheet lookup) => new(lookup.Url, lookup.Secret);
}

/// <summary>Where context information is to be looked up.</summary>
/// <param name="Url">An absolute https URL.</param>
/// <param name="RotateSecret">The questions are signed by a new secret from now on.</param>
internal sealed record NewContextLookup(string Url, bool RotateSecret = false);
