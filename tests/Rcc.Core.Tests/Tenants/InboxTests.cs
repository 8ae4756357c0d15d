using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Sync;
using Rcc.Core.Conversations;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Tests.Tenants;

/// <summary>The rules of an inbox that is archived, restored and removed, by example.</summary>
public class InboxTests
{
    static readonly TenantSnapshot Acme = new(Callers.Tenant, 3, "Acme", "acme", Suspended: false, Callers.Noon);

    static readonly InboxSnapshot Web = Callers.TakingInbox;

    [Fact]
    public void An_archived_inbox_takes_nothing_new_and_its_agents_are_told()
    {
        Assert.Null(Inbox.RefuseNew(Web));
        var change = Inbox.SetArchived(Acme, Web, archived: true).Change!;
        Assert.Equal(("inbox", "archive"), (change.Act!.ObjectType, change.Act.Action));
        var item = Assert.Single(change.Items);
        Assert.Equal((new ItemKey(ItemKind.Inbox, Callers.Inbox), 5, Audience.OfAgents(Callers.Tenant)), (item.Key, item.Revision, item.Home));
        Assert.True(JsonSerializer.Deserialize(item.State.AsSpan(), ContractJson.Default.InboxState)!.Archived);
        var row = Assert.Single(change.Rows.OfType<InboxRow>());

        var archived = Web with { Row = row, Revision = 5 };
        Assert.Equal(ErrorCode.Archived, Inbox.RefuseNew(archived)!.Code);
        Assert.Empty(Inbox.SetArchived(Acme, archived, archived: true).Change!.Items);
        Assert.Null(Inbox.SetArchived(Acme, archived, archived: true).Change!.Act);
        var restored = Inbox.SetArchived(Acme, archived, archived: false).Change!;
        Assert.Null(Inbox.RefuseNew(archived with { Row = Assert.Single(restored.Rows.OfType<InboxRow>()) }));
        Assert.Equal("restore", restored.Act!.Action);
    }

    [Fact]
    public void A_conversation_begins_only_while_its_inbox_is_as_it_was()
    {
        var opening = new Opening(Callers.Inbox, Guid.CreateVersion7(), "Ada", InboxRevision: 4);
        var change = Conversation.Open(Callers.Tenant, Guid.CreateVersion7(), opening, 1, 0, new(Callers.Noon, Guid.CreateVersion7(), null), new()).Change!;
        Assert.Contains(new(new(ItemKind.Inbox, Callers.Inbox), 4), change.Fences);
    }

    [Fact]
    public void Only_an_archived_inbox_without_conversations_can_be_removed()
    {
        var archived = Web with { Row = Web.Row with { IsArchived = true } };
        Assert.Equal(ErrorCode.Conflict, Inbox.Remove(Acme, Web, isUsed: false).Refusal!.Code);
        Assert.Equal(ErrorCode.Conflict, Inbox.Remove(Acme, archived, isUsed: true).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, Inbox.Remove(Acme, null, isUsed: false).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, Inbox.RefuseNew(null)!.Code);
        var change = Inbox.Remove(Acme, archived, isUsed: false).Change!;
        Assert.True(Assert.Single(change.Rows.OfType<InboxRow>()).IsRemoved);
        Assert.Equal([ItemKind.Inbox, ItemKind.Dispositions], change.Departures.Select(departure => departure.Key.Kind));
        Assert.All(change.Departures, departure => Assert.Equal((LeftReason.Deleted, true), (departure.Reason, departure.Delete)));
        Assert.Contains(new(new(ItemKind.Inbox, Callers.Inbox), 4), change.Fences);
        Assert.Equal("remove", change.Act!.Action);
    }
}
