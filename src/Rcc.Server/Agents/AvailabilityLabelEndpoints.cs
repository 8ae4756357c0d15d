using Microsoft.AspNetCore.Http.HttpResults;
using Rcc.Contracts.Agents;
using Rcc.Core.Access;
using Rcc.Server.Access;

namespace Rcc.Server.Agents;

/// <summary>The account's own words for availability.</summary>
internal static class AvailabilityLabelEndpoints
{
    public static void MapAvailabilityLabels(this IEndpointRouteBuilder account)
    {
        var labels = account.MapGroup("/availability_labels").WithTags("agents");
        labels.MapGet("", FindAsync).WithName("getAvailabilityLabels").WithSummary("The account's own words for availability, in the order in which they are offered.");
        labels.MapPut("", SetAsync).WithName("setAvailabilityLabels").WithSummary("Replaces the account's own words for availability. Who has set one that is gone keeps it until it sets another.");
    }

    static async Task<Results<Ok<Labels>, Refusal>> FindAsync(SignedIn caller, AgentDoor door, CancellationToken cancellationToken) =>
        (await door.FindAvailabilityLabelsAsync(caller, cancellationToken)).ToResult(Labels.Of);

    static Task<Results<NoContent, Refusal>> SetAsync([AsParameters] CommandTo<AgentDoor> to, Labels body) =>
        to.Door.SetAvailabilityLabelsAsync(
            to.Caller, [.. body.Data.Select(label => new AvailabilityLabel(label.Name, label.Availability.ToAvailability()))], to.Attempt, to.CancellationToken).ToNoContentAsync();
}

/// <summary>Words for availability.</summary>
/// <param name="Data">At most 50, each name once.</param>
internal sealed record Labels(IReadOnlyList<Label> Data)
{
    public static Labels Of(AvailabilityLabelsState state) => new([.. state.Labels.Select(label => new Label(label.Name, label.Availability.ToAvailabilityStatus()))]);
}

/// <summary>A word for an availability.</summary>
/// <param name="Name">1 … 50 characters.</param>
/// <param name="Availability">What it means to routing.</param>
internal sealed record Label(string Name, AvailabilityStatus Availability);
