using Microsoft.AspNetCore.Http.HttpResults;
using Rcc.Contracts;
using Rcc.Core.Access;
using Rcc.Server.Access;

namespace Rcc.Server;

/// <summary>The id of what was made.</summary>
internal sealed record Created(Guid Id);

/// <summary>A page of a list.</summary>
/// <param name="Data">In the list's order.</param>
/// <param name="NextCursor">Give it as <c>cursor</c> to get the next page; null on the last one.</param>
internal sealed record Page<T>(IReadOnlyList<T> Data, string? NextCursor);

/// <summary>Turns what the doors answer into HTTP.</summary>
internal static class Answers
{
    public static Results<Ok<TBody>, Refusal> ToResult<T, TBody>(this Found<T> found, Func<T, TBody> body)
        where T : class => found.IsOk ? TypedResults.Ok(body(found.Value)) : new Refusal(found.Outcome);

    public static Results<Ok<Page<TBody>>, Refusal> ToPage<T, TBody>(this Found<Listing<T>> found, Func<T, TBody> body, Func<T, string> cursor)
    {
        if (!found.IsOk) return new Refusal(found.Outcome);
        var items = found.Value.Items;
        return TypedResults.Ok(new Page<TBody>([.. items.Select(body)], found.Value.More ? cursor(items[^1]) : null));
    }

    /// <summary>Answers a page of a list that is ordered by id.</summary>
    public static async Task<Results<Ok<Page<TBody>>, Refusal>> ReadAsync<T, TBody>(
        this PageParameters page, Func<PageOf, Task<Found<Listing<T>>>> read, Func<T, TBody> body, Func<T, Guid> id) =>
        Cursor.TryRead(page.Cursor, page.Limit, out var pageOf) ? (await read(pageOf)).ToPage(body, item => Cursor.Of(id(item))) : new Refusal(Cursor.Refusal);

    public static Results<NoContent, Refusal> ToNoContent(this Outcome outcome) => outcome.IsOk ? TypedResults.NoContent() : new Refusal(outcome);

    public static async Task<Results<NoContent, Refusal>> ToNoContentAsync(this Task<Outcome> outcome) => (await outcome).ToNoContent();

    public static Results<Created<TBody>, Refusal> ToCreated<TBody>(this Outcome outcome, Func<Outcome, TBody> body) =>
        outcome.IsOk ? TypedResults.Created((string?)null, body(outcome)) : new Refusal(outcome);

    public static Results<Created<Created>, Refusal> ToCreated(this Outcome outcome) => outcome.ToCreated(o => new Created(IdOf(o)));

    public static async Task<Results<Created<Created>, Refusal>> ToCreatedAsync(this Task<Outcome> outcome) => (await outcome).ToCreated();

    /// <summary>The id of what a command made: its absence is a defect of the door's.</summary>
    public static Guid IdOf(Outcome outcome) => outcome.Id ?? throw new InvalidOperationException("The command made something and did not name it.");
}
