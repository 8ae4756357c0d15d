using System.Security.Cryptography;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Core.Access;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Tests.Grains;

/// <summary>A tenant onboarded through the doors, with a master agent and an inbox, and the things its people say.</summary>
sealed class Company
{
    long number;

    Company(Node node, Caller master, InboxRow inbox)
    {
        Node = node;
        Master = master;
        Inbox = inbox;
    }

    public Node Node { get; }

    public Caller Master { get; }

    public InboxRow Inbox { get; }

    public TenantId Tenant => Master.Tenant;

    public static async Task<Company> FoundAsync(Node node)
    {
        var made = Ok(await node.Platform.OnboardAsync(
            new(Guid.NewGuid()), new() { Name = "Acme", Slug = $"acme-{Guid.NewGuid():N}"[..20], Master = new("Mia", "mia@example.com", "hash") }, CancellationToken.None));
        var tenant = new TenantId(made.Id!.Value);
        var master = Assert.Single(await node.Get<IAgentStore>().ListAsync(tenant, null, 10, CancellationToken.None));
        var caller = await SignInAsync(node, tenant, master.Id, master.Email);
        var inbox = Ok(await node.Accounts.CreateInboxAsync(caller, new() { Name = "Web" }, Attempt.Unkeyed, CancellationToken.None)).Id!.Value;
        return new(node, caller, (await node.Get<ITenantStore>().LoadInboxAsync(tenant, inbox, CancellationToken.None))!.Row);
    }

    public static Outcome Ok(Outcome outcome)
    {
        Assert.True(outcome.IsOk, $"{outcome.Code}: {outcome.Detail}");
        return outcome;
    }

    public async Task<Caller> HireAsync(Availability availability = Availability.Offline)
    {
        var email = $"ben-{Guid.NewGuid():N}@example.com";
        var made = Ok(await Node.Agents.CreateAsync(Master, new() { Name = "Ben", Email = email, PasswordHash = "hash" }, Attempt.Unkeyed, CancellationToken.None));
        var agent = await SignInAsync(made.Id!.Value, email);
        if (availability != Availability.Offline)
        {
            await SetAvailabilityAsync(agent, availability);
        }

        return agent;
    }

    public async Task SetAvailabilityAsync(Caller agent, Availability availability) =>
        Ok(await Node.Agents.SetAvailabilityAsync(agent, new() { Number = Next(), Availability = availability }, Attempt.Numbered, CancellationToken.None));

    public async Task<Caller> VisitAsync()
    {
        var session = await Node.Contacts.BeginSessionAsync(Inbox.Identifier, new() { Name = "Ada", Device = Device() }, CancellationToken.None);
        Assert.True(session.IsOk, session.Outcome.Detail);
        return new() { Tenant = session.Value.Tenant, PersonId = session.Value.ContactId, DeviceId = session.Value.DeviceId, Role = Role.Customer, InboxId = Inbox.Id };
    }

    public async Task<Guid> OpenAsync(Caller customer)
    {
        var id = Guid.CreateVersion7();
        Ok(await Node.Conversations.OpenAsync(customer, new() { Number = Next(), ConversationId = id }, Attempt.Numbered, CancellationToken.None));
        return id;
    }

    public Task<Outcome> PostAsync(Caller caller, Guid conversation, string text, Lane lane = Lane.Public) =>
        Node.Conversations.PostAsync(caller, Message(conversation, text, lane), Attempt.Numbered, CancellationToken.None);

    public PostMessage Message(Guid conversation, string text, Lane lane = Lane.Public) =>
        new() { Number = Next(), ConversationId = conversation, Content = text, Lane = lane, MessageId = Guid.CreateVersion7() };

    public Task<Outcome> ResolveAsync(Caller caller, Guid conversation) =>
        Node.Conversations.ResolveAsync(caller, new() { Number = Next(), ConversationId = conversation }, Attempt.Numbered, CancellationToken.None);

    public Task<Outcome> AssignAsync(Caller caller, Guid conversation, Guid? agent) =>
        Node.Conversations.AssignAsync(caller, new() { Number = Next(), ConversationId = conversation, AgentId = agent }, Attempt.Numbered, CancellationToken.None);

    /// <summary>An application with a key of its own.</summary>
    public async Task<Caller> ConnectAsync(Scopes scopes)
    {
        var key = Ok(await Node.Accounts.CreateKeyAsync(Master, "Shop", scopes, null, Device().CredentialHash, CancellationToken.None)).Id!.Value;
        return new() { Tenant = Tenant, PersonId = key, DeviceId = key, Role = Role.Application, Scopes = scopes };
    }

    public Task<Caller> SignInAsync(Guid agent, string email) => SignInAsync(Node, Tenant, agent, email);

    public async Task<ConversationSnapshot> LoadAsync(Guid conversation) => (await Node.Get<IConversationStore>().LoadAsync(Tenant, conversation, CancellationToken.None))!;

    public async Task<ConversationState> StateAsync(Guid conversation) => (await LoadAsync(conversation)).State;

    /// <summary>What the store holds of a lane.</summary>
    public async Task<IReadOnlyList<NewMessage>> MessagesAsync(Guid conversation, Lane lane = Lane.Public)
    {
        var rows = await Node.Get<IConversationStore>().ReadMessagesAsync(Tenant, conversation, lane, null, null, 1_000, CancellationToken.None);
        return [.. rows!.Messages.Select(entry => entry.Message)];
    }

    public Task<bool> TakesPartAsync(Guid conversation, Guid person) => Node.Get<IAgentStore>().TakesPartAsync(Tenant, conversation, person, CancellationToken.None);

    public Task UntilAssignedAsync(Guid conversation, Guid agent) =>
        UntilAsync(async () => (await StateAsync(conversation)).AssigneeId == agent, $"conversation assigned to {agent}");

    /// <summary>As the other, after the company has moved to another node.</summary>
    public Task UntilAssignedAsync(Guid conversation, Guid agent, Node node) => UntilAsync(
        async () => (await node.Get<IConversationStore>().ListAsync(Tenant, new() { AssigneeId = agent, Limit = 100 }, CancellationToken.None)).Any(one => one.Id == conversation), $"conversation assigned to {agent}");

    public long Next() => Interlocked.Increment(ref number);

    public static SigningIn Device() => new() { DeviceName = "Desk", CredentialHash = [.. RandomNumberGenerator.GetBytes(32)] };

    public static async Task UntilAsync(Func<Task<bool>> condition, string expectation)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60), $"Expected: {expectation}");
            await Task.Delay(5);
        }
    }

    static async Task<Caller> SignInAsync(Node node, TenantId tenant, Guid agent, string email)
    {
        var account = (await node.Get<ITenantStore>().LoadAsync(tenant, CancellationToken.None))!;
        var login = (await node.Agents.CheckLoginAsync(account.Slug, email, _ => Task.FromResult(true), CancellationToken.None)).Value!;
        Assert.Equal((tenant, agent), (login.Tenant, login.AgentId));
        var device = Ok(await node.Agents.SignInAsync(login, Device(), null, [], CancellationToken.None)).Id!.Value;
        return new() { Tenant = tenant, PersonId = agent, DeviceId = device, Role = login.Role };
    }
}
