using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Sync;
using Rcc.Contracts.Tenants;
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
    [Trait("Catalogue", "RCC-8")]
    public void Only_a_department_that_an_inbox_offers_can_be_chosen_and_its_changes_are_told()
    {
        var (sales, help) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var change = Inbox.Edit(Acme, Web, new() { Departments = [new(sales, "Sales"), new(help, "Help")] }).Change!;
        var offering = Web with { Row = Assert.Single(change.Rows.OfType<InboxRow>()) };
        Assert.Equal([new InboxDepartment(sales, "Sales"), new(help, "Help")], JsonSerializer.Deserialize(Assert.Single(change.Items).State.AsSpan(), ContractJson.Default.InboxState)!.Departments);
        Assert.Equal("departments", Assert.Single(change.Act!.Changes).Member);

        Assert.Null(Inbox.RefuseNew(offering));
        Assert.Null(Inbox.RefuseNew(offering, help));
        Assert.Equal("There is no such department.", Inbox.RefuseNew(offering, Guid.CreateVersion7())!.Detail);
        Assert.Equal(ErrorCode.NotFound, Inbox.RefuseNew(Web, sales)!.Code);
        Assert.Equal(ErrorCode.Archived, Inbox.RefuseNew(offering with { Row = offering.Row with { IsArchived = true } }, sales)!.Code);
        Assert.Equal(2, Assert.Single(Inbox.Edit(Acme, offering, new() { Name = "Shop" }).Change!.Rows.OfType<InboxRow>()).Departments.Length);
        Assert.Empty(Assert.Single(Inbox.Edit(Acme, offering, new() { Departments = [] }).Change!.Rows.OfType<InboxRow>()).Departments);
    }

    [Fact]
    public void A_conversation_begins_only_while_its_inbox_is_as_it_was()
    {
        var opening = new Opening(Callers.Inbox, Guid.CreateVersion7(), "Ada", InboxRevision: 4);
        var change = Conversation.Open(Callers.Tenant, Guid.CreateVersion7(), opening, 1, 0, new(Callers.Noon, Guid.CreateVersion7(), null), new()).Change!;
        Assert.Contains(new(new(ItemKind.Inbox, Callers.Inbox), 4), change.Fences);
    }

    [Fact]
    public void A_rotated_secret_keeps_the_one_before_for_the_overlap_and_drops_the_one_before_that()
    {
        var (options, inbox) = (new TenantOptions { KeyOverlap = TimeSpan.FromHours(1) }, Web with { Secret = new() { Revision = 3, Current = [1], Previous = [0], PreviousUntil = Callers.Noon.AddMinutes(5) } });
        var change = Inbox.Rotate(Acme, inbox, new([2], null), options, Callers.Noon).Change!;
        var item = Assert.Single(change.Items);
        Assert.Equal((InboxSecret.Key(Callers.Inbox), 4, Audience.OfNobody), (item.Key, item.Revision, item.Home));
        Assert.Empty(item.Tell);
        var next = InboxSecret.Read(item.Revision, item.State.AsSpan());
        Assert.Equal<byte>([2], next.Current);
        Assert.Equal<byte>([1], next.Previous);
        Assert.Equal(Callers.Noon.AddHours(1), next.PreviousUntil);
        Assert.Contains(new(new(ItemKind.Inbox, Callers.Inbox), inbox.Revision), change.Fences);
        Assert.Equal(("inbox", "rotate_secret"), (change.Act!.ObjectType, change.Act.Action));
        Assert.Equal(Callers.Noon, InboxSecret.Read(1, Inbox.Rotate(Acme, inbox, new([2], TimeSpan.Zero), options, Callers.Noon).Change!.Items[0].State.AsSpan()).PreviousUntil);
        Assert.Equal(ErrorCode.TooLarge, Inbox.Rotate(Acme, inbox, new([2], TimeSpan.FromHours(2)), options, Callers.Noon).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, Inbox.Rotate(Acme, null, new([2], null), options, Callers.Noon).Refusal!.Code);
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
        Assert.Equal([ItemKind.Inbox, ItemKind.Dispositions, ItemKind.InboxSecret], change.Departures.Select(departure => departure.Key.Kind));
        Assert.All(change.Departures, departure => Assert.Equal((LeftReason.Deleted, true), (departure.Reason, departure.Delete)));
        Assert.Contains(new(new(ItemKind.Inbox, Callers.Inbox), 4), change.Fences);
        Assert.Equal("remove", change.Act!.Action);
    }
}
