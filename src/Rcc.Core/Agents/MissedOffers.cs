using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Rcc.Core.Sync;

namespace Rcc.Core.Agents;

/// <summary>
/// Offers in a row that an agent has left unanswered. Each is counted in the commit that ends the offer, and fenced like any item: no restart forgets one, and no second live copy of a grain counts one twice.
/// </summary>
/// <param name="AgentId">The agent.</param>
/// <param name="Revision">The revision of the stored count; 0: none is stored.</param>
/// <param name="Count">How many.</param>
public sealed record MissedOffers(Guid AgentId, int Revision, int Count)
{
    public static ItemKey Key(Guid agent) => new(ItemKind.MissedOffers, agent);

    public static MissedOffers Read(Guid agent, StoredItem? item) =>
        item is null ? new(agent, 0, 0) : new(agent, item.Revision, int.Parse(item.State.AsSpan(), NumberStyles.None, CultureInfo.InvariantCulture));

    /// <summary>The agent leaves one more unanswered.</summary>
    public ItemChange Missed() => To(Count + 1);

    /// <summary>The agent answers, or is away for it: the next one is the first again. Null where nothing was counted.</summary>
    public ItemChange? Forgotten() => Count == 0 ? null : To(0);

    ItemChange To(int count) =>
        new(Key(AgentId), Revision + 1, ImmutableArray.Create(Encoding.UTF8.GetBytes(count.ToString(CultureInfo.InvariantCulture))), Audience.OfNobody, []);
}
