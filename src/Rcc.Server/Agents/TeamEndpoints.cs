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
        teams.MapPost("", CreateAsync).WithName("createTeam").WithSummary("Makes a team that the calling master agent runs; an administrator or an access token may name the one who does.");
        teams.MapGet("/{team_id:guid}", FindAsync).WithName("getTeam").WithSummary("One team.");
        teams.MapPatch("/{team_id:guid}", ChangeAsync).WithName("changeTeam").WithSummary("Changes a team's name, its supervisors, or who runs it; absent members stay.");
        teams.MapDelete("/{team_id:guid}", RemoveAsync).WithName("removeTeam")
            .WithSummary("Removes a team. With move_to that team takes its place: agents with what they have open, queues, canned responses and macros. Without, it is refused while agents work in it or a queue names it.");
    }

    static Task<Results<Ok<Page<Team>>, Refusal>> ListAsync(SignedIn caller, GroupDoor door, [AsParameters] PageParameters page, CancellationToken cancellationToken) =>
        page.ReadAsync(from => door.ListAsync(caller, from, cancellationToken), Team.Of, g => g.Id);

    static Task<Results<Created<Created>, Refusal>> CreateAsync([AsParameters] CommandTo<GroupDoor> to, NewTeam body) =>
        to.Door.CreateAsync(to.Caller, new(body.Name, body.MasterAgentId), to.Attempt, to.CancellationToken).ToCreatedAsync();

    static async Task<Results<Ok<Team>, Refusal>> FindAsync(SignedIn caller, GroupDoor door, [FromRoute(Name = "team_id")] Guid teamId, CancellationToken cancellationToken) =>
        (await door.FindAsync(caller, teamId, cancellationToken)).ToResult(Team.Of);

    static Task<Results<NoContent, Refusal>> ChangeAsync([AsParameters] CommandTo<GroupDoor> to, [FromRoute(Name = "team_id")] Guid teamId, TeamPatch body) =>
        to.Door.ChangeAsync(
            to.Caller,
            teamId,
            new() { Name = body.Name, MasterAgentId = body.MasterAgentId, SupervisorIds = body.SupervisorIds is null ? null : [.. body.SupervisorIds] },
            to.Attempt,
            to.CancellationToken).ToNoContentAsync();

    static Task<Results<NoContent, Refusal>> RemoveAsync(
        [AsParameters] CommandTo<GroupRemoveDoor> to, [FromRoute(Name = "team_id")] Guid teamId, [FromQuery(Name = "move_to")] Guid? moveTo) =>
        to.Door.RemoveAsync(to.Caller, teamId, moveTo, to.Attempt, to.CancellationToken).ToNoContentAsync();
}

/// <summary>A team.</summary>
/// <param name="Id">The team.</param>
/// <param name="Name">Unique in the account.</param>
/// <param name="MasterAgentId">The master agent who runs it, or an administrator.</param>
/// <param name="SupervisorIds">Agents who may supervise conversations of the team's agents, besides who runs it.</param>
internal sealed record Team(Guid Id, string Name, Guid MasterAgentId, IReadOnlyList<Guid> SupervisorIds)
{
    public static Team Of(GroupListing group) => new(group.Id, group.State.Name, group.State.MasterAgentId, group.State.SupervisorIds);
}

/// <summary>A team to make.</summary>
/// <param name="Name">1 … 100 characters, unique in the account.</param>
/// <param name="MasterAgentId">Who runs it; absent: who makes it.</param>
internal sealed record NewTeam(string Name, Guid? MasterAgentId = null);

/// <summary>What to change of a team; absent members stay.</summary>
/// <param name="Name">1 … 100 characters, unique in the account.</param>
/// <param name="MasterAgentId">Who runs it from now on: only an administrator or an access token says.</param>
/// <param name="SupervisorIds">All its supervisors from now on; a master agent names itself and its own agents only.</param>
internal sealed record TeamPatch(string? Name = null, Guid? MasterAgentId = null, IReadOnlyList<Guid>? SupervisorIds = null);
