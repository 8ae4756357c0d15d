using System.CommandLine;
using Rcc.Bench;
using Rcc.Bench.BareHub;
using Rcc.Bench.Catchup;
using Rcc.Bench.Fairness;
using Rcc.Bench.Fanout;
using Rcc.Bench.History;
using Rcc.Bench.Idle;
using Rcc.Bench.Limits;
using Rcc.Bench.Load;
using Rcc.Bench.Routing;

var root = new RootCommand("Measures how fast Rcc is, beside the practical limit of the same machine.")
{
    new LimitsMeasurement().ToCommand(),
    new FanoutMeasurement().ToCommand(),
    new FairnessMeasurement().ToCommand(),
    new RoutingMeasurement().ToCommand(),
    new HistoryMeasurement().ToCommand(),
    new CatchupMeasurement().ToCommand(),
    new IdleMeasurement().ToCommand(),
    Hidden(Verbs.BareHub, BareHubProgram.RunAsync),
    Hidden(Verbs.Generate, GeneratorProgram.RunAsync),
};
return await root.Parse(args).InvokeAsync();

static Command Hidden(string name, Func<CancellationToken, Task> run)
{
    var command = new Command(name) { Hidden = true };
    command.SetAction((_, cancellationToken) => run(cancellationToken));
    return command;
}
