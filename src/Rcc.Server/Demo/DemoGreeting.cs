using System.Text;

namespace Rcc.Server.Demo;

/// <summary>What the demo prints when it is ready.</summary>
internal static class DemoGreeting
{
    public static string Write(Uri address, DemoLogins logins)
    {
        var text = new StringBuilder();
        text.AppendLine().AppendLine("The demo is ready.").AppendLine()
            .AppendLine(Line("Page", new Uri(address, DemoPage.Path).ToString()))
            .AppendLine(Line("API", new Uri(address, "/openapi/v1.json").ToString()))
            .AppendLine(Line("Inbox", $"{logins.Inbox?.Identifier} ({logins.Inbox?.Name})")).AppendLine()
            .AppendLine($"Sign in to the account '{logins.Master.Account}' (POST /api/v1/auth/sign_in):");
        foreach (var (role, agent) in new[] { ("Master agent", logins.Master), ("Agent", logins.Agent), ("Agent", logins.Colleague) })
            text.AppendLine(Line(role, $"{agent.Email}  {agent.Password}  ({agent.Name})"));
        return text.AppendLine(Line("Operator", $"{logins.Operator.Name}  {logins.Operator.Password}  (POST /platform/api/v1/auth/sign_in)")).AppendLine().Append("Ctrl-C stops everything.").ToString();
    }

    static string Line(string name, string value) => $"  {name,-14}{value}";
}
