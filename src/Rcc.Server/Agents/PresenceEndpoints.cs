using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rcc.Contracts.Agents;
using Rcc.Core.Access;
using Rcc.Server.Access;

namespace Rcc.Server.Agents;

/// <summary>The presence of agents.</summary>
internal static class PresenceEndpoints
{
    public static void MapPresence(this IEndpointRouteBuilder account) =>
        account.MapGroup("/agents/{agent_id:guid}/presence").WithTags("agents").MapGet("", FindAsync).WithName("getAgentPresence")
            .WithSummary("What the person does, whether it takes conversations, and which of its devices are there, as far as the caller may see them; what is not known is absent. Also as application/pidf+xml (RFC 3863, 4479, 4480).");

    static async Task<Results<Ok<PresenceDocument>, Pidf, Refusal>> FindAsync(
        SignedIn caller, ContextDoor door, HttpRequest request, [FromRoute(Name = "agent_id")] Guid agentId, CancellationToken cancellationToken)
    {
        var found = await door.FindPresenceAsync(caller, agentId, cancellationToken);
        if (!found.IsOk) return new Refusal(found.Outcome);
        request.HttpContext.Response.Headers.Vary = "Accept";
        return Pidf.IsAskedFor(request) ? new Pidf(found.Value) : TypedResults.Ok(found.Value);
    }
}
