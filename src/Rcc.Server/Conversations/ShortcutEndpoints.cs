using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rcc.Core.Access;
using Rcc.Core.Sync;
using Rcc.Server.Access;

namespace Rcc.Server.Conversations;

/// <summary>Canned responses and macros.</summary>
internal static class ShortcutEndpoints
{
    public static void MapShortcuts(this IEndpointRouteBuilder account)
    {
        var responses = account.MapGroup("/canned_responses").WithTags("canned_responses");
        responses.MapGet("", ListResponsesAsync).WithName("listCannedResponses").WithSummary("Lists the account's and the teams' canned responses, and the caller's own, oldest first.");
        responses.MapPost("", CreateResponseAsync).WithName("createCannedResponse").WithSummary("Makes a canned response: of the account, of a team, or of the caller.");
        responses.MapGet("/{canned_response_id:guid}", FindResponseAsync).WithName("getCannedResponse").WithSummary("One canned response.");
        responses.MapPut("/{canned_response_id:guid}", EditResponseAsync).WithName("changeCannedResponse").WithSummary("Replaces its short code and content; whose it is stays.");
        responses.MapDelete("/{canned_response_id:guid}", DeleteResponseAsync).WithName("deleteCannedResponse").WithSummary("Removes it for ever.");

        var macros = account.MapGroup("/macros").WithTags("macros");
        macros.MapGet("", ListMacrosAsync).WithName("listMacros").WithSummary("Lists the account's and the teams' macros, and the caller's own, oldest first.");
        macros.MapPost("", CreateMacroAsync).WithName("createMacro").WithSummary("Makes a macro: of the account, of a team, or of the caller.");
        macros.MapGet("/{macro_id:guid}", FindMacroAsync).WithName("getMacro").WithSummary("One macro.");
        macros.MapPut("/{macro_id:guid}", EditMacroAsync).WithName("changeMacro").WithSummary("Replaces its name and actions; whose it is stays.");
        macros.MapDelete("/{macro_id:guid}", DeleteMacroAsync).WithName("deleteMacro").WithSummary("Removes it for ever.");
    }

    static Task<Results<Ok<Page<CannedResponse>>, Refusal>> ListResponsesAsync(SignedIn caller, ShortcutDoor door, [AsParameters] PageParameters page, CancellationToken cancellationToken) =>
        page.ReadAsync(from => door.ListAsync(caller, ItemKind.CannedResponse, from, cancellationToken), CannedResponse.Of, one => one.Id);

    static Task<Results<Ok<Page<SavedMacro>>, Refusal>> ListMacrosAsync(SignedIn caller, ShortcutDoor door, [AsParameters] PageParameters page, CancellationToken cancellationToken) =>
        page.ReadAsync(from => door.ListAsync(caller, ItemKind.Macro, from, cancellationToken), SavedMacro.Of, one => one.Id);

    static Task<Results<Created<Created>, Refusal>> CreateResponseAsync([AsParameters] CommandTo<ShortcutDoor> to, NewCannedResponse body) =>
        to.Door.CreateAsync(to.Caller, ItemKind.CannedResponse, body.ToState(), to.Attempt, to.CancellationToken).ToCreatedAsync();

    static Task<Results<Created<Created>, Refusal>> CreateMacroAsync([AsParameters] CommandTo<ShortcutDoor> to, NewMacro body) =>
        to.Door.CreateAsync(to.Caller, ItemKind.Macro, body.ToState(), to.Attempt, to.CancellationToken).ToCreatedAsync();

    static async Task<Results<Ok<CannedResponse>, Refusal>> FindResponseAsync(
        SignedIn caller, ShortcutDoor door, [FromRoute(Name = "canned_response_id")] Guid id, CancellationToken cancellationToken) =>
        (await door.FindAsync(caller, ItemKind.CannedResponse, id, cancellationToken)).ToResult(CannedResponse.Of);

    static async Task<Results<Ok<SavedMacro>, Refusal>> FindMacroAsync(
        SignedIn caller, ShortcutDoor door, [FromRoute(Name = "macro_id")] Guid id, CancellationToken cancellationToken) =>
        (await door.FindAsync(caller, ItemKind.Macro, id, cancellationToken)).ToResult(SavedMacro.Of);

    static Task<Results<NoContent, Refusal>> EditResponseAsync([AsParameters] CommandTo<ShortcutDoor> to, [FromRoute(Name = "canned_response_id")] Guid id, CannedResponseContent body) =>
        to.Door.EditAsync(to.Caller, ItemKind.CannedResponse, id, body.ToState(), to.Attempt, to.CancellationToken).ToNoContentAsync();

    static Task<Results<NoContent, Refusal>> EditMacroAsync([AsParameters] CommandTo<ShortcutDoor> to, [FromRoute(Name = "macro_id")] Guid id, MacroContent body) =>
        to.Door.EditAsync(to.Caller, ItemKind.Macro, id, body.ToState(), to.Attempt, to.CancellationToken).ToNoContentAsync();

    static async Task<Results<NoContent, Refusal>> DeleteResponseAsync(
        SignedIn caller, ShortcutDoor door, [FromRoute(Name = "canned_response_id")] Guid id, CancellationToken cancellationToken) =>
        (await door.DeleteAsync(caller, ItemKind.CannedResponse, id, cancellationToken)).ToNoContent();

    static async Task<Results<NoContent, Refusal>> DeleteMacroAsync(SignedIn caller, ShortcutDoor door, [FromRoute(Name = "macro_id")] Guid id, CancellationToken cancellationToken) =>
        (await door.DeleteAsync(caller, ItemKind.Macro, id, cancellationToken)).ToNoContent();
}
