using System.Security.Cryptography;
using System.Text;
using Rcc.Client.Access;

namespace Rcc.Replay.Accounts;

/// <summary>A tenant made for this replay, with an inbox and its agents.</summary>
sealed class Tenant
{
    readonly FrontDoor door;
    readonly Inbox inbox;
    readonly Owners owners;

    Tenant(FrontDoor door, Owners owners, Guid accountId, string slug, Inbox inbox, Guid teamId, Experts? experts, Person master, Administration administration, IReadOnlyList<Person> agents)
    {
        this.door = door;
        this.owners = owners;
        this.inbox = inbox;
        AccountId = accountId;
        Slug = slug;
        TeamId = teamId;
        Experts = experts;
        Master = master;
        Administration = administration;
        Agents = agents;
    }

    public Guid AccountId { get; }

    public string Slug { get; }

    /// <summary>The team all agents work in.</summary>
    public Guid TeamId { get; }

    /// <summary>A queue that some of the agents serve; null where nothing is transferred.</summary>
    public Experts? Experts { get; }

    /// <summary>Runs the team.</summary>
    public Person Master { get; }

    /// <summary>What the master agent does by REST.</summary>
    public Administration Administration { get; }

    public IReadOnlyList<Person> Agents { get; }

    /// <summary>Onboards a tenant: account, master agent, team, agents, inbox; nobody is signed in on a device yet.</summary>
    /// <param name="offerSeconds">What comes in waits in a queue of the team and is offered, each time for so long; null: there is no such queue.</param>
    /// <param name="expertsTakeWithinSeconds">What is transferred to a queue that all agents but one serve goes back after so long; null: there is no such queue.</param>
    public static async Task<Tenant> OnboardAsync(FrontDoor door, Owners owners, string operatorToken, string slug, int agents, int? offerSeconds, int? expertsTakeWithinSeconds, CancellationToken cancellationToken)
    {
        var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));
        var master = new { Name = "Replay master", Email = "master@replay.example", Password = password };
        var account = await door.PostAsync<Made>("platform/api/v1/accounts", new { Name = $"Replay {slug}", Slug = slug, MasterAgent = master }, operatorToken, cancellationToken);
        owners.Add(account.Id, account.Id);
        var session = await door.SignInAsync(new AgentSignIn(slug, master.Email, password, "Replay set-up"), cancellationToken);
        owners.Add(account.Id, session.PersonId);
        owners.Add(account.Id, session.DeviceId);

        var path = $"api/v1/accounts/{account.Id}";
        var team = await door.PostAsync<Made>($"{path}/teams", new { Name = "Replay" }, session.AccessToken, cancellationToken, key: "team");
        owners.Add(account.Id, team.Id);
        Made? queue = null;
        if (offerSeconds is not null)
        {
            var settings = new { Name = "Replay", TeamIds = new[] { team.Id }, OfferSeconds = offerSeconds };
            queue = await door.PostAsync<Made>($"{path}/queues", settings, session.AccessToken, cancellationToken, key: "queue");
            owners.Add(account.Id, queue.Id);
        }
        var wayIn = await door.PostAsync<Inbox>($"{path}/inboxes", new { Name = "Replay", QueueId = queue?.Id }, session.AccessToken, cancellationToken, key: "inbox");
        owners.Add(account.Id, wayIn.Id);
        var people = new List<Person>();
        var ids = new List<Guid>();
        for (var i = 1; i <= agents; i++)
        {
            var email = $"agent{i}@replay.example";
            var made = await door.PostAsync<Made>(
                $"{path}/agents", new { Name = $"Agent {i}", Email = email, Password = password, TeamId = team.Id }, session.AccessToken, cancellationToken, key: $"agent-{i}");
            owners.Add(account.Id, made.Id);
            ids.Add(made.Id);
            people.Add(new Person(
                $"{slug}, agent {i}", account.Id, owners, (device, cancellation) => door.SignInAsync(new AgentSignIn(slug, email, password, device), cancellation)));
        }
        Experts? experts = null;
        if (expertsTakeWithinSeconds is { } seconds)
        {
            Guid[] some = [.. ids.Take(Math.Max(1, ids.Count - 1))];
            var made = await door.PostAsync<Made>($"{path}/queues", new { Name = "Experts", AgentIds = some, TransferSeconds = seconds }, session.AccessToken, cancellationToken, key: "experts");
            owners.Add(account.Id, made.Id);
            experts = new(made.Id, some.ToHashSet());
        }
        var runs = new Person($"{slug}, master agent", account.Id, owners, (device, cancellation) => door.SignInAsync(new AgentSignIn(slug, master.Email, password, device), cancellation));
        return new Tenant(door, owners, account.Id, slug, wayIn, team.Id, experts, runs, new Administration(door, account.Id, session.AccessToken), people);
    }

    /// <summary>A new customer, known to the tenant by an identifier, so that it can come in on a second device.</summary>
    public Person AddCustomer(int number, string? name)
    {
        var identifier = $"replay-customer-{number}";
        var secret = inbox.IdentitySecret ?? throw new FrontDoorException("The master agent does not get the inbox's identity secret.");
        var hash = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(identifier)));
        var shown = NameOf(name);
        return new Person(
            $"{Slug}, customer {number}", AccountId, owners, (device, cancellation) => door.SignInAsync(inbox.Identifier, new ContactSignIn(identifier, hash, shown, DeviceName: device), cancellation));
    }

    /// <summary>The server takes names of 1 … 100 characters without control characters or blanks at their ends; the input may have any.</summary>
    static string? NameOf(string? name)
    {
        const int maxLength = 100;
        var text = new StringBuilder();
        foreach (var rune in (name ?? "").EnumerateRunes())
        {
            if (Rune.IsControl(rune) || rune == Rune.ReplacementChar)
                continue;
            if (text.Length + rune.Utf16SequenceLength > maxLength)
                break;
            text.Append(rune);
        }
        var shown = text.ToString().Trim();
        return shown.Length == 0 ? null : shown;
    }

    sealed record Made(Guid Id);

    sealed record Inbox(Guid Id, string Identifier, string? IdentitySecret);
}

/// <summary>A queue and the agents who serve it.</summary>
sealed record Experts(Guid QueueId, IReadOnlySet<Guid> AgentIds);
