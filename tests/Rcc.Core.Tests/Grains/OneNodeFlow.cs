namespace Rcc.Core.Tests.Grains;

/// <summary>One node and one company on a stage.</summary>
public abstract class OneNodeFlow(IStage stage) : IAsyncLifetime
{
    internal Node Node { get; private set; } = null!;

    internal Company Company { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Node = await StartAsync();
        Company = await Company.FoundAsync(Node);
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts a node in the place of the flow's own: two over one store would do each other's work.</summary>
    internal async Task<Node> StartInsteadAsync(params (string Key, string Value)[] settings)
    {
        await Node.DisposeAsync();
        return await StartAsync(settings);
    }

    Task<Node> StartAsync(params (string Key, string Value)[] settings) => Node.StartAsync(stage, settings);
}
