using Microsoft.Extensions.Options;
using Rcc.Contracts;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;

namespace Rcc.Core.Access;

/// <summary>The door to what agents are in the account, and the addresses they sign in with.</summary>
public sealed class StandingDoor(IGrainFactory grains, GroupSuccession succession, Admission admission, IOptions<AccessOptions> access)
{
    /// <summary>
    /// An administrator makes another of an agent. Answers when every node has passed it: nobody serves what it was. Groups that it ran and cannot run any more are the caller's from then on; should this be cut short, a
    /// repetition of the command goes on.
    /// </summary>
    public Task<Outcome> SetRoleAsync(Caller caller, Guid agent, Role role, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var key = CommandKeys.Make(new("setRole", agent, role.ToString()), AccessJson.Default.TargetOf, 0, attempt, out var refusal);
        refusal ??= Permission.RequireAdministrator(caller) ?? Shape.Defined(role, "role");
        return admission.CommandAsync(caller, refusal, async () =>
        {
            var answer = await Grain(caller, agent).SetRoleAsync(caller, key, role, cancellationToken);
            return answer.IsOk && role == Role.Agent ? await succession.TakeAsync(caller, agent, cancellationToken) ?? answer : answer;
        });
    }

    /// <summary>Gives an agent another address to sign in with.</summary>
    public Task<Outcome> SetEmailAsync(Caller caller, Guid agent, string email, Attempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var address = email?.Trim().ToLowerInvariant();
        var key = CommandKeys.Make(new("setEmail", agent, address), AccessJson.Default.TargetOf, 0, attempt, out var refusal);
        refusal ??= Permission.RequireMasterOr(caller, Scopes.AgentsWrite) ?? Shape.Email(address, "email", access.Value.MaxEmailLength);
        return admission.CommandAsync(caller, refusal, () => Grain(caller, agent).SetEmailAsync(caller, key, address!, cancellationToken));
    }

    IAgentGrain Grain(Caller caller, Guid agent) => grains.GetGrain<IAgentGrain>(caller.Tenant.KeyOf(agent));
}
