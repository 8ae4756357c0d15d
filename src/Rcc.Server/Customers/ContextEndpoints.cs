using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rcc.Contracts.Customers;
using Rcc.Core.Access;
using Rcc.Server.Access;
using Rcc.Server.Conversations;

namespace Rcc.Server.Customers;

/// <summary>Context information about contacts and about agents.</summary>
internal static class ContextEndpoints
{
    public static void MapContext(this IEndpointRouteBuilder account)
    {
        var contact = account.MapGroup("/contacts/{contact_id:guid}/context").WithTags("contacts");
        contact.MapPut("", SetOfContactAsync).WithName("setContactContext").WithSummary("Sets a piece of context information about a contact.");
        contact.MapDelete("", ClearOfContactAsync).WithName("clearContactContext").WithSummary("Takes a piece of context information away: of one source, or of all.");
        var agent = account.MapGroup("/agents/{agent_id:guid}/context").WithTags("agents");
        agent.MapGet("", FindAsync).WithName("getAgentContext").WithSummary("Context information about an agent, as far as the caller may see it: of each name the value that counts.");
        agent.MapPut("", SetOfAgentAsync).WithName("setAgentContext").WithSummary("Sets a piece of context information about the calling agent, or about one the caller manages.");
        agent.MapDelete("", ClearOfAgentAsync).WithName("clearAgentContext").WithSummary("Takes a piece of context information about an agent away: of one source, or of all.");
    }

    static async Task<Results<Ok<AgentContext>, Refusal>> FindAsync(SignedIn caller, ContextDoor door, [FromRoute(Name = "agent_id")] Guid agentId, CancellationToken cancellationToken) =>
        (await door.FindAsync(caller, agentId, cancellationToken)).ToResult(found => new AgentContext(ContextInformation.Of(found.Durable, found.Volatile)));

    static Task<Results<NoContent, Refusal>> SetOfContactAsync([AsParameters] CommandTo<ContextDoor> to, [FromRoute(Name = "contact_id")] Guid contactId, NewContextInformation body) =>
        SetAsync(to, body.ToCommand() with { ContactId = contactId });

    static Task<Results<NoContent, Refusal>> SetOfAgentAsync([AsParameters] CommandTo<ContextDoor> to, [FromRoute(Name = "agent_id")] Guid agentId, NewContextInformation body) =>
        SetAsync(to, body.ToCommand() with { AgentId = agentId });

    static Task<Results<NoContent, Refusal>> ClearOfContactAsync(
        [AsParameters] CommandTo<ContextDoor> to, [FromRoute(Name = "contact_id")] Guid contactId, [FromQuery] string name, [FromQuery] Word<ContextSource>? source) =>
        ClearAsync(to, Clearing(name, source) with { ContactId = contactId });

    static Task<Results<NoContent, Refusal>> ClearOfAgentAsync(
        [AsParameters] CommandTo<ContextDoor> to, [FromRoute(Name = "agent_id")] Guid agentId, [FromQuery] string name, [FromQuery] Word<ContextSource>? source) =>
        ClearAsync(to, Clearing(name, source) with { AgentId = agentId });

    static ClearContext Clearing(string name, Word<ContextSource>? source) => new() { Number = ConversationEndpoints.Unnumbered, Name = name, Source = source?.Value };

    static Task<Results<NoContent, Refusal>> SetAsync(CommandTo<ContextDoor> to, SetContext command) =>
        to.Door.SetAsync(to.Caller, command, to.Attempt, to.CancellationToken).ToNoContentAsync();

    static Task<Results<NoContent, Refusal>> ClearAsync(CommandTo<ContextDoor> to, ClearContext command) =>
        to.Door.ClearAsync(to.Caller, command, to.Attempt, to.CancellationToken).ToNoContentAsync();
}

/// <summary>Context information about an agent.</summary>
/// <param name="Data">By name; what the account's disclosure rules hide looks as if it were not known.</param>
internal sealed record AgentContext(IReadOnlyList<ContextInformation> Data);
