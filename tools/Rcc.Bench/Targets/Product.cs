using Rcc.Bench.Load;
using Rcc.Bench.Measuring;

namespace Rcc.Bench.Targets;

/// <summary>One product on one database, which can be stopped and started again between measurements.</summary>
sealed class Product : IAsyncDisposable
{
    readonly string _connectionString;
    readonly string[] _settings;
    ServerProcess? _server;
    ProductAccount? _account;
    int _port;

    Product(string connectionString, string[] settings) => (_connectionString, _settings) = (connectionString, settings);

    public ServerProcess Server => _server ?? throw new InvalidOperationException("The product is stopped.");

    public ProductAccount Account { get => _account ?? throw new InvalidOperationException("There is no account yet."); private set => _account = value; }

    public string ConnectionString => _connectionString;

    /// <summary>Starts it on a new database and makes an account.</summary>
    /// <param name="settings">Configuration beside what <see cref="ProductProcess"/> gives.</param>
    public static async Task<Product> StartAsync(Database database, CancellationToken cancellationToken, params string[] settings)
    {
        var product = new Product(await database.CreateAsync("product", cancellationToken), settings);
        try
        {
            (product._server, var link) = await ProductProcess.StartEmptyAsync(product._connectionString, settings, cancellationToken);
            product._port = link.Port;
            product.Account = await ProductAccount.OnboardAsync(link, cancellationToken);
            return product;
        }
        catch
        {
            await product.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops it while <paramref name="change"/> works on its database, then starts it again: no grain remembers what was before.</summary>
    public async Task ChangeBehindItsBackAsync(Func<Task> change, CancellationToken cancellationToken)
    {
        await Server.DisposeAsync();
        _server = null;
        await change();
        (_server, _port) = await ProductProcess.StartAgainAsync(_connectionString, _settings, cancellationToken);
        Account.MoveTo(_port);
    }

    /// <summary>Connects the devices of a site.</summary>
    public Task<(GeneratorProcess Generator, Connected Connected)> ConnectAsync(Site site, CancellationToken cancellationToken) =>
        GeneratorProcess.StartAsync(site with { Port = _port }, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _account?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
