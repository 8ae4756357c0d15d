using System.Collections.Immutable;
using Rcc.Core.Devices;
using Rcc.Core.Sync;

namespace Rcc.Core.Agents;

/// <summary>On which devices an agent is signed in.</summary>
public static partial class Agent
{
    /// <summary>Adds a device of an agent who has proved who it is. <paramref name="code"/> is what its code, if it gave one, was found to be.</summary>
    public static Decision<AgentSnapshot> SignIn(TenantId tenant, AgentSnapshot? now, NewDevice device, SignInProof proof, CodeCheck code, AgentOptions options)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(proof);
        ArgumentNullException.ThrowIfNull(options);
        if (now is null)
        {
            return NotFound;
        }

        if (now.State.Suspended)
        {
            return Answer.Refused(ErrorCode.Suspended, "The agent is suspended.");
        }

        if (now.State.Invited)
        {
            return Answer.Refused(ErrorCode.Unauthenticated, "The agent has not accepted its invitation.");
        }

        if (!string.Equals(now.PasswordHash, proof.PasswordHash, StringComparison.Ordinal))
        {
            return Answer.Refused(ErrorCode.Unauthenticated, "The password has just been changed.");
        }

        if (RefuseSecondFactor(now, proof, code) is { } refusal)
        {
            return refusal;
        }

        var proved = proof.IsConfirming ? Confirmed(now, code.Left!, proof.RecoveryHashes) : now with { SignIns = now.SignIns + 1, SecondFactor = code.Left ?? now.SecondFactor };
        var began = proof.IsConfirming ? Change(tenant, now, proved) with { Act = new("agent", now.Id, "enable_second_factor") } : Unchanged(now);
        return AddDevice(now, proved, began, device, options);
    }

    public static Decision<AgentSnapshot> SignOut(AgentSnapshot? now, Caller caller, GroupSnapshot? group, Guid device, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (now is null)
        {
            return NotFound;
        }

        if (caller.PersonId != now.Id && !IsManagedBy(now, group, caller))
        {
            return NotManaged;
        }

        return now.Devices.FirstOrDefault(signedIn => signedIn.Id == device) is { } found
            ? Decision.Accept(
                now with { Devices = [.. now.Devices.Where(other => other != found)] },
                Unchanged(now).WithSignedOut(now.Id, found, at) with { Act = new("agent", now.Id, "sign_out_device", $"device: {device}") })
            : Decision.NotFound("device");
    }

    /// <summary>Signs devices out whose time is over, as the tenant's policies have it: no credential of theirs is good any more, and this ends their connections.</summary>
    public static Decision<AgentSnapshot> EndSessions(AgentSnapshot? now, ImmutableArray<Guid> ended, DateTimeOffset at)
    {
        if (now is null)
        {
            return NotFound;
        }

        var over = now.Devices.Where(device => ended.Contains(device.Id)).ToList();
        return Decision.Accept(
            now with { Devices = [.. now.Devices.Except(over)] },
            over.Count == 0 ? Unchanged(now) : over.Aggregate(Unchanged(now), (sum, device) => sum.WithSignedOut(now.Id, device, at)) with
            {
                Act = new("agent", now.Id, "end_session", $"devices: {string.Join(' ', over.Select(device => device.Id))}"),
            });
    }

    /// <summary>A password lets nobody in where the tenant's identity provider is the only way.</summary>
    public static Answer ByProviderOnly => Answer.Refused(ErrorCode.Forbidden, "Agents of this account sign in by its identity provider only.");

    /// <summary>Adds a device to what a sign-in has begun; the one that signed in first makes room.</summary>
    static Decision<AgentSnapshot> AddDevice(AgentSnapshot now, AgentSnapshot proved, Proposal began, NewDevice device, AgentOptions options)
    {
        var signedOut = now.Devices.OrderBy(signedIn => signedIn.SignedInAt).Take(Math.Max(0, now.Devices.Count + 1 - options.MaxDevices)).ToList();
        var next = proved with { Devices = [.. now.Devices.Except(signedOut), new(device.DeviceId, 1, device.Name, device.At)] };
        var change = (began with
        {
            Answer = Answer.Done with { Id = device.DeviceId },
            Items = began.Items.Add(SignInsItem(next)),
            Act = (began.Act ?? new("agent", now.Id, "sign_in", Act.Of(("device", device.Name)))) with { Newcomer = new(now.Id, device.DeviceId) },
        }).WithSignedIn(now.Id, now.State.Role, device);
        return Decision.Accept(next, signedOut.Aggregate(change, (sum, old) => sum.WithSignedOut(now.Id, old, device.At)));
    }

    /// <summary>Holds only while no further device has signed in.</summary>
    static Proposal SignOutAll(Proposal change, AgentSnapshot now, IEnumerable<DeviceSnapshot> devices, DateTimeOffset at) =>
        devices.Aggregate(change with { Fences = change.Fences.Add(new(SignInsOf(now), now.SignIns)) }, (sum, device) => sum.WithSignedOut(now.Id, device, at));

    static ItemKey SignInsOf(AgentSnapshot agent) => new(ItemKind.SignIns, agent.Id);

    static ItemChange SignInsItem(AgentSnapshot next) => new(SignInsOf(next), next.SignIns, SecondFactor.Write(next.SecondFactor), Audience.OfNobody, []);
}
