using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Conversations;
using Rcc.Core.Customers;
using Rcc.Core.Devices;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;
using Rcc.LocalSilo.Tests;

namespace Rcc.Core.Tests.Sync;

/// <summary>A contact centre on one or more nodes: the rooms' own rules decide, the logs commit, the devices look.</summary>
sealed class Center : IAsyncDisposable
{
    readonly Dictionary<Guid, AgentSnapshot> agents = [];
    readonly Dictionary<Guid, Dossier> contacts = [];
    readonly List<FakeDevice> devices = [];
    TenantSnapshot? account;
    long displayIds;

    Center()
    {
        Clock = new ManualClock();
        Store = new ModelStore(Clock);
        Network = new Network(Store, Clock);
    }

    public ManualClock Clock { get; }

    public ModelStore Store { get; }

    public Network Network { get; }

    public TenantId Tenant { get; } = new(Guid.CreateVersion7());

    public Guid Master { get; } = Guid.CreateVersion7();

    public Node Node => Network.Nodes[0];

    public IReadOnlyList<FakeDevice> Devices => devices;

    public ModelTenant Model => Store.Of(Tenant);

    public static async Task<Center> OpenAsync(int nodes = 1, Action<IServiceCollection>? configure = null)
    {
        var center = new Center();
        for (var i = 0; i < nodes; i++)
        {
            await center.Network.StartNodeAsync(configure);
        }

        var decision = Account.Onboard(center.Tenant, null, new Onboarding("Acme", "acme", center.Master, "Ann", "ann@acme.test", "-"), center.Now);
        center.account = decision.Next;
        center.agents[center.Master] = Agent.Create(center.Tenant, center.Master, null, null, new NewAgent("Ann", "ann@acme.test", Role.Administrator, null, "-"), null).Next!;
        await center.CommitAsync(decision.Change!);
        return center;
    }

    public DateTimeOffset Now => Clock.GetUtcNow();

    public ILogGrain LogOf(Node? node = null) => (node ?? Node).LogOf(Tenant);

    public async Task<AppendResult> CommitAsync(Proposal proposal, Node? node = null)
    {
        var result = await LogOf(node).AppendAsync(proposal, CancellationToken.None);
        Assert.Equal(AppendVerdict.Accepted, result.Verdict);
        return result;
    }

    public async Task<FakeDevice> AddAgentAsync()
    {
        var id = Guid.CreateVersion7();
        var decision = Agent.Create(Tenant, id, null, null, new NewAgent("Bob", $"{id}@acme.test", Role.Agent, null, "-"), null);
        agents[id] = decision.Next!;
        await CommitAsync(decision.Change!);
        return await SignInAsync(id);
    }

    /// <summary>One more device of an agent.</summary>
    public async Task<FakeDevice> SignInAsync(Guid agent)
    {
        var device = NewDevice();
        var decision = Agent.SignIn(Tenant, agents[agent], device, new(agents[agent].PasswordHash), default, new AgentOptions());
        agents[agent] = decision.Next!;
        await CommitAsync(decision.Change!);
        return Add(agent, device, decision.Next!.State.Role);
    }

    public async Task<FakeDevice> AddCustomerAsync()
    {
        var id = Guid.CreateVersion7();
        var device = NewDevice();
        var decision = Contact.Begin(id, null, Guid.CreateVersion7(), null, "Carol", null, device, [], new());
        contacts[id] = decision.Next!;
        await CommitAsync(decision.Change!);
        return Add(id, device, Role.Customer);
    }

    /// <summary>Signs a device out; answers with the number to wait for.</summary>
    public async Task<long> SignOutAsync(FakeDevice device, Node? node = null)
    {
        var person = device.Caller.PersonId;
        var change = new Proposal { EvenIfSuspended = true }.WithSignedOut(person, new DeviceSnapshot(device.Caller.DeviceId, 1, "desk", Now), Now);
        return (await CommitAsync(change, node)).ModSeq;
    }

    public async Task<long> SetSuspendedAsync(bool suspended, Node? node = null)
    {
        var decision = Account.SetSuspended(account, suspended, Guid.Empty);
        account = decision.Next;
        return (await CommitAsync(decision.Change!, node)).ModSeq;
    }

    public async Task<Guid> OpenConversationAsync(FakeDevice customer, params FakeDevice[] assignees)
    {
        var id = Guid.CreateVersion7();
        var opening = new Opening(
            Guid.CreateVersion7(), customer.Caller.PersonId, "Carol", ContactRevision: Model.FindItem(new ItemKey(ItemKind.ContactRecord, customer.Caller.PersonId))?.Revision ?? 0);
        await CommitAsync(Conversation.Open(Tenant, id, opening, ++displayIds, 0, Session, new ConversationOptions()).Change!);
        foreach (var agent in assignees)
        {
            await CommitAsync(Assigned(id, agent.Caller.PersonId).Change!);
        }

        return id;
    }

    public Task<AppendResult> PostAsync(Guid conversation, FakeDevice author, Lane lane = Lane.Public, Node? node = null) =>
        CommitAsync(Posted(conversation, author, lane).Change!, node);

    public Decision<ConversationSnapshot> Posted(Guid conversation, FakeDevice author, Lane lane = Lane.Public)
    {
        var id = Guid.CreateVersion7();
        var post = new Post(id, lane, "text/plain", [.. Encoding.UTF8.GetBytes($"«{id}»")]);
        return Conversation.Post(Tenant, Load(conversation), author.Caller, post, SessionOf(conversation), new ConversationOptions());
    }

    public Decision<ConversationSnapshot> Assigned(Guid conversation, Guid? agent) =>
        Conversation.Assign(Tenant, Load(conversation), MasterCaller, agent, agent is { } to ? Known(agents[to]) : null, Now);

    public Task<AppendResult> AssignAsync(Guid conversation, FakeDevice? agent) => CommitAsync(Assigned(conversation, agent?.Caller.PersonId).Change!);

    public Decision<ConversationSnapshot> Resolved(Guid conversation) => Conversation.Resolve(Tenant, Load(conversation), MasterCaller);

    public Task<AppendResult> ResolveAsync(Guid conversation) => CommitAsync(Resolved(conversation).Change!);

    public Decision<ConversationSnapshot> Reopened(Guid conversation, bool keepsAssignee = true) =>
        Conversation.Reopen(Tenant, Load(conversation), MasterCaller, keepsAssignee ? SessionOf(conversation) : Session);

    public Task<AppendResult> ReopenAsync(Guid conversation) => CommitAsync(Reopened(conversation).Change!);

    public static Proposal Delivered(Guid conversation, FakeDevice device, long seq) => new()
    {
        Marks = [new MarkAdvance(MarkKind.Receipt, conversation, device.Caller.PersonId, seq, 0)], EvenIfSuspended = true,
    };

    /// <summary>What an agent has begun to write, whatever was there.</summary>
    public Decision<AgentSnapshot> Drafted(Guid conversation, FakeDevice agent, string text)
    {
        var person = agent.Caller.PersonId;
        var revision = Model.FindItem(new ItemKey(ItemKind.Draft, conversation, person))?.Revision ?? 0;
        var seen = Load(conversation);
        return Agent.SetDraft(
            agents[person], agent.Caller, conversation, new DraftState(text, Lane.Public), ifRevision: null, revision, seen.Agents.Contains(person) ? new(seen.Revision, []) : null);
    }

    public ConversationSnapshot Load(Guid conversation) => Store.LoadConversation(Tenant, conversation)!;

    /// <summary>An agent and a customer, both connected, and their conversation.</summary>
    public async Task<(FakeDevice Agent, FakeDevice Customer, Guid Conversation)> TalkAsync()
    {
        var agent = await AddAgentAsync();
        var customer = await AddCustomerAsync();
        var conversation = await OpenConversationAsync(customer, agent);
        await agent.ConnectAsync(Node);
        await customer.ConnectAsync(Node);
        await UntilEqualLiveAsync(agent, customer);
        return (agent, customer, conversation);
    }

    /// <summary>Reconnects the device to a transport that has taken one message of the customer's and not sent it; a second waits behind it.</summary>
    public async Task<Gate> HoldAsync(FakeDevice device, Guid conversation, FakeDevice customer)
    {
        await device.DisconnectAsync();
        var hold = new Gate();
        var holding = false;
        await device.ConnectAsync(Node, _ => Volatile.Read(ref holding) ? hold.PassAsync() : Task.CompletedTask);
        await Eventually.HoldsAsync(() => device.Port!.Sent > 0, () => "the first page");
        Volatile.Write(ref holding, true);
        await PostAsync(conversation, customer);
        await hold.Reached;
        await PostAsync(conversation, customer);
        return hold;
    }

    /// <summary>What this commits is told to nobody.</summary>
    public async Task UntoldAsync(Func<Task> commit)
    {
        var lost = 0L;
        Network.Tell = (_, batch, _) =>
        {
            Volatile.Write(ref lost, batch.To);
            return Task.CompletedTask;
        };
        await commit();

        // Nodes are told after the caller is answered.
        await Eventually.HoldsAsync(() => Volatile.Read(ref lost) == Model.Newest, () => "the last commit to be lost");
        Network.Tell = (_, _, deliver) => deliver();
    }

    /// <summary>Lets time pass in small steps until the condition holds.</summary>
    public async Task UntilAsync(Func<bool> condition, Func<string> expectation)
    {
        await Eventually.HoldsAsync(
            () =>
            {
                if (condition())
                {
                    return true;
                }

                Clock.Advance(TimeSpan.FromMilliseconds(50));
                return false;
            },
            expectation);
    }

    /// <summary>Without time passing: what is told live comes by itself.</summary>
    public static Task UntilEqualLiveAsync(params FakeDevice[] devices) => Eventually.HoldsAsync(() => devices.All(device => device.Difference() is null), () => Differences(devices));

    /// <summary>Every device holds what the store says, and nothing was wrong on the way.</summary>
    public async Task UntilEqualAsync(params FakeDevice[] devices)
    {
        await UntilAsync(() => devices.All(device => device.Difference() is null), () => Differences(devices));
        var wrongs = devices.SelectMany(device => device.Wrongs).ToList();
        Assert.True(wrongs.Count == 0, string.Join("; ", wrongs));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var device in devices)
        {
            await device.DisconnectAsync();
        }

        await Network.DisposeAsync();
    }

    public static string Differences(IEnumerable<FakeDevice> devices) =>
        string.Join("; ", devices.Select((device, i) => $"device {i} ({device.Caller.Role}): {device.Difference() ?? "equal"}, closed: {device.Port?.ClosedBecause ?? "no"}, wrong: {string.Join(", ", device.Wrongs)}"));

    Caller MasterCaller => new() { Tenant = Tenant, PersonId = Master, DeviceId = Guid.Empty, Role = Role.Administrator };

    // An inbox that nobody has ever touched.
    Session Session => new(Now, Guid.CreateVersion7(), Keeper: null, Inbox: Callers.TakingInbox with { Revision = 0 });

    Session SessionOf(Guid conversation) => Session with { Keeper = Load(conversation)?.State.AssigneeId is { } last ? Known(agents[last]) : null };

    static ConversationAgent Known(AgentSnapshot agent) => new(agent.Id, agent.Revision, agent.State.Suspended, agent.State.Availability, 100);

    NewDevice NewDevice() => new(Guid.CreateVersion7(), "desk", [], Now);

    FakeDevice Add(Guid person, NewDevice device, Role role)
    {
        var added = new FakeDevice(Store, new Caller { Tenant = Tenant, PersonId = person, DeviceId = device.DeviceId, Role = role });
        devices.Add(added);
        return added;
    }
}
