using static Rcc.Server.Demo.DemoStart;

namespace Rcc.Server.Demo;

/// <summary>Plays the demo's dialogues: each customer writes in, the agent the conversation is given to answers. All but a few end resolved.</summary>
internal sealed class DialoguePlay(FrontDoorClient api, DemoLogins logins)
{
    const int LeftOpen = 3;

    static readonly TimeSpan AssignmentPatience = TimeSpan.FromSeconds(30);
    static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(50);

    readonly Dictionary<Guid, FrontDoorClient> agents = [];
    string account = "";

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var agent in new[] { logins.Agent, logins.Colleague })
        {
            var session = await SignInAsync(api, agent, "Dialogue player", cancellationToken);
            account = $"/api/v1/accounts/{session.AccountId}";
            agents[session.PersonId] = api.As(session.AccessToken);
            await agents[session.PersonId].PutAsync($"{account}/profile/availability", new { Availability = "online" }, cancellationToken);
        }

        var dialogues = Dialogue.ReadAll();
        foreach (var (index, dialogue) in dialogues.Index()) await PlayAsync(dialogue, resolve: index < dialogues.Count - LeftOpen, cancellationToken);

        foreach (var agent in agents.Values)
        {
            await agent.PutAsync($"{account}/profile/availability", new { Availability = "offline" }, cancellationToken);
            await agent.PostAsync("/api/v1/auth/sign_out", new { }, cancellationToken);
        }
    }

    async Task PlayAsync(Dialogue dialogue, bool resolve, CancellationToken cancellationToken)
    {
        var session = await api.PostAsync<Session>($"/public/api/v1/inboxes/{logins.Inbox!.Identifier}/contacts", new { Name = dialogue.Customer, DeviceName = "Dialogue player" }, cancellationToken);
        var customer = api.As(session.AccessToken);
        var conversation = $"{account}/conversations/{(await customer.PostAsync<Opened>($"{account}/conversations", new { }, cancellationToken)).Id}";
        var agent = await AssigneeAsync(customer, conversation, cancellationToken);
        foreach (var (index, turn) in dialogue.Turns.Index())
            await (turn.IsCustomers ? customer : agent).PostAsync<object>($"{conversation}/messages", new { Content = turn.Text }, cancellationToken, key: $"{dialogue.Id}-{index}");
        if (resolve) await agent.PostAsync($"{conversation}/toggle_status", new { Status = "resolved" }, cancellationToken);
    }

    async Task<FrontDoorClient> AssigneeAsync(FrontDoorClient customer, string conversation, CancellationToken cancellationToken)
    {
        for (var deadline = DateTime.UtcNow + AssignmentPatience; DateTime.UtcNow < deadline; await Task.Delay(LookAgainAfter, cancellationToken))
        {
            if ((await customer.GetAsync<Opened>(conversation, cancellationToken)).AssigneeId is { } agent) return agents[agent];
        }

        throw new DemoException($"No agent was given the conversation within {AssignmentPatience}.");
    }

    sealed record Opened(Guid Id, Guid? AssigneeId);
}
