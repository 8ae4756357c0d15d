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

    internal Task<Node> StartAsync(params (string Key, string Value)[] settings) => Node.StartAsync(stage, settings);
}
