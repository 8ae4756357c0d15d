using System.Runtime.InteropServices;
using Rcc.Contracts.Conversations;

namespace Rcc.Client.Sync;

/// <summary>A lane of a conversation: what has a dense seq of its own.</summary>
/// <param name="ConversationId">The conversation.</param>
/// <param name="Lane">The lane.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct LaneId(Guid ConversationId, Lane Lane)
{
    /// <summary>The lane as the contract writes it.</summary>
    public string LaneName => Lane == Lane.Notes ? "notes" : "public";

    public override string ToString() => $"{ConversationId:D}/{LaneName}";
}

/// <summary>What an item is known by.</summary>
/// <param name="Kind">One of <see cref="Contracts.Sync.ItemKinds"/>, or one this client does not know.</param>
/// <param name="Id">The object's id.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ItemKey(string Kind, string Id);
