using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rcc.Contracts.Tenants;
using Rcc.Core.Access;
using Rcc.Server.Access;

namespace Rcc.Server.Customers;

/// <summary>What a widget shows before anybody comes in by it.</summary>
internal static class WidgetEndpoints
{
    public static void MapWidget(this IEndpointRouteBuilder api) =>
        api.MapGet("/inboxes/{inbox_identifier}", FindAsync).AllowAnonymous().WithTags("client").WithName("getPublicInbox")
            .WithSummary("What anybody may see of an inbox: how its account looks, whether one may come in, and what the account says while it is suspended.");

    static async Task<Results<Ok<PublicInbox>, Refusal>> FindAsync(
        [FromRoute(Name = "inbox_identifier")] string inboxIdentifier, HttpContext http, WidgetDoor door, SignInLimits limits, CancellationToken cancellationToken)
    {
        if (limits.RefuseLook(http.Connection.RemoteIpAddress) is { } tooMany) return new Refusal(tooMany);

        var origin = http.Request.Headers.Origin.ToString();
        return (await door.FindAsync(inboxIdentifier, origin.Length == 0 ? null : origin, cancellationToken)).ToResult(PublicInbox.Of);
    }
}

/// <summary>What anybody may see of an inbox. Nothing in it is secret.</summary>
/// <param name="Name">The name contacts read.</param>
/// <param name="PrimaryColor"><c>#rrggbb</c>; null: the product's own.</param>
/// <param name="AccentColor"><c>#rrggbb</c>; null: the product's own.</param>
/// <param name="LogoUrl">An absolute https URL; null: the product's own.</param>
/// <param name="HmacMandatory">Only contacts with a signed identifier come in.</param>
/// <param name="Status">Whether one may come in: <c>open</c>; <c>archived</c>: only those who are known; <c>suspended</c>: nobody.</param>
/// <param name="SuspendedMessage">What the account says while it is suspended; null while it is not, and where it has left nothing to say.</param>
/// <param name="Departments">What a contact may choose when it opens a conversation, in the order in which they are offered.</param>
internal sealed record PublicInbox(
    string Name, string? PrimaryColor, string? AccentColor, string? LogoUrl, bool HmacMandatory, InboxStatus Status, string? SuspendedMessage, IReadOnlyList<InboxDepartment> Departments)
{
    public static PublicInbox Of(InboxFront inbox) => new(
        inbox.Branding.Name!, inbox.Branding.PrimaryColor, inbox.Branding.AccentColor, inbox.Branding.LogoUrl, inbox.HmacMandatory, inbox.Status, inbox.Branding.SuspendedMessage,
        [.. inbox.Departments.Select(department => new InboxDepartment(department.QueueId, department.Name))]);
}
