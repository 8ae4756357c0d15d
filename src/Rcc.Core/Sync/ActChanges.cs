using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Rcc.Core.Sync;

/// <summary>Tells what an act changed: two states side by side, of which the members that differ are kept. Names become those of the public API, in values as well.</summary>
public sealed class ActChanges
{
    readonly ImmutableArray<ActChange>.Builder changes = ImmutableArray.CreateBuilder<ActChange>();

    ActChanges()
    {
    }

    /// <summary>Nothing so far.</summary>
    public static ActChanges None => new();

    /// <summary>The changes of one value: of what was made, <paramref name="from"/> is null; of what was taken away, <paramref name="to"/>.</summary>
    public static ActChanges Of(string member, string? from, string? to) => new ActChanges().And(member, from, to);

    /// <summary>The members of two states that differ.</summary>
    public static ActChanges Of<T>(T? from, T? to, JsonTypeInfo<T> shape)
        where T : class => new ActChanges().And(from, to, shape);

    public ActChanges And(string member, string? from, string? to) => Add(member, from is null ? null : JsonValue.Create(from), to is null ? null : JsonValue.Create(to));

    public ActChanges And(string member, Guid? from, Guid? to) => Add(member, from is { } old ? JsonValue.Create(old) : null, to is { } now ? JsonValue.Create(now) : null);

    public ActChanges And(string member, bool? from, bool? to) => Add(member, from is { } old ? JsonValue.Create(old) : null, to is { } now ? JsonValue.Create(now) : null);

    public ActChanges And(string member, int? from, int? to) => Add(member, from is { } old ? JsonValue.Create(old) : null, to is { } now ? JsonValue.Create(now) : null);

    /// <summary>A choice; of flags, all that are set.</summary>
    public ActChanges And<T>(string member, T? from, T? to)
        where T : struct, Enum => Add(member, WordOf(from), WordOf(to));

    public ActChanges And(string member, IEnumerable<string>? from, IEnumerable<string>? to) => Add(member, ListOf(from), ListOf(to));

    public ActChanges And(string member, IEnumerable<Guid>? from, IEnumerable<Guid>? to) => And(member, from?.Select(id => id.ToString()), to?.Select(id => id.ToString()));

    /// <summary>The members of two states that differ, each under the name of what they are members of.</summary>
    public ActChanges And<T>(T? from, T? to, JsonTypeInfo<T> shape, string? of = null)
        where T : class
    {
        var (before, after) = (MembersOf(from, shape), MembersOf(to, shape));
        foreach (var name in before.Concat(after).Select(member => member.Key).Distinct(StringComparer.Ordinal).ToList())
        {
            Add(of is null ? name : $"{of}.{name}", before[name], after[name]);
        }

        return this;
    }

    /// <summary>A secret, or what may be the text of a message: that it is another is all that is kept of it.</summary>
    public ActChanges AndUnseen(string member, bool isAnother)
    {
        if (isAnother)
        {
            changes.Add(new(member, null, null));
        }

        return this;
    }

    public ImmutableArray<ActChange> ToImmutable() => changes.ToImmutable();

    ActChanges Add(string member, JsonNode? from, JsonNode? to)
    {
        if (!JsonNode.DeepEquals(from, to))
        {
            changes.Add(new(member, from?.ToJsonString(), to?.ToJsonString()));
        }

        return this;
    }

    static JsonNode? WordOf<T>(T? value)
        where T : struct, Enum
    {
        if (value is not { } chosen)
        {
            return null;
        }

        return typeof(T).IsDefined(typeof(FlagsAttribute), inherit: false)
            ? ListOf(Enum.GetValues<T>().Where(flag => System.Numerics.BitOperations.IsPow2(Convert.ToInt64(flag, null)) && chosen.HasFlag(flag)).Select(flag => Word(flag.ToString())))
            : JsonValue.Create(Word(chosen.ToString()));
    }

    static JsonArray? ListOf(IEnumerable<string>? values) => values is null ? null : new JsonArray([.. values.Select(value => (JsonNode?)JsonValue.Create(value))]);

    static JsonObject MembersOf<T>(T? state, JsonTypeInfo<T> shape)
        where T : class => state is null ? [] : InWords(JsonSerializer.SerializeToNode(state, shape)) as JsonObject ?? [];

    static JsonNode? InWords(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(Word(member.Key), InWords(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(InWords)]),
        _ => node?.DeepClone(),
    };

    static string Word(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name).Replace("group", "team", StringComparison.Ordinal);
}
