using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rcc.Contracts;
using Rcc.Core.Access;
using Rcc.Core.Agents;
using Rcc.Server.Access;
using Rcc.Server.Devices;

namespace Rcc.Server.Agents;

/// <summary>Agents of an account, and their devices as who manages them sees them.</summary>
internal static class AgentEndpoints
{
    public static void MapAgents(this IEndpointRouteBuilder account)
    {
        var agents = account.MapGroup("/agents").WithTags("agents");
        agents.MapGet("", ListAsync).WithName("listAgents").WithSummary("Lists agents, oldest first.");
        agents.MapPost("", CreateAsync).WithName("createAgent").WithSummary("Makes an agent. A master agent makes sub-agents, an access token also master agents, an administrator also administrators.");
        agents.MapGet("/{agent_id:guid}", FindAsync).WithName("getAgent").WithSummary("One agent.");
        agents.MapPatch("/{agent_id:guid}", ChangeAsync).WithName("changeAgent")
            .WithSummary("Changes name, team, skills, capacity, controls or password; absent members stay. A new password signs out the agent's devices.");
        agents.MapPut("/{agent_id:guid}/role", SetRoleAsync).WithName("setAgentRole")
            .WithSummary("Makes another of an agent: for administrators, and never of oneself. Signs the agent out everywhere; who is no sub-agent any more leaves its team, and teams that a sub-agent cannot run are the caller's.");
        agents.MapPut("/{agent_id:guid}/email", SetEmailAsync).WithName("setAgentEmail")
            .WithSummary("Gives the agent another address to sign in with. An invitation that went to the one before is good no more.");
        agents.MapPost("/{agent_id:guid}/suspend", SuspendAsync).WithName("suspendAgent").WithSummary("Signs the agent out everywhere and refuses it, at once, on live connections too.");
        agents.MapPost("/{agent_id:guid}/resume", ResumeAsync).WithName("resumeAgent").WithSummary("Lets a suspended agent sign in again.");
        agents.MapDelete("/{agent_id:guid}", RemoveAsync).WithName("removeAgent")
            .WithSummary("Removes the agent for ever: signed out everywhere, its address free again, its conversations waiting; its name stays in history.");
        agents.MapPost("/invitations", InviteAsync).WithName("inviteAgent")
            .WithSummary("Makes an agent who comes by an invitation and then sets name and password. The token is shown once, for a link that the person is sent.");
        agents.MapPost("/{agent_id:guid}/invitation", InviteAgainAsync).WithName("inviteAgentAgain").WithSummary("Invites an agent who has not come yet again: the token before is good no more.");
        agents.MapGet("/{agent_id:guid}/devices", ListDevicesAsync).WithName("listAgentDevices").WithSummary("The devices the agent is signed in on.");
        agents.MapDelete("/{agent_id:guid}/devices/{device_id:guid}", SignOutAsync).WithName("signOutAgentDevice")
            .WithSummary("Signs one of the agent's devices out; answers when no server accepts it any more.");
    }

    static Task<Results<Ok<Page<Agent>>, Refusal>> ListAsync(SignedIn caller, AgentDoor door, [AsParameters] PageParameters page, CancellationToken cancellationToken) =>
        page.ReadAsync(from => door.ListAsync(caller, from, cancellationToken), Agent.Of, a => a.Id);

    static async Task<Results<Created<Created>, Refusal>> CreateAsync([AsParameters] CommandTo<AgentDoor> to, Passwords passwords, NewAgent body)
    {
        if (passwords.Refuse(body.Password) is { } refusal) return new Refusal(refusal);
        var agent = new CreateAgent
        {
            Name = body.Name,
            Email = body.Email,
            Role = body.Role.ToRole(),
            GroupId = body.TeamId,
            PasswordHash = await passwords.HashAsync(body.Password, to.CancellationToken),
        };
        return (await to.Door.CreateAsync(to.Caller, agent, to.Attempt, to.CancellationToken)).ToCreated();
    }

    static async Task<Results<Ok<Agent>, Refusal>> FindAsync(
        SignedIn caller, AgentDoor door, [FromRoute(Name = "agent_id")] Guid agentId, CancellationToken cancellationToken) =>
        (await door.FindAsync(caller, agentId, cancellationToken)).ToResult(Agent.Of);

    static async Task<Results<NoContent, Refusal>> ChangeAsync([AsParameters] CommandTo<AgentDoor> to, Passwords passwords, [FromRoute(Name = "agent_id")] Guid agentId, AgentPatch body)
    {
        if (body.Password is not null && passwords.Refuse(body.Password) is { } refusal) return new Refusal(refusal);
        var change = new ChangeAgent
        {
            Name = body.Name,
            GroupId = body.TeamId,
            LeaveGroup = body.LeaveTeam,
            Skills = body.Skills is null ? null : [.. body.Skills],
            Capacity = body.Capacity,
            UseDefaultCapacity = body.UseDefaultCapacity,
            Controls = body.Controls?.ToControls(),
            SecondFactorRequired = body.SecondFactorRequired,
            PasswordHash = body.Password is null ? null : await passwords.HashAsync(body.Password, to.CancellationToken),
        };
        return (await to.Door.ChangeAsync(to.Caller, agentId, change, to.Attempt, to.CancellationToken)).ToNoContent();
    }

    static Task<Results<NoContent, Refusal>> SetRoleAsync([AsParameters] CommandTo<StandingDoor> to, [FromRoute(Name = "agent_id")] Guid agentId, NewRole body) =>
        to.Door.SetRoleAsync(to.Caller, agentId, body.Role.ToRole(), to.Attempt, to.CancellationToken).ToNoContentAsync();

    static Task<Results<NoContent, Refusal>> SetEmailAsync([AsParameters] CommandTo<StandingDoor> to, [FromRoute(Name = "agent_id")] Guid agentId, NewEmail body) =>
        to.Door.SetEmailAsync(to.Caller, agentId, body.Email, to.Attempt, to.CancellationToken).ToNoContentAsync();

    static async Task<Results<NoContent, Refusal>> SuspendAsync(
        SignedIn caller, AgentDoor door, [FromRoute(Name = "agent_id")] Guid agentId, CancellationToken cancellationToken) =>
        (await door.SetSuspendedAsync(caller, agentId, suspended: true, Attempt.Unkeyed, cancellationToken)).ToNoContent();

    static async Task<Results<NoContent, Refusal>> ResumeAsync(
        SignedIn caller, AgentDoor door, [FromRoute(Name = "agent_id")] Guid agentId, CancellationToken cancellationToken) =>
        (await door.SetSuspendedAsync(caller, agentId, suspended: false, Attempt.Unkeyed, cancellationToken)).ToNoContent();

    static async Task<Results<NoContent, Refusal>> RemoveAsync(
        SignedIn caller, AgentDoor door, [FromRoute(Name = "agent_id")] Guid agentId, CancellationToken cancellationToken) =>
        (await door.RemoveAsync(caller, agentId, Attempt.Unkeyed, cancellationToken)).ToNoContent();

    static async Task<Results<Created<NewInvitation>, Refusal>> InviteAsync(SignedIn caller, AgentDoor door, Invitee body, CancellationToken cancellationToken)
    {
        var secret = Secret.Make(SecretKind.Invitation);
        var agent = new InviteAgent { Email = body.Email, Name = body.Name, Role = body.Role.ToRole(), GroupId = body.TeamId };
        return Sent(await door.InviteAsync(caller, agent, secret.Hash, cancellationToken), secret);
    }

    static async Task<Results<Created<NewInvitation>, Refusal>> InviteAgainAsync(
        SignedIn caller, AgentDoor door, [FromRoute(Name = "agent_id")] Guid agentId, CancellationToken cancellationToken)
    {
        var secret = Secret.Make(SecretKind.Invitation);
        return Sent(await door.InviteAgainAsync(caller, agentId, secret.Hash, cancellationToken), secret);
    }

    static Results<Created<NewInvitation>, Refusal> Sent(Outcome outcome, Secret secret) => outcome.IsOk
        ? TypedResults.Created((string?)null, new NewInvitation(Answers.IdOf(outcome), secret.Reveal(), outcome.At))
        : new Refusal(outcome);

    static async Task<Results<Ok<Page<Device>>, Refusal>> ListDevicesAsync(
        SignedIn caller, AgentDoor door, [FromRoute(Name = "agent_id")] Guid agentId, CancellationToken cancellationToken) =>
        (await door.ListDevicesAsync(caller, agentId, cancellationToken)).ToResult(devices => Device.PageOf(devices, caller));

    static async Task<Results<NoContent, Refusal>> SignOutAsync(
        SignedIn caller, AgentDoor door, [FromRoute(Name = "agent_id")] Guid agentId, [FromRoute(Name = "device_id")] Guid deviceId, CancellationToken cancellationToken) =>
        (await door.SignOutAsync(caller, agentId, deviceId, Attempt.Unkeyed, cancellationToken)).ToNoContent();
}

/// <summary>An agent.</summary>
/// <param name="Id">The agent.</param>
/// <param name="Name">Shown to colleagues and customers.</param>
/// <param name="Email">The address the agent signs in with; null once it is removed.</param>
/// <param name="Role">Agent; master agent, who manages others; or administrator, who manages everybody.</param>
/// <param name="AvailabilityStatus">Whether it takes conversations.</param>
/// <param name="AvailabilityInferred">It follows from the use of the agent's devices; false: set by hand.</param>
/// <param name="AvailabilityLabel">The account's own word for it.</param>
/// <param name="AvailabilityNote">What the agent says about it.</param>
/// <param name="AvailabilitySince">Since when it is so (UTC).</param>
/// <param name="AvailabilityUntil">When what was set by hand expires (UTC).</param>
/// <param name="TeamId">The team it works in; null: none.</param>
/// <param name="ManagedBy">The master agent who made it; null for those made with the account or by an access token.</param>
/// <param name="Suspended">Cannot sign in.</param>
/// <param name="Skills">What the agent is good at.</param>
/// <param name="Capacity">Conversations it has at once; null: the default.</param>
/// <param name="Controls">What it may do with conversations.</param>
/// <param name="SecondFactor">It signs in with a second factor.</param>
/// <param name="SecondFactorRequired">Its manager requires a second factor of it.</param>
/// <param name="Invited">It has not accepted its invitation yet.</param>
/// <param name="Removed">It is gone for ever.</param>
internal sealed record Agent(
    Guid Id,
    string Name,
    string? Email,
    AgentRole Role,
    AvailabilityStatus AvailabilityStatus,
    bool AvailabilityInferred,
    string? AvailabilityLabel,
    string? AvailabilityNote,
    DateTimeOffset? AvailabilitySince,
    DateTimeOffset? AvailabilityUntil,
    Guid? TeamId,
    Guid? ManagedBy,
    bool Suspended,
    IReadOnlyList<string> Skills,
    int? Capacity,
    IReadOnlyList<Control> Controls,
    bool SecondFactor,
    bool SecondFactorRequired,
    bool Invited,
    bool Removed)
{
    public static Agent Of(AgentListing agent) => new(
        agent.Id,
        agent.State.Name,
        agent.State.Removed ? null : agent.Email,
        agent.State.Role.ToAgentRole(),
        agent.State.Availability.ToAvailabilityStatus(),
        agent.State.AvailabilityInferred,
        agent.State.AvailabilityLabel,
        agent.State.AvailabilityNote,
        agent.State.AvailabilitySince,
        agent.State.AvailabilityUntil,
        agent.State.GroupId,
        agent.CreatedBy,
        agent.State.Suspended,
        agent.State.Skills,
        agent.State.Capacity,
        (agent.State.Controls ?? Contracts.Agents.Controls.All).ToControlList(),
        agent.State.SecondFactor,
        agent.State.SecondFactorRequired,
        agent.State.Invited,
        agent.State.Removed);
}

/// <summary>An agent to make.</summary>
/// <param name="Name">1 … 100 characters.</param>
/// <param name="Email">Unique in the account.</param>
/// <param name="Password">The first password.</param>
/// <param name="Role">The role; absent: agent.</param>
/// <param name="TeamId">A team the caller runs; absent: none.</param>
internal sealed record NewAgent(string Name, string Email, string Password, AgentRole Role = AgentRole.Agent, Guid? TeamId = null);

/// <summary>What an agent is to be.</summary>
internal sealed record NewRole(AgentRole Role);

/// <summary>Another address to sign in with.</summary>
/// <param name="Email">Unique in the account.</param>
internal sealed record NewEmail(string Email);

/// <summary>An agent to invite.</summary>
/// <param name="Email">Unique in the account.</param>
/// <param name="Name">Until the person says its own; absent: the address.</param>
/// <param name="Role">The role; absent: agent.</param>
/// <param name="TeamId">A team the caller runs; absent: none.</param>
internal sealed record Invitee(string Email, string? Name = null, AgentRole Role = AgentRole.Agent, Guid? TeamId = null);

/// <summary>An invitation.</summary>
/// <param name="Id">The agent that was made.</param>
/// <param name="Token">For the link that the person is sent. Shown this once.</param>
/// <param name="ExpiresAt">Until when it can be accepted (UTC).</param>
internal sealed record NewInvitation(Guid Id, string Token, DateTimeOffset? ExpiresAt);

/// <summary>What to change of an agent; absent members stay.</summary>
/// <param name="Name">1 … 100 characters.</param>
/// <param name="Password">A new password.</param>
/// <param name="TeamId">The team it moves to.</param>
/// <param name="LeaveTeam">It leaves its team.</param>
/// <param name="Skills">All its skills from now on; at most 50 names of 1 … 50 characters, each once.</param>
/// <param name="Capacity">Conversations at once: 0 … 1,000.</param>
/// <param name="UseDefaultCapacity">Back to the default capacity.</param>
/// <param name="Controls">What it may do with conversations from now on. Its connections end and come back as who it is now.</param>
/// <param name="SecondFactorRequired">Whether a second factor is required of it from its next sign-in on.</param>
internal sealed record AgentPatch(
    string? Name = null,
    string? Password = null,
    Guid? TeamId = null,
    bool LeaveTeam = false,
    IReadOnlyList<string>? Skills = null,
    int? Capacity = null,
    bool UseDefaultCapacity = false,
    IReadOnlyList<Control>? Controls = null,
    bool? SecondFactorRequired = null);
