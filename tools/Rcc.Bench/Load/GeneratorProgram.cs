using System.Text.Json;

namespace Rcc.Bench.Load;

/// <summary>The load generator's process: orders on standard input, events on standard output.</summary>
static class GeneratorProgram
{
    public static async Task RunAsync(CancellationToken cancellationToken)
    {
        var site = JsonSerializer.Deserialize<Site>(await Console.In.ReadLineAsync(cancellationToken) ?? throw new InvalidDataException("No site on standard input."))!;
        await using var fleet = new Fleet(site);
        await SayAsync(await fleet.ConnectAsync(cancellationToken));
        while (await Console.In.ReadLineAsync(cancellationToken) is { } line)
        {
            await SayAsync(JsonSerializer.Deserialize<Order>(line) switch
            {
                DrivePhase phase => await fleet.DriveAsync(phase, () => SayAsync(new WarmedUp()), cancellationToken),
                PostProbe => await fleet.ProbeAsync(cancellationToken),
                ReadPages pages => await fleet.ReadPagesAsync(pages, cancellationToken),
                CatchUp catchUp => await fleet.CatchUpAsync(catchUp, cancellationToken),
                var unknown => throw new InvalidDataException($"Unknown order {unknown}."),
            });
        }

    }

    static Task SayAsync(Event said) => Console.Out.WriteLineAsync(JsonSerializer.Serialize(said));
}
