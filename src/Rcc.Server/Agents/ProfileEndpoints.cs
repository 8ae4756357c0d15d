using Microsoft.AspNetCore.Http.HttpResults;
using Rcc.Contracts;
using Rcc.Core.Access;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Server.Access;

namespace Rcc.Server.Agents;

/// <summary>The calling agent itself.</summary>
internal static class ProfileEndpoints
{
    public static void MapProfile(this IEndpointRouteBuilder account)
    {
        var profile = account.MapGroup("/profile").WithTags("profile");
        profile.MapGet("", FindAsync).WithName("getProfile").WithSummary("The calling agent.");
        profile.MapPatch("", ChangeAsync).WithName("changeProfile")
            .WithSummary("Changes the calling agent's name or password; absent members stay. A new password needs the current one or a code, and signs out the agent's other devices.");
        profile.MapGet("/offers", ListOffersAsync).WithName("listOffers").WithSummary("The conversations that are offered to the calling agent now, to be accepted or declined.");
        profile.MapPut("/availability", SetAvailabilityAsync).WithName("setAvailability")
            .WithSummary("Says whether the calling agent takes conversations: by hand, by one of the account's own words, or, with neither, as its devices are in use.");
    }

    static async Task<Results<Ok<Page<OwnOffer>>, Refusal>> ListOffersAsync(SignedIn caller, DeskDoor door, CancellationToken cancellationToken) =>
        (await door.ListOffersAsync(caller, cancellationToken)).ToResult(offers => new Page<OwnOffer>([.. offers.Select(OwnOffer.Of)], null));

    static async Task<Results<Ok<Agent>, Refusal>> FindAsync(SignedIn caller, AgentDoor door, CancellationToken cancellationToken) =>
        caller.Caller.IsAgent
            ? (await door.FindAsync(caller, caller.Caller.PersonId, cancellationToken)).ToResult(Agent.Of)
            : Refusals.Refuse(ErrorCode.Forbidden, "Only agents have a profile.");

    static async Task<Results<NoContent, Refusal>> ChangeAsync(
        SignedIn caller,
        AgentDoor door,
        Passwords passwords,
        PasswordCheck check,
        SignInLimits limits,
        ProfilePatch body,
        CancellationToken cancellationToken)
    {
        if (!caller.Caller.IsAgent) return Refusals.Refuse(ErrorCode.Forbidden, "Only agents have a profile.");
        if (body.Password is null)
            return (await door.ChangeAsync(caller, caller.Caller.PersonId, new() { Name = body.Name }, Attempt.Unkeyed, cancellationToken)).ToNoContent();

        if (passwords.Refuse(body.Password) is { } refusal) return new Refusal(refusal);
        var proof = await ProveAsync(caller, check, limits, body, cancellationToken);
        return proof.IsOk
            ? (await door.ChangeOwnPasswordAsync(caller, body.Name, await passwords.HashAsync(body.Password, cancellationToken), proof.Value, cancellationToken)).ToNoContent()
            : new Refusal(proof.Outcome);
    }

    /// <summary>A device left open must not be enough to become the person for ever.</summary>
    static async Task<Found<SignInProof>> ProveAsync(SignedIn caller, PasswordCheck check, SignInLimits limits, ProfilePatch body, CancellationToken cancellationToken)
    {
        if (body.CurrentPassword is { } current)
        {
            var own = await check.CheckOwnAsync(caller, current, cancellationToken);
            return own.IsOk ? new SignInProof(own.Value.Hash) : own.Outcome;
        }

        if (body.Code is null) return Outcome.Refused(ErrorCode.Malformed, "With a new password goes the current one (current_password), or a code of the second factor (code).");
        return limits.RefuseCode(caller.Caller.Tenant, caller.Caller.PersonId) is { } tooMany ? tooMany : new SignInProof("") { Code = body.Code };
    }

    static Task<Results<NoContent, Refusal>> SetAvailabilityAsync([AsParameters] CommandTo<AgentDoor> to, NewAvailability body) =>
        to.Door.SetAvailabilityAsync(
            to.Caller,
            new() { Number = 1, Availability = body.Availability?.ToAvailability(), Label = body.Label, Note = body.Note, Until = body.Until },
            to.Attempt, to.CancellationToken).ToNoContentAsync();
}

/// <summary>What to change of oneself; absent members stay.</summary>
/// <param name="Name">1 … 100 characters.</param>
/// <param name="Password">A new password.</param>
/// <param name="CurrentPassword">With a new one: the password the agent has.</param>
/// <param name="Code">With a new password, instead of the current one: a code of the agent's second factor, or a recovery code.</param>
internal sealed record ProfilePatch(string? Name = null, string? Password = null, string? CurrentPassword = null, string? Code = null);

/// <summary>Whether an agent takes conversations; with neither availability nor label: as its devices are in use.</summary>
/// <param name="Availability">Set by hand.</param>
/// <param name="Label">One of the account's own words, instead of an availability.</param>
/// <param name="Note">For colleagues: 1 … 200 characters.</param>
/// <param name="Until">When it expires (UTC) and the devices decide again; absent: never.</param>
internal sealed record NewAvailability(AvailabilityStatus? Availability = null, string? Label = null, string? Note = null, DateTimeOffset? Until = null);

/// <summary>A conversation that is offered to the caller.</summary>
/// <param name="ConversationId">The conversation.</param>
/// <param name="DisplayId">The number people use for it.</param>
/// <param name="QueueId">The queue it comes from.</param>
/// <param name="ContactName">The customer's name; null while anonymous.</param>
/// <param name="FromId">The agent who transfers it; null for one from a queue.</param>
/// <param name="Consultation">The caller is asked for advice before the transfer is completed.</param>
/// <param name="CreatedAt">Since when (UTC).</param>
/// <param name="ExpiresAt">When it is recalled (UTC).</param>
internal sealed record OwnOffer(
    Guid ConversationId, long DisplayId, Guid QueueId, string? ContactName, Guid? FromId, bool Consultation, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt)
{
    public static OwnOffer Of(OfferListing offer) => new(
        offer.ConversationId, offer.State.DisplayId, offer.State.QueueId, offer.State.ContactName, offer.State.FromId, offer.State.Consultation, offer.State.At, offer.State.ExpiresAt);
}
