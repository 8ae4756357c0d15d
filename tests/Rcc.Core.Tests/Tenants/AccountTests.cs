using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Devices;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Tests.Tenants;

/// <summary>The rules of a tenant, by example.</summary>
public class AccountTests
{
    static readonly Onboarding Acme = new("Acme", "acme", Guid.CreateVersion7(), "Mia", "mia@example.com", "hash");

    [Fact]
    [Trait("Catalogue", "RCC-20")]
    public void Onboarding_makes_the_tenant_and_its_first_administrator_in_one_commit()
    {
        var decision = Account.Onboard(Callers.Tenant, null, Acme, Callers.Noon);
        var change = decision.Change!;

        Assert.True(change.EvenIfSuspended);
        Assert.Equal("acme", Assert.Single(change.Rows.OfType<TenantRow>()).Slug);
        var master = Assert.Single(change.Rows.OfType<AgentRow>());
        Assert.Equal((Acme.MasterAgentId, Role.Administrator), (master.Id, master.Role));
        Assert.Equal([ItemKind.Account, ItemKind.Agent], change.Items.Select(item => item.Key.Kind));
        Assert.Contains(new(Acme.MasterAgentId, Audience.OfAgents(Callers.Tenant), MembershipState.Reads), change.Audiences);
        Assert.Equal(Callers.Tenant.Value, change.Answer.Id);
        Assert.Equal(ErrorCode.Taken, Account.Onboard(Callers.Tenant, decision.Next, Acme, Callers.Noon).Refusal!.Code);
    }

    [Fact]
    [Trait("Catalogue", "RCC-20")]
    public void Suspending_and_resuming_are_carried_out_although_the_tenant_is_suspended()
    {
        var suspended = Account.SetSuspended(Known(), suspended: true, Operator);
        Assert.True(suspended.Change!.EvenIfSuspended);
        Assert.True(Assert.Single(suspended.Change.Rows.OfType<TenantRow>()).Suspended);
        var resumed = Account.SetSuspended(suspended.Next, suspended: false, Operator);
        Assert.True(resumed.Change!.EvenIfSuspended);
        Assert.Equal(Known().Revision + 2, resumed.Next!.Revision);
        Assert.Equal(ErrorCode.NotFound, Account.SetSuspended(null, suspended: true, Operator).Refusal!.Code);
    }

    [Fact]
    public void Suspending_twice_changes_nothing_and_is_ok()
    {
        var suspended = Account.SetSuspended(Known(), suspended: true, Operator).Next!;
        Assert.Same(suspended, Account.SetSuspended(suspended, suspended: true, Operator).Next);
    }

    [Fact]
    public void Inboxes_and_keys_have_limits_that_are_named()
    {
        var limits = new TenantOptions { MaxInboxes = 2, MaxKeys = 3 };
        var inbox = new NewInbox(Guid.CreateVersion7(), "token", "Web", [1], HmacMandatory: false, []);
        var key = new NewKey(Guid.CreateVersion7(), "Robot", Scopes.ContactsWrite, [1]);
        Assert.Contains("MaxInboxes is 2", Inbox.Create(Known(), inbox, 2, limits).Refusal!.Detail, StringComparison.Ordinal);
        Assert.Contains("MaxKeys is 3", Account.CreateKey(Known(), key, 3, limits, Callers.Noon).Refusal!.Detail, StringComparison.Ordinal);
        Assert.Null(Inbox.Create(Known(), inbox, 1, limits).Refusal);
    }

    [Fact]
    public void A_key_that_has_expired_is_neither_made_nor_rotated()
    {
        var key = new NewKey(Guid.CreateVersion7(), "Robot", Scopes.ContactsWrite, [1]) { ExpiresAt = Callers.Noon };
        Assert.Equal(ErrorCode.Malformed, Account.CreateKey(Known(), key, 0, new(), Callers.Noon).Refusal!.Code);
        var made = Account.CreateKey(Known(), key, 0, new(), Callers.Noon.AddTicks(-1)).Change!;
        Assert.Equal(Callers.Noon, Assert.Single(made.Rows.OfType<DeviceRow>()).ExpiresAt);
        Assert.Contains("2026", Assert.Single(made.Act!.Changes, change => change.Member == "expires_at").To, StringComparison.Ordinal);

        var device = new DeviceSnapshot(key.Id, 1, "Robot", Callers.Noon);
        Assert.Equal(ErrorCode.Conflict, Account.RotateKey(Known(), exists: true, device, new([3], null), new(), Callers.Noon, key.ExpiresAt).Refusal!.Code);
        Assert.Null(Account.RotateKey(Known(), exists: true, device, new([3], null), new(), Callers.Noon.AddTicks(-1), key.ExpiresAt).Refusal);
    }

    [Fact]
    public void The_provider_is_the_only_way_in_as_long_as_there_is_one_and_each_of_both_decisions_rests_on_the_other()
    {
        var provider = new ProviderSnapshot(7, new("https://login.example", "rcc", [1], ["https://desk.example/"]));
        var only = new AccountChange { Policies = new() { SignIn = SignInWay.OidcOnly } };
        Assert.Equal(ErrorCode.Conflict, Account.Edit(Known(), only).Refusal!.Code);
        Assert.Equal(ErrorCode.Conflict, Account.Edit(Known(), only, provider with { Provider = null }).Refusal!.Code);
        var decided = Account.Edit(Known(), only, provider);
        Assert.Contains(new ItemFence(IdentityProvider.Key(Callers.Tenant), 7), decided.Change!.Fences);

        Assert.Equal(ErrorCode.Conflict, IdentityProvider.Set(Callers.Tenant, provider, null, decided.Next).Refusal!.Code);
        var removed = IdentityProvider.Set(Callers.Tenant, provider, null, Known());
        Assert.Contains(new ItemFence(new(ItemKind.Account, Callers.Tenant.Value), Known().Revision), removed.Change!.Fences);
        Assert.Null(IdentityProvider.Set(Callers.Tenant, provider, provider.Provider, null).Refusal);
    }

    [Fact]
    public void Changing_an_inbox_moves_its_own_revision_which_is_its_fence()
    {
        var row = new InboxRow { Id = Guid.CreateVersion7(), Identifier = "token", Name = "Web", AllowedOrigins = ["https://a.example"] };
        var decision = Inbox.Edit(Known(), new(Callers.Tenant, row, 1), new() { HmacMandatory = true });

        Assert.Equal(Known(), decision.Next);
        var item = Assert.Single(decision.Change!.Items);
        Assert.Equal((new ItemKey(ItemKind.Inbox, row.Id), 2), (item.Key, item.Revision));
        Assert.Equal(row with { HmacMandatory = true }, Assert.Single(decision.Change.Rows.OfType<InboxRow>()));
        Assert.Equal(ErrorCode.NotFound, Inbox.Edit(Known(), null, new()).Refusal!.Code);
    }

    [Fact]
    public void A_key_is_a_device_of_its_own_person_and_is_revoked_like_one()
    {
        var key = new NewKey(Guid.CreateVersion7(), "Robot", Scopes.ContactsWrite | Scopes.Inboxes, [1, 2]);
        var made = Account.CreateKey(Known(), key, 0, new(), Callers.Noon).Change!;
        var row = Assert.Single(made.Rows.OfType<DeviceRow>());
        Assert.Equal((key.Id, key.Id, Role.Application, key.Scopes), (row.Id, row.PersonId, row.Role, row.Scopes));

        var revoked = Account.RevokeKey(Known(), exists: true, new(key.Id, 1, "Robot", Callers.Noon), Callers.Noon).Change!;
        Assert.Equal(key.Id, Assert.Single(revoked.Rows.OfType<DeviceSignOutRow>()).Id);
        Assert.Equal(2, Assert.Single(revoked.Items).Revision);
        Assert.Empty(Account.RevokeKey(Known(), exists: true, null, Callers.Noon).Change!.Rows);
        Assert.Equal(ErrorCode.NotFound, Account.RevokeKey(Known(), exists: false, new(key.Id, 1, "Ben's desk", Callers.Noon), Callers.Noon).Refusal!.Code);
    }

    [Fact]
    public void Rotating_a_key_moves_its_device_so_that_rotations_and_revocations_are_decided_one_after_the_other()
    {
        var device = new DeviceSnapshot(Guid.CreateVersion7(), 1, "Robot", Callers.Noon);
        var limits = new TenantOptions { KeyOverlap = TimeSpan.FromHours(2) };

        var rotated = Account.RotateKey(Known(), exists: true, device, new([3], TimeSpan.FromHours(1)), limits, Callers.Noon).Change!;

        Assert.Equal(new KeyRotationRow { Id = device.Id, CredentialHash = [3], PreviousUntil = Callers.Noon.AddHours(1) }, Assert.Single(rotated.Rows), (a, b) => a.ToString() == b.ToString());
        Assert.Equal((2, "rotate"), (Assert.Single(rotated.Items).Revision, rotated.Act!.Action));
        Assert.Equal(Callers.Noon.AddHours(2), ((KeyRotationRow)Assert.Single(Account.RotateKey(Known(), exists: true, device, new([3], null), limits, Callers.Noon).Change!.Rows)).PreviousUntil);
        Assert.Contains("KeyOverlap, 02:00:00", Account.RotateKey(Known(), exists: true, device, new([3], TimeSpan.FromHours(3)), limits, Callers.Noon).Refusal!.Detail, StringComparison.Ordinal);
        Assert.Equal(ErrorCode.Conflict, Account.RotateKey(Known(), exists: true, null, new([3], null), limits, Callers.Noon).Refusal!.Code);
        Assert.Equal(ErrorCode.NotFound, Account.RotateKey(Known(), exists: false, device, new([3], null), limits, Callers.Noon).Refusal!.Code);
    }

    [Fact]
    [Trait("Catalogue", "RCC-21")]
    public void What_was_agreed_is_changed_by_the_operator_also_while_the_account_is_suspended_and_agents_are_told_the_services()
    {
        var terms = new Terms { Plan = "small", Services = Services.Transfers | Services.ContextLookup };
        var change = Account.SetTerms(Known() with { Suspended = true }, terms, Operator).Change!;

        Assert.True(change.EvenIfSuspended);
        Assert.Equal(terms, Assert.Single(change.Rows.OfType<TenantRow>()).Terms);
        Assert.Equal((Operator, "update"), (change.Act!.OperatorId!.Value, change.Act.Action));
        var state = System.Text.Json.JsonSerializer.Deserialize(Assert.Single(change.Items).State.AsSpan(), Contracts.ContractJson.Default.AccountState)!;
        Assert.Equal(["transfers", "contextLookup"], state.Services);
        Assert.Equal(ErrorCode.NotFound, Account.SetTerms(null, terms, Operator).Refusal!.Code);
    }

    [Fact]
    [Trait("Catalogue", "RCC-32")]
    public void A_deletion_waits_may_be_cancelled_and_ends_the_tenant_when_it_is_due()
    {
        var limits = new TenantOptions { DeletionWait = TimeSpan.FromDays(7) };

        var asked = Account.Delete(Known() with { Suspended = true }, Operator, limits, Callers.Noon);
        Assert.True(asked.Change!.EvenIfSuspended);
        Assert.Equal(new TenantDeletion(Callers.Noon.AddDays(7), Operator), Assert.Single(asked.Change.Rows.OfType<TenantRow>()).Deletion);
        Assert.Equal(Callers.Noon.AddDays(7), State(asked).DeletesAt);
        var again = Account.Delete(asked.Next, Guid.CreateVersion7(), limits, Callers.Noon.AddDays(1));
        Assert.Equal((asked.Next, 0), (again.Next, again.Change!.Rows.Length));

        var cancelled = Account.CancelDeletion(asked.Next, Operator);
        Assert.Null(Assert.Single(cancelled.Change!.Rows.OfType<TenantRow>()).Deletion);
        Assert.Equal("cancel_deletion", cancelled.Change.Act!.Action);
        Assert.Empty(Account.CancelDeletion(cancelled.Next, Operator).Change!.Rows);
        Assert.Equal(ErrorCode.Conflict, Account.End(cancelled.Next, Callers.Noon.AddDays(8)).Refusal!.Code);

        Assert.Equal(ErrorCode.Conflict, Account.End(asked.Next, Callers.Noon.AddDays(7).AddTicks(-1)).Refusal!.Code);
        var ended = Account.End(asked.Next, Callers.Noon.AddDays(7));
        Assert.True(Assert.Single(ended.Change!.Rows.OfType<TenantRow>()).Ended);
        Assert.True(State(ended).Suspended);
        Assert.Equal(("delete", Operator), (ended.Change.Act!.Action, ended.Change.Act.OperatorId!.Value));

        static Contracts.Agents.AccountState State(Decision<TenantSnapshot> decision) =>
            System.Text.Json.JsonSerializer.Deserialize(Assert.Single(decision.Change!.Items).State.AsSpan(), Contracts.ContractJson.Default.AccountState)!;
    }

    [Fact]
    public void What_was_never_agreed_is_read_as_everything_there_is()
    {
        var terms = System.Text.Json.JsonSerializer.Deserialize("{}", TenantJson.Default.Terms);
        Assert.Equal(new Terms(), terms);
    }

    [Fact]
    public void An_edit_keeps_what_it_does_not_name()
    {
        var known = Known() with { Terms = new() { Plan = "small" }, Branding = new() { PrimaryColor = "#102030" }, Policies = new() { AuditRetentionDays = 90 } };
        var decision = Account.Edit(known, new() { Name = "Acme Ltd" });

        Assert.Equal(known with { Name = "Acme Ltd", Revision = known.Revision + 1 }, decision.Next);
        var row = Assert.Single(decision.Change!.Rows.OfType<TenantRow>());
        Assert.Equal((known.Terms, known.Branding, known.Policies), (row.Terms, row.Branding, row.Policies));
        Assert.Equal(("name", "\"Acme Ltd\""), (Assert.Single(decision.Change.Act!.Changes).Member, decision.Change.Act.Changes[0].To));
    }

    [Fact]
    public void Without_an_agreement_on_services_every_service_is_there_and_with_one_only_its_own()
    {
        Assert.All(Enum.GetValues<Services>(), service => Assert.True(new Terms().Has(service)));
        var terms = new Terms { Services = Services.Transfers | Services.Oidc };
        Assert.True(terms.Has(Services.Oidc));
        Assert.False(terms.Has(Services.Queues));
        Assert.False(terms.Has(Services.Transfers | Services.Queues));
    }

    static readonly Guid Operator = Guid.CreateVersion7();

    static TenantSnapshot Known() => new(Callers.Tenant, 5, "Acme", "acme", Suspended: false, Callers.Noon);
}
