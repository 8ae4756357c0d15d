using Microsoft.Extensions.Options;
using Rcc.Postgres.Embedded;
using Rcc.Server;
using Rcc.Server.Demo;

var (line, exitCode) = CommandLine.Read(args);
if (line is null) return exitCode;

using var stop = new StopSignal();
try
{
    await using var server = await RccServer.StartAsync(line, stop.Token);
    await server.RunAsync();
    return 0;
}
catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
{
    return 0;
}
catch (Exception exception) when (exception is EmbeddedPostgresException or OptionsValidationException or DemoException)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}
