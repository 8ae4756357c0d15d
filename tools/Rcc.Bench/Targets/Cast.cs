using Rcc.Bench.Load;

namespace Rcc.Bench.Targets;

/// <summary>Who takes part: customers with one device and one conversation each, agents with several devices. Customer c is served by agent c mod <paramref name="Agents"/>.</summary>
sealed record Cast(int Customers, int Agents, int Devices)
{
    public int Connections => Customers + (Agents * Devices);

    /// <summary>The cast with made-up ids, for a hub that asks for no credentials.</summary>
    public Site ToSite(int port, string path)
    {
        var agents = Enumerable.Range(0, Agents).Select(_ => Guid.CreateVersion7()).ToList();
        return new Site(
            port,
            path,
            Dialect.BareHub,
            [
                .. Enumerable.Range(0, Customers).Select(_ => new SiteDevice(Guid.CreateVersion7(), Credential: null)),
                .. agents.SelectMany(agent => Enumerable.Repeat(new SiteDevice(agent, Credential: null), Devices)),
            ],
            [.. Enumerable.Range(0, Customers).Select(customer => ConversationOf(customer, Guid.CreateVersion7()))]);
    }

    /// <summary>The devices of a customer's conversation, where the customers' devices come first and then each agent's.</summary>
    public SiteConversation ConversationOf(int customer, Guid id) =>
        new(id, customer, [.. Enumerable.Range(Customers + (customer % Agents * Devices), Devices)]);
}
