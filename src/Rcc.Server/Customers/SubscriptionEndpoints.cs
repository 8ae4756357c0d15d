using System.ComponentModel;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rcc.Contracts.Customers;
using Rcc.Core.Access;
using Rcc.Core.Customers;
using Rcc.Server.Access;

namespace Rcc.Server.Customers;

/// <summary>Which services and plans of the company a contact has subscribed to.</summary>
internal static class SubscriptionEndpoints
{
    public static void MapSubscriptions(this IEndpointRouteBuilder account) =>
        account.MapGet("/contacts/{contact_id:guid}/subscriptions", ListAsync).WithTags("contacts").WithName("listContactSubscriptions").WithSummary(
            "A contact's subscriptions, by name, as far as the caller may see them: the context information subscription:{service}, how each stands now. One that has ended is among them until it is cleared or expires.");

    static async Task<Results<Ok<Subscriptions>, Refusal>> ListAsync(
        SignedIn caller,
        ContactDoor door,
        [FromRoute(Name = "contact_id")] Guid contactId,
        string? service,
        string? plan,
        Word<SubscriptionStatus>? status,
        CancellationToken cancellationToken) =>
        (await door.ListSubscriptionsAsync(caller, contactId, new(service, plan, status?.Value), cancellationToken)).ToResult(found => new Subscriptions([.. found.Subscriptions.Select(Subscription.Of)]));
}

/// <summary>Which subscription the contacts in a list have; all members that are there are of one subscription.</summary>
/// <param name="Service">To this service.</param>
/// <param name="Plan">To this plan.</param>
/// <param name="Status">That stands so now.</param>
internal readonly record struct SubscriptionParameters(
    [property: FromQuery(Name = "subscription_service"), Description("Only contacts subscribed to this service, as far as the caller may see that.")] string? Service,
    [property: FromQuery(Name = "subscription_plan"), Description("Only contacts subscribed to this plan, letter by letter; with other members, by one subscription.")] string? Plan,
    [property: FromQuery(Name = "subscription_status"), Description("Only contacts with a subscription that stands so now; with other members, by one subscription.")] Word<SubscriptionStatus>? Status)
{
    public SubscriptionFilter ToFilter() => new(Service, Plan, Status?.Value);
}

/// <summary>Subscriptions of a contact.</summary>
/// <param name="Data">By name; what the account's disclosure rules hide looks as if it were not known.</param>
internal sealed record Subscriptions(IReadOnlyList<Subscription> Data);

/// <summary>A subscription of a contact, which is a piece of context information.</summary>
/// <param name="Service">To what.</param>
/// <param name="Plan">Which offer of it, in the account's own words; null where there is only one.</param>
/// <param name="Status">How it stands now: once it is over it has ended, and before it begins it is pending, whatever its value says.</param>
/// <param name="Since">When it began or will begin: an RFC 3339 date-time, or a full-date.</param>
/// <param name="Until">When it ends: an RFC 3339 date-time, or the last day as a full-date; null: it goes on.</param>
/// <param name="Reference">What the account's own systems know it by.</param>
/// <param name="Name">Of the context information: <c>subscription:{service}</c>, or <c>subscription:{service}/{which}</c>.</param>
/// <param name="Value">All of it, as it was set, with members that only the account knows.</param>
/// <param name="Source">Manual counts before inferred, inferred before what was looked up in a database.</param>
/// <param name="SetBy">Who set it; null for the server itself.</param>
/// <param name="SetAt">When (UTC).</param>
/// <param name="ExpiresAt">Until when it is known (UTC); null: until it is cleared.</param>
/// <param name="StaleSince">Since when the database has not confirmed it (UTC); null while it does.</param>
/// <param name="ConversationId">The conversation it was inferred from.</param>
internal sealed record Subscription(
    string Service,
    string? Plan,
    SubscriptionStatus Status,
    string? Since,
    string? Until,
    string? Reference,
    string Name,
    JsonElement Value,
    ContextSource Source,
    Guid? SetBy,
    DateTimeOffset SetAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? StaleSince,
    Guid? ConversationId)
{
    public static Subscription Of(ListedSubscription listed)
    {
        var (said, of) = (listed.Subscription.Value, listed.Of);
        return new(
            listed.Subscription.Service, said.Plan, listed.Status, said.Since, said.Until, said.Reference, of.Name, of.Value, of.Source, of.SetBy, of.SetAt, of.ExpiresAt, of.StaleSince, of.ConversationId);
    }
}
