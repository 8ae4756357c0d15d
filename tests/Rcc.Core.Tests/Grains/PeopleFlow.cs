using System.Security.Cryptography;
using System.Text;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Sync;
using Rcc.Core.Access;

namespace Rcc.Core.Tests.Grains;

/// <summary>Agents, customers, keys and tenants through their doors, on the engine.</summary>
public abstract class PeopleFlow(IStage stage) : OneNodeFlow(stage)
{
    [Fact]
    [Trait("Catalogue", "RCC-35")]
    public async Task What_a_suspended_agent_had_goes_to_another()
    {
        var first = await Company.HireAsync(Availability.Online);
        var conversation = await Company.OpenAsync(await Company.VisitAsync());
        await Company.UntilAssignedAsync(conversation, first.PersonId);
        var second = await Company.HireAsync(Availability.Online);

        Company.Ok(await Node.Agents.SetSuspendedAsync(Company.Master, first.PersonId, suspended: true, Attempt.Unkeyed, CancellationToken.None));
        await Company.UntilAssignedAsync(conversation, second.PersonId);
        Assert.Empty((await Node.Agents.ListDevicesAsync(Company.Master, first.PersonId, CancellationToken.None)).Value!.Items);
        Assert.Equal(ErrorCode.Unauthenticated, (await Company.PostAsync(first, conversation, "Hello")).Code);
        Assert.Equal(ErrorCode.Unauthenticated, (await Node.Agents.SetAvailabilityAsync(first, new() { Number = 9, Availability = Availability.Online }, Attempt.Numbered, CancellationToken.None)).Code);
    }

    [Fact]
    [Trait("Catalogue", "RCC-39")]
    public async Task What_a_removed_agent_had_waits_again_although_nobody_is_there_and_its_address_is_free()
    {
        var agent = await Company.HireAsync(Availability.Online);
        var customer = await Company.VisitAsync();
        var conversation = await Company.OpenAsync(customer);
        await Company.UntilAssignedAsync(conversation, agent.PersonId);
        Company.Ok(await Company.PostAsync(agent, conversation, "Hello"));
        var email = (await Node.Agents.FindAsync(Company.Master, agent.PersonId, CancellationToken.None)).Value!.Email;

        Company.Ok(await Node.Agents.RemoveAsync(Company.Master, agent.PersonId, Attempt.Unkeyed, CancellationToken.None));
        Assert.Null((await Company.StateAsync(conversation)).AssigneeId);
        Assert.Equal(ErrorCode.Unauthenticated, (await Company.PostAsync(agent, conversation, "Still here")).Code);
        Assert.Null(await Node.Get<Core.Agents.IAgentStore>().FindLoginAsync("acme", email, CancellationToken.None));
        Assert.Equal("Ben", (await Node.Agents.FindAsync(Company.Master, agent.PersonId, CancellationToken.None)).Value!.State.Name);
        Assert.DoesNotContain((await Node.Agents.ListAsync(Company.Master, new(null, 100), CancellationToken.None)).Value!.Items, listed => listed.Id == agent.PersonId);
        Company.Ok(await Node.Agents.CreateAsync(Company.Master, new() { Name = "Bob", Email = email, PasswordHash = "hash" }, Attempt.Unkeyed, CancellationToken.None));
        Company.Ok(await Node.Agents.RemoveAsync(Company.Master, agent.PersonId, Attempt.Unkeyed, CancellationToken.None));
    }

    [Theory]
    [Trait("Catalogue", "RCC-39")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_cut_short_before_the_conversations_were_taken_back_is_finished_by_the_watch(bool isRemoved)
    {
        var agent = await Company.HireAsync(Availability.Online);
        var conversation = await Company.OpenAsync(await Company.VisitAsync());
        await Company.UntilAssignedAsync(conversation, agent.PersonId);

        // The grain commits that the agent is out; whoever was to take back what it has has died.
        var grain = Node.Get<IGrainFactory>().GetGrain<Core.Agents.IAgentGrain>(Company.Tenant.KeyOf(agent.PersonId));
        var answer = isRemoved
            ? await grain.RemoveAsync(Company.Master, null, CancellationToken.None)
            : await grain.SetSuspendedAsync(Company.Master, null, suspended: true, CancellationToken.None);
        Assert.True(answer.IsOk, answer.Detail);
        await Company.UntilAsync(async () => (await Company.StateAsync(conversation)).AssigneeId is null, "taken back");
        var other = await Company.HireAsync(Availability.Online);
        await Company.UntilAssignedAsync(conversation, other.PersonId);
    }

    [Fact]
    [Trait("Catalogue", "RCC-34")]
    public async Task An_invitation_is_accepted_once_by_whoever_was_sent_it()
    {
        var (sent, renewed) = (Company.Device().CredentialHash, Company.Device().CredentialHash);
        var made = Company.Ok(await Node.Agents.InviteAsync(Company.Master, new() { Email = "Ida@Example.com" }, sent, CancellationToken.None));
        Assert.Equal(ErrorCode.Taken, (await Node.Agents.InviteAsync(Company.Master, new() { Email = "ida@example.com" }, renewed, CancellationToken.None)).Code);
        var invited = (await Node.Agents.FindInvitationAsync(sent.AsMemory(), CancellationToken.None)).Value!;
        Assert.Equal((made.Id, "ida@example.com", made.At), (invited.AgentId, invited.Email, invited.ExpiresAt));

        Company.Ok(await Node.Agents.InviteAgainAsync(Company.Master, invited.AgentId, renewed, CancellationToken.None));
        Assert.Equal(ErrorCode.NotFound, (await Node.Agents.FindInvitationAsync(sent.AsMemory(), CancellationToken.None)).Outcome.Code);
        Assert.Equal(ErrorCode.NotFound, (await AcceptAsync(sent, "Eve")).Outcome.Code);
        var attempts = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => AcceptAsync(renewed, $"Ida {n}")));
        Assert.Single(attempts, attempt => attempt.IsOk);
        Assert.Equal(7, attempts.Count(attempt => attempt.Outcome.Code == ErrorCode.NotFound));
        Assert.Equal(Role.Agent, (await Company.SignInAsync(invited.AgentId, "ida@example.com")).Role);

        Task<Found<Core.Agents.Invited>> AcceptAsync(System.Collections.Immutable.ImmutableArray<byte> hash, string name) =>
            Node.Agents.AcceptInvitationAsync(hash, name, () => Task.FromResult("hash"), CancellationToken.None);
    }

    [Fact]
    [Trait("Catalogue", "RCC-20")]
    public async Task A_suspended_tenant_is_refused_until_it_is_resumed()
    {
        var customer = await Company.VisitAsync();
        var conversation = await Company.OpenAsync(customer);
        var platform = new Operator(Guid.NewGuid());
        Company.Ok(await Node.Platform.SetSuspendedAsync(platform, Company.Tenant, suspended: true, CancellationToken.None));
        Assert.Equal(ErrorCode.Suspended, (await Company.PostAsync(customer, conversation, "Hello")).Code);
        Assert.Equal(ErrorCode.Suspended, (await Node.Contacts.BeginSessionAsync(Company.Inbox.Identifier, new() { Device = Company.Device() }, CancellationToken.None)).Outcome.Code);
        Company.Ok(await Node.Platform.SetSuspendedAsync(platform, Company.Tenant, suspended: false, CancellationToken.None));
        Company.Ok(await Company.PostAsync(customer, conversation, "Hello"));
    }

    [Fact]
    public async Task A_draft_of_one_device_is_not_overwritten_by_another_that_has_not_seen_it()
    {
        var agent = await Company.HireAsync(Availability.Online);
        var conversation = await Company.OpenAsync(await Company.VisitAsync());
        await Company.UntilAssignedAsync(conversation, agent.PersonId);
        Assert.Equal(1, Company.Ok(await DraftAsync("Dear", 0)).Revision);
        Assert.Equal(2, Company.Ok(await DraftAsync("Dear Ada", 1)).Revision);
        Assert.Equal(ErrorCode.Conflict, (await DraftAsync("Hello", 1)).Code);
        Assert.Equal(3, Company.Ok(await DraftAsync("", null)).Revision);
        Assert.Equal(ErrorCode.TooLarge, (await DraftAsync(new('x', 32_769), null)).Code);
        Company.Ok(await Node.Agents.SetOpenConversationAsync(agent, new() { Number = Company.Next(), ConversationId = conversation }, Attempt.Numbered, CancellationToken.None));
        Assert.Equal(ErrorCode.NotFound, (await Node.Agents.SetOpenConversationAsync(agent, new() { Number = Company.Next(), ConversationId = Guid.CreateVersion7() }, Attempt.Numbered, CancellationToken.None)).Code);

        Task<Outcome> DraftAsync(string text, int? ifRevision) => Node.Agents.SetDraftAsync(
            agent, new() { Number = Company.Next(), ConversationId = conversation, Text = text, IfRevision = ifRevision }, Attempt.Numbered, CancellationToken.None);
    }

    [Fact]
    [Trait("Catalogue", "RCC-36")]
    public async Task Groups_are_run_by_the_master_agent_who_made_them()
    {
        var group = Company.Ok(await Node.Groups.CreateAsync(Company.Master, new("Day"), Attempt.Keyed("group"), CancellationToken.None)).Id!.Value;
        Assert.Equal(group, (await Node.Groups.CreateAsync(Company.Master, new("Day"), Attempt.Keyed("group"), CancellationToken.None)).Id);
        Assert.Equal(ErrorCode.NumberReused, (await Node.Groups.CreateAsync(Company.Master, new("Night"), Attempt.Keyed("group"), CancellationToken.None)).Code);
        var agent = new CreateAgent { Name = "Ben", Email = " Ben@Example.com ", GroupId = group, PasswordHash = "hash" };
        var made = Company.Ok(await Node.Agents.CreateAsync(Company.Master, agent, Attempt.Unkeyed, CancellationToken.None));
        Assert.Equal("ben@example.com", (await Node.Agents.FindAsync(Company.Master, made.Id!.Value, CancellationToken.None)).Value!.Email);
        Assert.Equal(ErrorCode.Taken, (await Node.Agents.CreateAsync(Company.Master, agent with { Name = "Bob" }, Attempt.Unkeyed, CancellationToken.None)).Code);

        var second = Company.Ok(await Node.Platform.AddMasterAgentAsync(new(Guid.NewGuid()), Company.Tenant, new("Max", "max@example.com", "hash"), CancellationToken.None));
        var other = await Company.SignInAsync(second.Id!.Value, "max@example.com");
        Assert.Equal(ErrorCode.Forbidden, (await Node.Groups.ChangeAsync(other, group, new() { Name = "Mine" }, Attempt.Unkeyed, CancellationToken.None)).Code);
        Assert.Equal(ErrorCode.Forbidden, (await Node.Agents.CreateAsync(other, agent with { Email = "bob@example.com" }, Attempt.Unkeyed, CancellationToken.None)).Code);
        Assert.Equal(ErrorCode.Forbidden, (await Node.Agents.ListDevicesAsync(other, made.Id.Value, CancellationToken.None)).Outcome.Code);
        Assert.True((await Node.Agents.ListDevicesAsync(Company.Master, made.Id.Value, CancellationToken.None)).IsOk);
    }

    [Fact]
    public async Task A_device_that_was_signed_out_does_nothing_any_more()
    {
        var agent = await Company.HireAsync();
        Company.Ok(await Node.Agents.SignOutAsync(agent, agent.PersonId, agent.DeviceId, Attempt.Unkeyed, CancellationToken.None));
        Assert.Equal(ErrorCode.Unauthenticated, (await Node.Agents.SetAvailabilityAsync(agent, new() { Number = 1, Availability = Availability.Online }, Attempt.Numbered, CancellationToken.None)).Code);
        Assert.Empty((await Node.Agents.ListDevicesAsync(Company.Master, agent.PersonId, CancellationToken.None)).Value!.Items);
    }

    [Fact]
    public async Task A_customers_identity_counts_only_with_the_tenants_signature()
    {
        var hash = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(await SecretAsync()), "customer-7"u8));
        var first = await BeginAsync(new() { Identifier = "customer-7", IdentifierHash = hash, Device = Company.Device() });
        var again = await BeginAsync(new() { Identifier = "customer-7", IdentifierHash = hash.ToUpperInvariant(), Device = Company.Device() });
        Assert.Equal(first.Value!.ContactId, again.Value!.ContactId);
        Assert.NotEqual(first.Value.DeviceId, again.Value.DeviceId);

        foreach (var wrong in new[] { null, "", "zz", hash[..^2], hash + "00", hash[..^1] + (hash[^1] == '0' ? '1' : '0') })
        {
            Assert.Equal(ErrorCode.Unauthenticated, (await BeginAsync(new() { Identifier = "customer-7", IdentifierHash = wrong, Device = Company.Device() })).Outcome.Code);
        }

        Assert.NotEqual(first.Value.ContactId, (await BeginAsync(new() { Device = Company.Device() })).Value!.ContactId);
        Company.Ok(await Node.Accounts.ChangeInboxAsync(Company.Master, Company.Inbox.Id, new() { HmacMandatory = true, AllowedOrigins = ["https://shop.example"] }, Attempt.Unkeyed, CancellationToken.None));
        Assert.Equal(ErrorCode.Unauthenticated, (await BeginAsync(new() { Device = Company.Device() })).Outcome.Code);
        Assert.Equal(ErrorCode.Forbidden, (await BeginAsync(new() { Identifier = "customer-7", IdentifierHash = hash, Origin = "https://evil.example", Device = Company.Device() })).Outcome.Code);
        Assert.True((await BeginAsync(new() { Identifier = "customer-7", IdentifierHash = hash, Origin = "https://shop.example", Device = Company.Device() })).IsOk);
        Assert.Equal(ErrorCode.NotFound, (await Node.Contacts.BeginSessionAsync("nowhere", new() { Device = Company.Device() }, CancellationToken.None)).Outcome.Code);

        Task<Found<CustomerSession>> BeginAsync(NewSession session) => Node.Contacts.BeginSessionAsync(Company.Inbox.Identifier, session, CancellationToken.None);
    }

    async Task<string> SecretAsync() => (await Node.Accounts.FindInboxAsync(Company.Master, Company.Inbox.Id, CancellationToken.None)).Value!.IdentitySecret!;

    [Fact]
    public async Task Two_devices_of_one_new_customer_make_one_contact()
    {
        var hash = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(await SecretAsync()), "customer-8"u8));
        var sessions = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Node.Contacts.BeginSessionAsync(
            Company.Inbox.Identifier, new() { Identifier = "customer-8", IdentifierHash = hash, Device = Company.Device() }, CancellationToken.None)));
        Assert.All(sessions, session => Assert.True(session.IsOk, session.Outcome.Detail));
        Assert.Single(sessions.Select(session => session.Value!.ContactId).Distinct());
    }

    [Fact]
    public async Task A_customers_session_ends_when_it_says_so()
    {
        var customer = await Company.VisitAsync();
        var conversation = await Company.OpenAsync(customer);
        Company.Ok(await Node.Contacts.EndSessionAsync(customer, CancellationToken.None));
        Assert.Equal(ErrorCode.Unauthenticated, (await Company.PostAsync(customer, conversation, "Hello")).Code);
        Assert.Equal(ErrorCode.Forbidden, (await Node.Contacts.EndSessionAsync(Company.Master, CancellationToken.None)).Code);
    }

    [Fact]
    public async Task A_key_is_made_listed_and_revoked_by_an_administrator()
    {
        var hash = Company.Device().CredentialHash;
        var key = Company.Ok(await Node.Accounts.CreateKeyAsync(Company.Master, "Shop", Scopes.ContactsWrite, null, hash, CancellationToken.None)).Id!.Value;
        Assert.Equal(ErrorCode.Forbidden, (await Node.Accounts.CreateKeyAsync(await Company.HireAsync(), "Shop", Scopes.ContactsWrite, null, hash, CancellationToken.None)).Code);
        Assert.Equal(ErrorCode.Malformed, (await Node.Accounts.CreateKeyAsync(Company.Master, "Shop", (Scopes)(1 << 20), null, hash, CancellationToken.None)).Code);
        var application = Company.Master with { PersonId = key, DeviceId = key, Role = Role.Application, Scopes = Scopes.ContactsWrite };
        Company.Ok(await Node.Contacts.CreateAsync(application, new() { Name = "Ada", Identifier = "customer-9" }, Attempt.Keyed("c"), CancellationToken.None));
        Assert.Equal(ErrorCode.Taken, (await Node.Contacts.CreateAsync(application, new() { Identifier = "customer-9" }, Attempt.Unkeyed, CancellationToken.None)).Code);

        Assert.Equal(ErrorCode.NotFound, (await Node.Accounts.RevokeKeyAsync(Company.Master, Company.Master.DeviceId, Attempt.Unkeyed, CancellationToken.None)).Code);
        Company.Ok(await Node.Accounts.RevokeKeyAsync(Company.Master, key, Attempt.Unkeyed, CancellationToken.None));
        Company.Ok(await Node.Accounts.RevokeKeyAsync(Company.Master, key, Attempt.Unkeyed, CancellationToken.None));
        Assert.NotNull(Assert.Single((await Node.Accounts.ListKeysAsync(Company.Master, default, CancellationToken.None)).Value!.Items).RevokedAt);
        Assert.Equal(ErrorCode.Unauthenticated, (await Node.Contacts.CreateAsync(application, new() { Name = "Bea" }, Attempt.Unkeyed, CancellationToken.None)).Code);
    }

    [Fact]
    public async Task An_inboxs_secret_is_for_who_may_change_it()
    {
        var agent = await Company.HireAsync();
        Assert.Null((await Node.Accounts.FindInboxAsync(agent, Company.Inbox.Id, CancellationToken.None)).Value!.IdentitySecret);
        Assert.Null(Assert.Single((await Node.Accounts.ListInboxesAsync(agent, default, CancellationToken.None)).Value!.Items).IdentitySecret);
        Assert.NotEmpty(await SecretAsync());
        Assert.Equal(ErrorCode.Forbidden, (await Node.Accounts.FindInboxAsync(await Company.VisitAsync(), Company.Inbox.Id, CancellationToken.None)).Outcome.Code);
    }

    [Fact]
    [Trait("Catalogue", "RCC-19")]
    public async Task A_customer_is_refused_everything_that_is_an_agents()
    {
        var customer = await Company.VisitAsync();
        var id = Guid.CreateVersion7();
        var number = new SetAvailability { Number = 1, Availability = Availability.Online };
        Outcome[] outcomes =
        [
            await Company.ResolveAsync(customer, id),
            await Company.AssignAsync(customer, id, id),
            await Node.Conversations.ReopenAsync(customer, new() { Number = 1, ConversationId = id }, Attempt.Numbered, CancellationToken.None),
            await Node.Conversations.OpenForContactAsync(customer, new() { InboxId = id, ContactId = id }, Attempt.Unkeyed, CancellationToken.None),
            await Node.Agents.SetAvailabilityAsync(customer, number, Attempt.Numbered, CancellationToken.None),
            await Node.Agents.SetDraftAsync(customer, new() { Number = 1, ConversationId = id, Text = "x" }, Attempt.Numbered, CancellationToken.None),
            await Node.Agents.SetOpenConversationAsync(customer, new() { Number = 1 }, Attempt.Numbered, CancellationToken.None),
            await Node.Agents.CreateAsync(customer, new() { Name = "Eve", Email = "eve@example.com", PasswordHash = "h" }, Attempt.Unkeyed, CancellationToken.None),
            await Node.Agents.ChangeAsync(customer, customer.PersonId, new() { Name = "Eve" }, Attempt.Unkeyed, CancellationToken.None),
            await Node.Agents.SetSuspendedAsync(customer, id, suspended: true, Attempt.Unkeyed, CancellationToken.None),
            await Node.Agents.SignOutAsync(customer, customer.PersonId, id, Attempt.Unkeyed, CancellationToken.None),
            await Node.Agents.RemoveAsync(customer, id, Attempt.Unkeyed, CancellationToken.None),
            await Node.Agents.InviteAsync(customer, new() { Email = "eve@example.com" }, Company.Device().CredentialHash, CancellationToken.None),
            await Node.Agents.InviteAgainAsync(customer, id, Company.Device().CredentialHash, CancellationToken.None),
            await Node.Groups.CreateAsync(customer, new("Day"), Attempt.Unkeyed, CancellationToken.None),
            await Node.Groups.ChangeAsync(customer, id, new() { Name = "Day" }, Attempt.Unkeyed, CancellationToken.None),
            await Node.Accounts.CreateInboxAsync(customer, new() { Name = "Web" }, Attempt.Unkeyed, CancellationToken.None),
            await Node.Accounts.ChangeInboxAsync(customer, id, new(), Attempt.Unkeyed, CancellationToken.None),
            await Node.Accounts.CreateKeyAsync(customer, "Shop", Scopes.ContactsWrite, null, Company.Device().CredentialHash, CancellationToken.None),
            await Node.Accounts.RevokeKeyAsync(customer, id, Attempt.Unkeyed, CancellationToken.None),
            await Node.Contacts.CreateAsync(customer, new(), Attempt.Unkeyed, CancellationToken.None),
            (await Node.Accounts.FindAsync(customer, CancellationToken.None)).Outcome,
            (await Node.Accounts.ListInboxesAsync(customer, default, CancellationToken.None)).Outcome,
            (await Node.Accounts.ListKeysAsync(customer, default, CancellationToken.None)).Outcome,
            (await Node.Agents.FindAsync(customer, id, CancellationToken.None)).Outcome,
            (await Node.Agents.ListAsync(customer, default, CancellationToken.None)).Outcome,
            (await Node.Groups.FindAsync(customer, id, CancellationToken.None)).Outcome,
            (await Node.Groups.ListAsync(customer, default, CancellationToken.None)).Outcome,
            (await Node.Agents.ListDevicesAsync(customer, customer.PersonId, CancellationToken.None)).Outcome,
            (await Node.Contacts.FindAsync(customer, customer.PersonId, CancellationToken.None)).Outcome,
            (await Node.Contacts.ListAsync(customer, new(), new(), default, CancellationToken.None)).Outcome,
            (await Node.Contacts.ListSubscriptionsAsync(customer, customer.PersonId, new(), CancellationToken.None)).Outcome,
        ];
        Assert.All(outcomes, outcome => Assert.Equal(ErrorCode.Forbidden, outcome.Code));
    }
}
