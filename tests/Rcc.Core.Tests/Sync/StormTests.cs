using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Sync;
using Rcc.Core.Conversations;
using Rcc.Core.Devices;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Sync;

/// <summary>
/// Everything at once, by a seed: two nodes with a live log each, posts and notes, receipts, read positions, drafts, assignments, resolving and reopening, batches lost, held back, doubled, connections cut at any moment, old backups of
/// devices, other filters, page sizes of one, full queues, a rising floor. In the end every device equals the store and none was ever sent anything wrong.
/// RCC_STORMS sets how many seeds are run, RCC_STORM the one to run again.
/// </summary>
public class StormTests
{
    const int Steps = 120;

    static readonly SyncFilter[] Filters =
    [
        new(), new() { WithoutNotes = true }, new() { Statuses = [ConversationStatus.Open] }, new() { Statuses = [ConversationStatus.Resolved], WithoutNotes = true },
    ];

    [Fact]
    [Trait("Catalogue", "INV-15")]
    [Trait("Catalogue", "INV-25")]
    public async Task Whatever_happens_every_device_ends_equal_to_the_store()
    {
        if (Number("RCC_STORM") is { } again)
        {
            await RunAsync(again);
            return;
        }

        for (var seed = 1; seed <= (Number("RCC_STORMS") ?? 15); seed++)
        {
            await RunAsync(seed);
        }
    }

    static async Task RunAsync(int seed)
    {
        TestContext.Current.SendDiagnosticMessage("Storm {0}", seed);
        try
        {
            // Hanging is failing; a storm takes less than a second of work.
            await new Storm(seed).RunAsync().WaitAsync(TimeSpan.FromMinutes(1));
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"Storm {seed} failed: {exception.Message}", exception);
        }
    }

    static int? Number(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    sealed class Storm(int seed)
    {
        readonly Random random = new(seed);
        readonly List<Guid> conversations = [];
        readonly List<FakeDevice> agents = [];
        readonly List<FakeDevice> customers = [];
        readonly List<Func<Task>> held = [];
        readonly Lock gate = new();
        readonly Random wire = new(seed + 1);
        bool calm;

        public async Task RunAsync()
        {
            await using var center = await Center.OpenAsync(nodes: 2, services => services
                .Configure<DeviceOptions>(options => (options.MaxQueuedEntries, options.PageItems) = (random.Next(1, 20), random.Next(1, 6)))
                .Configure<TailOptions>(options => (options.RecentBatches, options.MaxWaitingBatches) = (random.Next(1, 8), random.Next(1, 8)))
                .Configure<LogOptions>(options => options.MaxUntoldBatches = random.Next(1, 8)));
            await PopulateAsync(center);
            center.Network.Tell = TellAsync;
            center.Store.After = StoreCallAsync;
            for (var step = 0; step < Steps; step++)
            {
                await StepAsync(center);
                if (random.Next(4) == 0)
                {
                    center.Clock.Advance(TimeSpan.FromMilliseconds(random.Next(1, 400)));
                }
            }

            calm = true;
            await ReleaseAsync();
            foreach (var device in center.Devices.Where(_ => random.Next(2) == 0))
            {
                await ReconnectAsync(center, device);
            }

            await UntilEqualAsync(center);
            foreach (var conversation in conversations.Concat(conversations))
            {
                await TurnAsync(center, conversation);
                await UntilEqualAsync(center);
            }

            await center.UntilEqualAsync([.. center.Devices]);
        }

        async Task UntilEqualAsync(Center center)
        {
            while (center.Devices.Any(device => device.Difference() is not null))
            {
                // Connections that end now were told so before the calm.
                foreach (var device in center.Devices.Where(device => !device.IsConnected))
                {
                    await ReconnectAsync(center, device);
                }

                await center.UntilAsync(
                    () => center.Devices.Any(device => !device.IsConnected) || center.Devices.All(device => device.Difference() is null), () => Center.Differences(center.Devices));
            }
        }

        /// <summary>Out of the one filter and into the other, and something moves meanwhile.</summary>
        async Task TurnAsync(Center center, Guid conversation)
        {
            var node = Any(center.Network.Nodes);
            var isOpen = center.Load(conversation).State.Status == ConversationStatus.Open;
            await TryAsync(center, node, isOpen ? center.Resolved(conversation) : center.Reopened(conversation));
            await center.LogOf(node).AppendAsync(Center.Delivered(conversation, Any(center.Devices), random.Next(1, 20)), CancellationToken.None);
            await TryAsync(center, node, center.Drafted(conversation, Any(agents), "at last"));
        }

        async Task PopulateAsync(Center center)
        {
            for (var i = 0; i < 3; i++)
            {
                var agent = await center.AddAgentAsync();
                agents.Add(agent);
                agents.Add(await center.SignInAsync(agent.Caller.PersonId));
                customers.Add(await center.AddCustomerAsync());
            }

            foreach (var customer in customers)
            {
                conversations.Add(await center.OpenConversationAsync(customer, Any(agents)));
            }

            foreach (var device in center.Devices)
            {
                await device.ConnectAsync(Any(center.Network.Nodes));
            }
        }

        async Task StepAsync(Center center)
        {
            var node = Any(center.Network.Nodes);
            var conversation = Any(conversations);
            var device = Any(center.Devices);
            switch (random.Next(27))
            {
                case < 7:
                    await TryAsync(center, node, center.Posted(conversation, center.Devices.First(customer => customer.Caller.PersonId == center.Load(conversation).State.ContactId)));
                    break;
                case < 10:
                    await TryAsync(center, node, center.Posted(conversation, Any(agents), random.Next(2) == 0 ? Lane.Notes : Lane.Public));
                    break;
                case < 13:
                    await TryAsync(center, node, center.Assigned(conversation, random.Next(4) == 0 ? null : Any(agents).Caller.PersonId));
                    break;
                case 13 or 24:
                    await TryAsync(center, node, center.Resolved(conversation));
                    break;
                case 14 or 25:
                    await TryAsync(center, node, center.Reopened(conversation, keepsAssignee: random.Next(2) == 0));
                    break;
                case < 17:
                    await center.LogOf(node).AppendAsync(Center.Delivered(conversation, device, random.Next(1, 20)), CancellationToken.None);
                    break;
                case 17:
                    await TryAsync(center, node, Conversation.MarkRead(center.Tenant, center.Load(conversation), device.Caller, Lane.Public, random.Next(1, 20)));
                    break;
                case < 20:
                    await ReconnectAsync(center, device);
                    break;
                case 20:
                    await device.DisconnectAsync();
                    device.FallBack(random.Next(10));
                    break;
                case 21 when device.Caller.IsAgent:
                    await device.DisconnectAsync();
                    device.Filter = Any(Filters);
                    device.PageItems = random.Next(1, 5);
                    await ReconnectAsync(center, device);
                    break;
                case 22 when device.IsConnected:
                    await PassTimeAsync(center, device.SynchronizeAsync);
                    break;
                case 26:
                    await TryAsync(center, node, center.Drafted(conversation, Any(agents), $"draft {random.Next(1000)}"));
                    break;
                case 23 when random.Next(6) == 0:
                    center.Model.RaiseFloor(center.Model.Newest - random.Next(30));
                    break;
                default:
                    await ReleaseAsync();
                    break;
            }
        }

        /// <summary>What the rules refuse, or what another log has overtaken, does not happen.</summary>
        static async Task TryAsync<T>(Center center, Node node, Decision<T> decision)
            where T : class
        {
            if (decision.Change is { } change)
            {
                await center.LogOf(node).AppendAsync(change, CancellationToken.None);
            }
        }

        async Task ReconnectAsync(Center center, FakeDevice device)
        {
            await device.DisconnectAsync();
            if (!calm && random.Next(5) == 0)
            {
                device.FallBack(random.Next(5));
            }

            await PassTimeAsync(center, async () =>
            {
                await device.DisconnectAsync();
                return await device.ConnectAsync(Any(center.Network.Nodes), calm ? null : SendAsync);
            });
        }

        /// <summary>A node that cannot ask the store tries again when time has passed. When too much has, it says so, and the device asks again.</summary>
        static async Task PassTimeAsync(Center center, Func<Task<SyncAnswer>> ask)
        {
            Task<SyncAnswer> answer;
            do
            {
                answer = ask();
                await center.UntilAsync(() => answer.IsCompleted, () => "the device to be answered");
            }
            while (answer.Exception?.InnerException is UnavailableException);

            await answer;
        }

        async Task TellAsync(Node node, LogBatch batch, Func<Task> deliver)
        {
            switch (calm ? 9 : FromWire(10))
            {
                case 0:
                    break;
                case 1:
                    lock (gate)
                    {
                        held.Add(deliver);
                    }

                    break;
                case 2:
                    await deliver();
                    await deliver();
                    break;
                case 3:
                    throw new TimeoutException("No route.");
                default:
                    await deliver();
                    break;
            }
        }

        async Task StoreCallAsync(StoreCall call)
        {
            if (!calm && FromWire(3) == 0)
            {
                await Task.Yield();
            }

            if (!calm && call is (StoreCall.Gap or StoreCall.Newest) && FromWire(12) == 0)
            {
                throw new UnavailableException("The store is away.");
            }
        }

        async Task SendAsync(FakePort port)
        {
            switch (calm ? 11 : FromWire(12))
            {
                case 0:
                    throw new IOException("The connection broke.");
                case < 4:
                    await Task.Yield();
                    break;
            }
        }

        async Task ReleaseAsync()
        {
            List<Func<Task>> late;
            lock (gate)
            {
                late = [.. held];
                held.Clear();
            }

            foreach (var deliver in late.OrderBy(_ => FromWire(100)))
            {
                await deliver();
            }
        }

        /// <summary>What happens on the way is drawn by other threads than the steps are.</summary>
        int FromWire(int below)
        {
            lock (gate)
            {
                return wire.Next(below);
            }
        }

        T Any<T>(IReadOnlyList<T> among) => among[random.Next(among.Count)];
    }
}
