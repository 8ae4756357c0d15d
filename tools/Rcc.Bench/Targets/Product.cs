using Rcc.Bench.Load;
using Rcc.Bench.Measuring;

namespace Rcc.Bench.Targets;

/// <summary>One product on one database, which can be stopped and started again between measurements.</summary>
sealed class Product : IAsyncDisposable
{
    readonly string connectionString;
    readonly string[] settings;
    ServerProcess? server;
    ProductAccount? account;
    int port;

    Product(string connectionString, string[] settings) => (this.connectionString, this.settings) = (connectionString, settings);

    public ServerProcess Server => server ?? throw new InvalidOperationException("The product is stopped.");

    public ProductAccount Account { get => account ?? throw new InvalidOperationException("There is no account yet."); private set => account = value; }

    public string ConnectionString => connectionString;

    /// <summary>Starts it on a new database and makes an account.</summary>
    /// <param name="settings">Configuration beside what <see cref="ProductProcess"/> gives.</param>
    public static async Task<Product> StartAsync(Database database, CancellationToken cancellationToken, params string[] settings)
    {
        var product = new Product(await database.CreateAsync("product", cancellationToken), settings);
        try
        {
            (product.server, var link) = await ProductProcess.StartEmptyAsync(product.connectionString, settings, cancellationToken);
            product.port = link.Port;
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
        server = null;
        await change();
        (server, port) = await ProductProcess.StartAgainAsync(connectionString, settings, cancellationToken);
        Account.MoveTo(port);
    }

    /// <summary>Connects the devices of a site.</summary>
    public Task<(GeneratorProcess Generator, Connected Connected)> ConnectAsync(Site site, CancellationToken cancellationToken) =>
        GeneratorProcess.StartAsync(site with { Port = port }, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        account?.Dispose();
        if (server is not null)
        {
            await server.DisposeAsync();
        }
    }
}
