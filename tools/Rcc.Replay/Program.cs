using System.CommandLine;
using Rcc.Replay;
using Rcc.Replay.Accounts;
using Rcc.Replay.Dialogues;
using Rcc.Replay.Hosting;

const string PasswordVariable = "RCC_OPERATOR_PASSWORD";

var input = new Option<string?>("--input") { Description = "Dialogues, one JSON object per line. Absent: the demo's own.", HelpName = "file" };
var server = new Option<Uri?>("--server") { Description = "A running server. Absent: one of its own, on a data folder of its own.", HelpName = "url" };
var operatorName = new Option<string?>("--operator") { Description = "With --server: the platform operator who onboards the tenants.", HelpName = "name" };
var operatorPassword = new Option<string?>("--operator-password") { Description = $"With --server: its password; better given as {PasswordVariable}.", HelpName = "password" };
var tenants = new Option<int>("--tenants") { Description = "Tenants to onboard.", DefaultValueFactory = _ => 5 };
var agents = new Option<int>("--agents") { Description = "Agents of each tenant.", DefaultValueFactory = _ => 4 };
var devices = new Option<int>("--devices") { Description = "Devices of each agent.", DefaultValueFactory = _ => 3 };
var chaos = new Option<double>("--chaos") { Description = "The share of turns around which something goes wrong; above 0 the server of its own and its PostgreSQL are killed, too.", DefaultValueFactory = _ => 0 };
var control = new Option<bool>("--control") { Description = "Hold, transfer and discuss conversations, suspend agents and let them race for offers, and check owners, capacity, queues and what customers get to see." };
var parallel = new Option<int>("--parallel") { Description = "Dialogues played at the same time.", DefaultValueFactory = _ => 64 };
var seed = new Option<int?>("--seed") { Description = "Where all choices come from. Absent: another one each time." };
var patience = new Option<int>("--patience") { Description = "Seconds without anything happening after which it is given up.", DefaultValueFactory = _ => 60 };
var report = new Option<string?>("--report") { Description = "Where to write the JSON report.", HelpName = "file" };
foreach (var count in new[] { tenants, agents, devices, parallel, patience })
{
    count.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() is var value and (< 1 or > 10_000))
            result.AddError($"{count.Name} is {value}; it must be 1 … 10000.");
    });
}
chaos.Validators.Add(result =>
{
    if (result.GetValueOrDefault<double>() is var value && value is not (>= 0 and <= 1))
        result.AddError($"--chaos is {value}; it must be 0 … 1.");
});
server.CustomParser = result =>
{
    if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
        return uri;
    result.AddError($"--server is '{result.Tokens[0].Value}'; it must be an http or https address.");
    return null;
};

var root = new RootCommand("Plays real dialogues through the front door of an Rcc server, on many devices at once, and checks that every device ends with exactly what was said.")
{
    input, server, operatorName, operatorPassword, tenants, agents, devices, chaos, control, parallel, seed, patience, report,
};
root.Validators.Add(result =>
{
    // A wrong address has said so already.
    if (result.GetResult(server) is { Errors: { } errors } && !errors.Any() && (result.GetValue(operatorName) is null || Password(result.GetValue(operatorPassword)) is null))
        result.AddError($"--server needs --operator and --operator-password (or {PasswordVariable}).");
});
root.SetAction(async (parsed, cancellationToken) =>
{
    var settings = new ReplaySettings
    {
        Server = parsed.GetValue(server),
        Operator = parsed.GetValue(operatorName) is { } name && Password(parsed.GetValue(operatorPassword)) is { } password ? new OperatorLogin(name, password) : null,
        Tenants = parsed.GetValue(tenants),
        Agents = parsed.GetValue(agents),
        Devices = parsed.GetValue(devices),
        Chaos = parsed.GetValue(chaos),
        Control = parsed.GetValue(control),
        Parallel = parsed.GetValue(parallel),
        Seed = parsed.GetValue(seed) ?? Random.Shared.Next(),
        Patience = TimeSpan.FromSeconds(parsed.GetValue(patience)),
    };
    try
    {
        var path = parsed.GetValue(input);
        var dialogues = path is null ? DialogueFile.ReadDemo() : DialogueFile.Read(path);
        var replay = new ReplayRun(settings, path is null ? "demo" : Path.GetFileName(path), dialogues);
        var found = await ReplayConsole.RunAsync(replay, cancellationToken);
        ReplayConsole.Write(found);
        if (!found.Passed && replay.ServerSaid is { Length: > 0 } said)
            await Console.Error.WriteLineAsync($"The server said last:{Environment.NewLine}{said}");
        if (parsed.GetValue(report) is { } to)
            await found.WriteAsync(to, cancellationToken);
        return found.ExitCode;
    }
    catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
    {
        return 130;
    }
    catch (Exception e) when (e is DialogueFileException or FrontDoorException or ServerProcessException)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return 1;
    }
});
// Ctrl-C: the server of our own is to end in good order, and its folder with it.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });

static string? Password(string? given) => given ?? Environment.GetEnvironmentVariable(PasswordVariable);
