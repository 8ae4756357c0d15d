using System.Collections.Immutable;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rcc.Contracts.Tenants;
using Rcc.Core.Access;
using Rcc.Core.Tenants;
using Rcc.Server.Access;

namespace Rcc.Server.Tenants;

/// <summary>Inboxes: the customers' ways in.</summary>
internal static class InboxEndpoints
{
    public static void MapInboxes(this IEndpointRouteBuilder account)
    {
        var inboxes = account.MapGroup("/inboxes").WithTags("inboxes");
        inboxes.MapGet("", ListAsync).WithName("listInboxes").WithSummary("Lists inboxes, oldest first.");
        inboxes.MapPost("", CreateAsync).WithName("createInbox").WithSummary("Makes an inbox. Its public identifier and its identity secret are the server's.");
        inboxes.MapGet("/{inbox_id:guid}", FindAsync).WithName("getInbox").WithSummary("One inbox.");
        inboxes.MapPatch("/{inbox_id:guid}", ChangeAsync).WithName("changeInbox").WithSummary("Changes an inbox; absent members stay.");
        inboxes.MapPost("/{inbox_id:guid}/archive", ArchiveAsync).WithName("archiveInbox").WithSummary("From now on the inbox takes no new contacts and no new conversations. What there is goes on, and stays.");
        inboxes.MapPost("/{inbox_id:guid}/restore", RestoreAsync).WithName("restoreInbox").WithSummary("Lets an archived inbox take contacts and conversations again.");
        inboxes.MapPost("/{inbox_id:guid}/rotate_secret", RotateAsync).WithName("rotateInboxSecret")
            .WithSummary("Makes another identity secret: the one it had stays good for the overlap, one it had before that ends at once.");
        inboxes.MapDelete("/{inbox_id:guid}", RemoveAsync).WithName("removeInbox").WithSummary("Removes an archived inbox that never had a conversation.");
    }

    static Task<Results<Ok<Page<Inbox>>, Refusal>> ListAsync(SignedIn caller, AccountDoor door, [AsParameters] PageParameters page, CancellationToken cancellationToken) =>
        page.ReadAsync(from => door.ListInboxesAsync(caller, from, cancellationToken), Inbox.Of, i => i.Row.Id);

    static async Task<Results<Created<Inbox>, Refusal>> CreateAsync([AsParameters] CommandTo<AccountDoor> to, NewInbox body)
    {
        var outcome = await to.Door.CreateInboxAsync(
            to.Caller, new() { Name = body.Name, HmacMandatory = body.HmacMandatory, AllowedOrigins = [.. body.AllowedOrigins ?? []], QueueId = body.QueueId, Departments = ToDepartments(body.Departments) ?? [] }, to.Attempt, to.CancellationToken);
        if (!outcome.IsOk) return new Refusal(outcome);
        var made = await to.Door.FindInboxAsync(to.Caller, Answers.IdOf(outcome), to.CancellationToken);
        return made.IsOk ? TypedResults.Created((string?)null, Inbox.Of(made.Value)) : new Refusal(made.Outcome);
    }

    static async Task<Results<Ok<Inbox>, Refusal>> FindAsync(SignedIn caller, AccountDoor door, [FromRoute(Name = "inbox_id")] Guid inboxId, CancellationToken cancellationToken) =>
        (await door.FindInboxAsync(caller, inboxId, cancellationToken)).ToResult(Inbox.Of);

    static async Task<Results<NoContent, Refusal>> ChangeAsync([AsParameters] CommandTo<AccountDoor> to, [FromRoute(Name = "inbox_id")] Guid inboxId, InboxPatch body)
    {
        var change = new InboxChange
        {
            Name = body.Name,
            HmacMandatory = body.HmacMandatory,
            AllowedOrigins = body.AllowedOrigins is null ? null : [.. body.AllowedOrigins],
            QueueId = body.QueueId,
            Departments = ToDepartments(body.Departments),
        };
        return (await to.Door.ChangeInboxAsync(to.Caller, inboxId, change, to.Attempt, to.CancellationToken)).ToNoContent();
    }

    static ImmutableArray<Department>? ToDepartments(IReadOnlyList<InboxDepartment>? departments) =>
        departments is null ? null : [.. departments.Select(department => new Department(department.Id, department.Name))];

    static Task<Results<NoContent, Refusal>> ArchiveAsync([AsParameters] CommandTo<AccountDoor> to, [FromRoute(Name = "inbox_id")] Guid inboxId) =>
        to.Door.SetInboxArchivedAsync(to.Caller, inboxId, archived: true, to.Attempt, to.CancellationToken).ToNoContentAsync();

    static Task<Results<NoContent, Refusal>> RestoreAsync([AsParameters] CommandTo<AccountDoor> to, [FromRoute(Name = "inbox_id")] Guid inboxId) =>
        to.Door.SetInboxArchivedAsync(to.Caller, inboxId, archived: false, to.Attempt, to.CancellationToken).ToNoContentAsync();

    static async Task<Results<Ok<Inbox>, Refusal>> RotateAsync([AsParameters] CommandTo<AccountDoor> to, [FromRoute(Name = "inbox_id")] Guid inboxId, SecretToRotate? body)
    {
        var overlap = body?.OverlapSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
        var outcome = await to.Door.RotateInboxSecretAsync(to.Caller, inboxId, overlap, to.Attempt, to.CancellationToken);
        return outcome.IsOk ? (await to.Door.FindInboxAsync(to.Caller, inboxId, to.CancellationToken)).ToResult(Inbox.Of) : new Refusal(outcome);
    }

    static Task<Results<NoContent, Refusal>> RemoveAsync([AsParameters] CommandTo<AccountDoor> to, [FromRoute(Name = "inbox_id")] Guid inboxId) =>
        to.Door.RemoveInboxAsync(to.Caller, inboxId, to.Attempt, to.CancellationToken).ToNoContentAsync();
}

/// <summary>An inbox.</summary>
/// <param name="Id">The inbox.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Identifier">Its public identifier: what customers come in by.</param>
/// <param name="IdentitySecret">The key that signs customers' identifiers; null for who may not see it, and when it was sealed with a key this server has not: then it must be rotated.</param>
/// <param name="HmacMandatory">Only customers with a signed identifier.</param>
/// <param name="AllowedOrigins">Origins a browser may come from; empty: any.</param>
/// <param name="QueueId">Where its conversations wait; null: in the queue every account has.</param>
/// <param name="Departments">What contacts may choose instead, in the order in which they are offered.</param>
/// <param name="Archived">It takes no new contacts and no new conversations.</param>
/// <param name="PreviousSecretValidUntil">When the identity secret it had before its last rotation ends, or ended (UTC).</param>
internal sealed record Inbox(
    Guid Id, string Name, string Identifier, string? IdentitySecret, bool HmacMandatory, IReadOnlyList<string> AllowedOrigins, Guid? QueueId, IReadOnlyList<InboxDepartment> Departments, bool Archived,
    DateTimeOffset? PreviousSecretValidUntil)
{
    public static Inbox Of(InboxSheet inbox) => new(
        inbox.Row.Id,
        inbox.Row.Name,
        inbox.Row.Identifier,
        inbox.IdentitySecret,
        inbox.Row.HmacMandatory,
        [.. inbox.Row.AllowedOrigins],
        inbox.Row.QueueId,
        [.. inbox.Row.Departments.Select(department => new InboxDepartment(department.QueueId, department.Name))],
        inbox.Row.IsArchived,
        inbox.PreviousUntil);
}

/// <summary>How an identity secret is to be replaced.</summary>
/// <param name="OverlapSeconds">How long the one it has stays good: 0 ends it at once, which is right for one that leaked; at most, and by default, the server's <c>KeyOverlap</c>.</param>
internal sealed record SecretToRotate(int? OverlapSeconds = null);

/// <summary>An inbox to make.</summary>
/// <param name="Name">1 … 100 characters.</param>
/// <param name="HmacMandatory">Only customers with a signed identifier.</param>
/// <param name="AllowedOrigins">Origins (RFC 6454) a browser may come from; absent or empty: any.</param>
/// <param name="QueueId">Where its conversations wait; absent: in the queue every account has.</param>
/// <param name="Departments">What contacts may choose instead, each a queue with the name they read, once each; the server limits how many.</param>
internal sealed record NewInbox(string Name, bool HmacMandatory = false, IReadOnlyList<string>? AllowedOrigins = null, Guid? QueueId = null, IReadOnlyList<InboxDepartment>? Departments = null);

/// <summary>What to change of an inbox; absent members stay.</summary>
/// <param name="Name">1 … 100 characters.</param>
/// <param name="HmacMandatory">Only customers with a signed identifier.</param>
/// <param name="AllowedOrigins">Origins a browser may come from; empty: any.</param>
/// <param name="QueueId">Where its conversations wait; the account's own id names the queue every account has.</param>
/// <param name="Departments">All that contacts may choose instead; empty: nothing.</param>
internal sealed record InboxPatch(
    string? Name = null, bool? HmacMandatory = null, IReadOnlyList<string>? AllowedOrigins = null, Guid? QueueId = null, IReadOnlyList<InboxDepartment>? Departments = null);
