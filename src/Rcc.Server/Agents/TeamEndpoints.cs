using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rcc.Core.Access;
using Rcc.Core.Agents;
using Rcc.Server.Access;

namespace Rcc.Server.Agents;

/// <summary>Teams: the groups that master agents run.</summary>
internal static class TeamEndpoints
{
    public static void MapTeams(this IEndpointRouteBuilder account)
    {
        var teams = account.MapGroup("/teams").WithTags("teams");
        teams.MapGet("", ListAsync).WithName("listTeams").WithSummary("Lists teams, oldest first.");
        teams.MapPost("", CreateAsync).WithName("createTeam").WithSummary("Makes a team that the calling master agent runs.");
        teams.MapGet("/{team_id:guid}", FindAsync).WithName("getTeam").WithSummary("One team.");
        teams.MapPatch("/{team_id:guid}", RenameAsync).WithName("renameTeam").WithSummary("Renames a team.");
    }

    static Task<Results<Ok<Page<Team>>, Refusal>> ListAsync(SignedIn caller, AgentDoor door, [AsParameters] PageParameters page, CancellationToken cancellationToken) =>
        page.ReadAsync(from => door.ListGroupsAsync(caller, from, cancellationToken), Team.Of, g => g.Id);

    static async Task<Results<Created<Created>, Refusal>> CreateAsync(
        SignedIn caller, AgentDoor door, TeamName body, [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey, CancellationToken cancellationToken) =>
        (await door.CreateGroupAsync(caller, body.Name, Attempt.Keyed(idempotencyKey), cancellationToken)).ToCreated();

    static async Task<Results<Ok<Team>, Refusal>> FindAsync(SignedIn caller, AgentDoor door, [FromRoute(Name = "team_id")] Guid teamId, CancellationToken cancellationToken) =>
        (await door.FindGroupAsync(caller, teamId, cancellationToken)).ToResult(Team.Of);

    static async Task<Results<NoContent, Refusal>> RenameAsync(
        SignedIn caller,
        AgentDoor door,
        [FromRoute(Name = "team_id")] Guid teamId,
        TeamName body,
        [FromHeader(Name = "Idempotency-Key")] string? idempotencyKey,
        CancellationToken cancellationToken) =>
        (await door.RenameGroupAsync(caller, teamId, body.Name, Attempt.Keyed(idempotencyKey), cancellationToken)).ToNoContent();
}

/// <summary>A team.</summary>
/// <param name="Id">The team.</param>
/// <param name="Name">Unique in the account.</param>
/// <param name="MasterAgentId">The master agent who runs it.</param>
internal sealed record Team(Guid Id, string Name, Guid MasterAgentId)
{
    public static Team Of(GroupListing group) => new(group.Id, group.State.Name, group.State.MasterAgentId);
}

/// <summary>A team's name: 1 … 100 characters, unique in the account.</summary>
internal sealed record TeamName(string Name);
