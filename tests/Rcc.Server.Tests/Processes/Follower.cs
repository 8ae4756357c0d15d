using System.Globalization;
using Rcc.Client.Access;
using Rcc.Client.Devices;
using Rcc.Client.Sync;
using Rcc.Contracts.Sync;

namespace Rcc.Server.Tests.Processes;

/// <summary>A device as users have it: a local copy that follows the server, and an outbox. It can lose its connection, be restarted on what it has stored, and move to another server.</summary>
internal sealed class Follower : IAsyncDisposable
{
    readonly MemoryDeviceStore store = new();
    readonly Road road;

    public Follower(Func<ServerProcess> server, SignedInDevice signedIn, SyncFilter? filter = null)
    {
        SignedIn = signedIn;
        Filter = filter;
        road = new(server, signedIn.AccessToken);
        Client = Begin();
    }

    public SignedInDevice SignedIn { get; }

    public SyncFilter? Filter { get; private set; }

    public DeviceClient Client { get; private set; }

    /// <summary>All it holds, a line for each item and message.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            var snapshot = store.Load();
            return
            [
                .. snapshot.Items.Select(i => string.Create(CultureInfo.InvariantCulture, $"{i.Key.Kind} {i.Key.Id} {i.Revision} {i.State}")).Order(StringComparer.Ordinal),
                .. snapshot.Messages.Values.Select(m => string.Create(CultureInfo.InvariantCulture, $"message {m.ConversationId} {m.Lane} {m.Seq,6} {m.MessageId}")).Order(StringComparer.Ordinal),
            ];
        }
    }

    public IEnumerable<Contracts.Conversations.MessageItem> Messages => store.Load().Messages.Values;

    /// <summary>Another instance of the device, with nothing stored.</summary>
    public Follower Fresh() => new(road.Server, SignedIn, Filter);

    /// <summary>Closes the connection under the device, as a bad network does.</summary>
    public ValueTask DropAsync() => road.DropAsync();

    /// <summary>The app is closed and opened again, perhaps with another filter.</summary>
    public async Task RestartAsync(SyncFilter? filter)
    {
        await Client.DisposeAsync();
        Filter = filter;
        Client = Begin();
    }

    public Task OnlineAsync() => UntilAsync(client => client.Status == DeviceStatus.Online, "online");

    public Task UntilAsync(Func<DeviceClient, bool> condition, string what) =>
        Until.TrueAsync(
            () => condition(Client),
            () => $"a device is {what}; it is {Client.Status} {Client.HaltedBy} {Client.Failure}{Environment.NewLine}{string.Join(Environment.NewLine, Lines.Concat(Client.Unsettled().Select(entry => $"unsettled {entry}")))}");

    /// <summary>It holds what another one, of the same person and with the same filter, holds.</summary>
    public Task UntilEqualAsync(Follower other) => Until.TrueAsync(
        () => Client.CanonicalHash() == other.Client.CanonicalHash(),
        () => $"two devices are equal; this one alone has{Environment.NewLine}{Difference(this, other)}the other one{Environment.NewLine}{Difference(other, this)}{Client.Status} {Client.Failure} {other.Client.Status} {other.Client.Failure}");

    public ValueTask DisposeAsync() => Client.DisposeAsync();

    DeviceClient Begin()
    {
        var client = new DeviceClient(road, store, new()
        {
            Filter = Filter,
            HistoryMessages = int.MaxValue,
            FirstPause = TimeSpan.FromMilliseconds(100),
            LongestPause = TimeSpan.FromSeconds(1),
        });
        client.Start();
        return client;
    }

    static string Difference(Follower one, Follower other) => string.Concat(one.Lines.Except(other.Lines, StringComparer.Ordinal).Select(line => $"  {line}{Environment.NewLine}"));

    /// <summary>The way to whatever server the device is to use now.</summary>
    sealed class Road(Func<ServerProcess> server, string accessToken) : IDeviceTransport
    {
        IDeviceLink? link;

        public Func<ServerProcess> Server => server;

        public async Task<IDeviceLink> OpenAsync(Action<PushBatch> onPush, CancellationToken cancellationToken) =>
            link = await new WebSocketTransport(server().Address, _ => new(accessToken)).OpenAsync(onPush, cancellationToken);

        public ValueTask DropAsync() => link?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
