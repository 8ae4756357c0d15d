using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rcc.Core;
using Rcc.Core.Access;
using Rcc.Core.Devices;
using Rcc.Server.Access;

namespace Rcc.Server.Devices;

/// <summary>The calling agent's own devices.</summary>
internal static class DeviceEndpoints
{
    public static void MapDevices(this IEndpointRouteBuilder account)
    {
        var devices = account.MapGroup("/devices").WithTags("devices");
        devices.MapGet("", ListAsync).WithName("listDevices").WithSummary("The devices the calling agent is signed in on.");
        devices.MapDelete("/{device_id:guid}", SignOutAsync).WithName("signOutDevice")
            .WithSummary("Signs one of the calling agent's devices out; answers when no server accepts it any more.");
    }

    static async Task<Results<Ok<Page<Device>>, Refusal>> ListAsync(SignedIn caller, AgentDoor door, CancellationToken cancellationToken) =>
        (await door.ListDevicesAsync(caller, caller.Caller.PersonId, cancellationToken)).ToResult(devices => Device.PageOf(devices, caller));

    static async Task<Results<NoContent, Refusal>> SignOutAsync(
        SignedIn caller, AgentDoor door, [FromRoute(Name = "device_id")] Guid deviceId, CancellationToken cancellationToken) =>
        (await door.SignOutAsync(caller, caller.Caller.PersonId, deviceId, Attempt.Unkeyed, cancellationToken)).ToNoContent();
}

/// <summary>A device an agent is signed in on.</summary>
/// <param name="Id">The device.</param>
/// <param name="Name">What the person called it.</param>
/// <param name="SignedInAt">Since when (UTC).</param>
/// <param name="Current">It is the one that asks.</param>
internal sealed record Device(Guid Id, string Name, DateTimeOffset SignedInAt, bool Current)
{
    /// <summary>All of them: a person signs in on a few.</summary>
    public static Page<Device> PageOf(Listing<DeviceSnapshot> devices, Caller caller) =>
        new([.. devices.Items.Select(d => new Device(d.Id, d.Name, d.SignedInAt, d.Id == caller.DeviceId))], NextCursor: null);
}
