using System.Text.Json.Serialization;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Conversations;
using Rcc.Contracts.Routing;
using Rcc.Contracts.Sync;
using Rcc.Core;
using Rcc.Core.Tenants;

namespace Rcc.Server;

// The words of the REST API, and which word of the rooms each stands for: account = tenant, team = group, access token = API key, private message = note.

/// <summary>Who a person is.</summary>
internal enum PersonType
{
    Contact,
    Agent,
    MasterAgent,
    Administrator,
    Application,
    System,
    Operator,
}

/// <summary>The roles agents have.</summary>
internal enum AgentRole
{
    Agent,
    MasterAgent,
    Administrator,
}

/// <summary>What an agent may do with conversations.</summary>
internal enum Control
{
    Hold,
    Transfer,
    Resolve,
    Assign,
    AddParticipants,
    Supervise,
    Snooze,
    Prioritize,
    ActInBulk,
}

/// <summary>Whether an agent takes conversations.</summary>
internal enum AvailabilityStatus
{
    Offline,
    Online,
    Busy,
    TransferOnly,
    Away,
}

/// <summary>Who of those who could take a conversation gets it: who serves the fewest, or who was given one longest ago.</summary>
internal enum AssignmentPolicy
{
    LeastBusy,
    LongestIdle,
}

/// <summary>Which agents may take by hand what waits in a queue: those who serve it, all of the account, or none.</summary>
internal enum SelfAssigners
{
    Members,
    Anyone,
    Nobody,
}

/// <summary>Where a conversation stands.</summary>
internal enum Status
{
    Open,
    Resolved,
}

/// <summary>Which conversations a list is of, by where they stand: what is snoozed is open too.</summary>
internal enum StatusFilter
{
    Open,
    Resolved,
    Snoozed,
}

/// <summary>As what an agent takes part in a conversation.</summary>
internal enum ParticipantPart
{
    Server,
    Collaborator,
    Consultant,
    Monitor,
    Reader,
    Former,
}

/// <summary>Somebody types, or does not.</summary>
internal enum TypingStatus
{
    On,
    Off,
}

/// <summary>Whose a canned response or macro is.</summary>
internal enum Visibility
{
    Account,
    Team,
    Personal,
}

/// <summary>How urgent a conversation is.</summary>
internal enum PriorityLevel
{
    None,
    Low,
    Medium,
    High,
    Urgent,
}

/// <summary>How a transfer ended.</summary>
internal enum TransferEnd
{
    Completed,
    Declined,
    NoAnswer,
    Cancelled,
    Withdrawn,
}

/// <summary>From whom a message comes, seen from the account.</summary>
internal enum MessageType
{
    Incoming,
    Outgoing,
    Activity,
}

/// <summary>What an access token may do.</summary>
internal enum Scope
{
    [JsonStringEnumMemberName("conversations:read")] ConversationsRead,
    [JsonStringEnumMemberName("conversations:write")] ConversationsWrite,
    [JsonStringEnumMemberName("agents:read")] AgentsRead,
    [JsonStringEnumMemberName("agents:write")] AgentsWrite,
    [JsonStringEnumMemberName("contacts:read")] ContactsRead,
    [JsonStringEnumMemberName("contacts:write")] ContactsWrite,
    [JsonStringEnumMemberName("contacts:erase")] ContactsErase,
    [JsonStringEnumMemberName("inboxes")] Inboxes,
    [JsonStringEnumMemberName("audit_logs")] AuditLogs,
    [JsonStringEnumMemberName("queues")] Queues,
    [JsonStringEnumMemberName("settings")] Settings,
}

/// <summary>How agents sign in.</summary>
internal enum AgentSignIn
{
    Any,
    OidcOnly,
}

/// <summary>What an account can contract.</summary>
internal enum ContractedService
{
    Transfers,
    Supervision,
    Oidc,
    Totp,
    ContextLookup,
    Queues,
    Export,
}

/// <summary>Translates between the rooms' words and the API's.</summary>
internal static class Vocabulary
{
    public static PersonType ToPersonType(this Role role) => role switch
    {
        Role.Customer => PersonType.Contact,
        Role.Agent => PersonType.Agent,
        Role.MasterAgent => PersonType.MasterAgent,
        Role.Administrator => PersonType.Administrator,
        Role.Application => PersonType.Application,
        Role.System => PersonType.System,
        _ => throw Unknown(role),
    };

    public static Role ToRole(this PersonType type) => type switch
    {
        PersonType.Contact => Role.Customer,
        PersonType.Agent => Role.Agent,
        PersonType.MasterAgent => Role.MasterAgent,
        PersonType.Administrator => Role.Administrator,
        PersonType.Application => Role.Application,
        PersonType.System => Role.System,
        _ => throw Unknown(type),
    };

    public static AgentRole ToAgentRole(this Role role) => role switch
    {
        Role.Agent => AgentRole.Agent,
        Role.MasterAgent => AgentRole.MasterAgent,
        Role.Administrator => AgentRole.Administrator,
        _ => throw Unknown(role),
    };

    public static Role ToRole(this AgentRole role) => role switch
    {
        AgentRole.Agent => Role.Agent,
        AgentRole.MasterAgent => Role.MasterAgent,
        AgentRole.Administrator => Role.Administrator,
        _ => throw Unknown(role),
    };

    public static MessageType ToMessageType(this Role role) => role switch
    {
        Role.Customer => MessageType.Incoming,
        Role.System => MessageType.Activity,
        _ => MessageType.Outgoing,
    };

    public static AvailabilityStatus ToAvailabilityStatus(this Availability availability) => availability switch
    {
        Availability.Offline => AvailabilityStatus.Offline,
        Availability.Online => AvailabilityStatus.Online,
        Availability.Busy => AvailabilityStatus.Busy,
        Availability.TransferOnly => AvailabilityStatus.TransferOnly,
        Availability.Away => AvailabilityStatus.Away,
        _ => throw Unknown(availability),
    };

    public static Availability ToAvailability(this AvailabilityStatus availability) => availability switch
    {
        AvailabilityStatus.Offline => Availability.Offline,
        AvailabilityStatus.Online => Availability.Online,
        AvailabilityStatus.Busy => Availability.Busy,
        AvailabilityStatus.TransferOnly => Availability.TransferOnly,
        AvailabilityStatus.Away => Availability.Away,
        _ => throw Unknown(availability),
    };

    public static Status ToStatus(this ConversationStatus status) => status switch
    {
        ConversationStatus.Open => Status.Open,
        ConversationStatus.Resolved => Status.Resolved,
        _ => throw Unknown(status),
    };

    public static ConversationStatus ToConversationStatus(this StatusFilter status) => status switch
    {
        StatusFilter.Open or StatusFilter.Snoozed => ConversationStatus.Open,
        StatusFilter.Resolved => ConversationStatus.Resolved,
        _ => throw Unknown(status),
    };

    public static ParticipantPart ToParticipantPart(this Part part) => part switch
    {
        Part.Server => ParticipantPart.Server,
        Part.Collaborator => ParticipantPart.Collaborator,
        Part.Consultant => ParticipantPart.Consultant,
        Part.Monitor => ParticipantPart.Monitor,
        Part.Reader => ParticipantPart.Reader,
        Part.Former => ParticipantPart.Former,
        _ => throw Unknown(part),
    };

    public static Visibility ToVisibility(this ShortcutScope scope) => scope switch
    {
        ShortcutScope.Account => Visibility.Account,
        ShortcutScope.Group => Visibility.Team,
        ShortcutScope.Person => Visibility.Personal,
        _ => throw Unknown(scope),
    };

    public static ShortcutScope ToShortcutScope(this Visibility visibility) => visibility switch
    {
        Visibility.Account => ShortcutScope.Account,
        Visibility.Team => ShortcutScope.Group,
        Visibility.Personal => ShortcutScope.Person,
        _ => throw Unknown(visibility),
    };

    public static PriorityLevel ToPriorityLevel(this Priority priority) => priority switch
    {
        Priority.None => PriorityLevel.None,
        Priority.Low => PriorityLevel.Low,
        Priority.Medium => PriorityLevel.Medium,
        Priority.High => PriorityLevel.High,
        Priority.Urgent => PriorityLevel.Urgent,
        _ => throw Unknown(priority),
    };

    public static Priority ToPriority(this PriorityLevel priority) => priority switch
    {
        PriorityLevel.None => Priority.None,
        PriorityLevel.Low => Priority.Low,
        PriorityLevel.Medium => Priority.Medium,
        PriorityLevel.High => Priority.High,
        PriorityLevel.Urgent => Priority.Urgent,
        _ => throw Unknown(priority),
    };

    public static TransferEnd ToTransferEnd(this TransferOutcome outcome) => outcome switch
    {
        TransferOutcome.Completed => TransferEnd.Completed,
        TransferOutcome.Declined => TransferEnd.Declined,
        TransferOutcome.NoAnswer => TransferEnd.NoAnswer,
        TransferOutcome.Cancelled => TransferEnd.Cancelled,
        TransferOutcome.Withdrawn => TransferEnd.Withdrawn,
        _ => throw Unknown(outcome),
    };

    public static AssignmentPolicy ToAssignmentPolicy(this QueuePolicy policy) => policy switch
    {
        QueuePolicy.LeastBusy => AssignmentPolicy.LeastBusy,
        QueuePolicy.LongestIdle => AssignmentPolicy.LongestIdle,
        _ => throw Unknown(policy),
    };

    public static SelfAssigners ToSelfAssigners(this SelfAssignment who) => who switch
    {
        SelfAssignment.Members => SelfAssigners.Members,
        SelfAssignment.Anyone => SelfAssigners.Anyone,
        SelfAssignment.Nobody => SelfAssigners.Nobody,
        _ => throw new ArgumentOutOfRangeException(nameof(who)),
    };

    public static SelfAssignment ToSelfAssignment(this SelfAssigners who) => who switch
    {
        SelfAssigners.Members => SelfAssignment.Members,
        SelfAssigners.Anyone => SelfAssignment.Anyone,
        SelfAssigners.Nobody => SelfAssignment.Nobody,
        _ => throw new ArgumentOutOfRangeException(nameof(who)),
    };

    public static QueuePolicy ToQueuePolicy(this AssignmentPolicy policy) => policy switch
    {
        AssignmentPolicy.LeastBusy => QueuePolicy.LeastBusy,
        AssignmentPolicy.LongestIdle => QueuePolicy.LongestIdle,
        _ => throw Unknown(policy),
    };

    public static Lane ToLane(bool isPrivate) => isPrivate ? Lane.Notes : Lane.Public;

    public static AgentSignIn? ToAgentSignIn(this SignInWay? way) => way switch
    {
        null => null,
        SignInWay.OidcOnly => AgentSignIn.OidcOnly,
        _ => AgentSignIn.Any,
    };

    public static SignInWay? ToSignInWay(this AgentSignIn? way) => way switch
    {
        null => null,
        AgentSignIn.OidcOnly => SignInWay.OidcOnly,
        _ => SignInWay.Any,
    };

    public static Scopes ToScopes(this IEnumerable<Scope> scopes) => scopes.Aggregate(Scopes.None, (all, scope) => all | ToScopes(scope));

    public static IReadOnlyList<Scope> ToScopeList(this Scopes scopes) => [.. Enum.GetValues<Scope>().Where(s => scopes.HasFlag(ToScopes(s)))];

    public static Controls ToControls(this IEnumerable<Control> controls) => controls.Aggregate(Controls.None, (all, control) => all | ToControls(control));

    public static IReadOnlyList<Control> ToControlList(this Controls controls) => [.. Enum.GetValues<Control>().Where(c => controls.HasFlag(ToControls(c)))];

    static Controls ToControls(Control control) => control switch
    {
        Control.Hold => Controls.Hold,
        Control.Transfer => Controls.Transfer,
        Control.Resolve => Controls.Resolve,
        Control.Assign => Controls.Assign,
        Control.AddParticipants => Controls.AddParticipants,
        Control.Supervise => Controls.Supervise,
        Control.Snooze => Controls.Snooze,
        Control.Prioritize => Controls.Prioritize,
        Control.ActInBulk => Controls.ActInBulk,
        _ => throw Unknown(control),
    };

    static Scopes ToScopes(Scope scope) => scope switch
    {
        Scope.ConversationsRead => Scopes.ConversationsRead,
        Scope.ConversationsWrite => Scopes.ConversationsWrite,
        Scope.AgentsRead => Scopes.AgentsRead,
        Scope.AgentsWrite => Scopes.AgentsWrite,
        Scope.ContactsRead => Scopes.ContactsRead,
        Scope.ContactsWrite => Scopes.ContactsWrite,
        Scope.ContactsErase => Scopes.ContactsErase,
        Scope.Settings => Scopes.Settings,
        Scope.Inboxes => Scopes.Inboxes,
        Scope.AuditLogs => Scopes.AuditLogs,
        Scope.Queues => Scopes.Queues,
        _ => throw Unknown(scope),
    };

    public static Services ToServices(this IEnumerable<ContractedService> services) => services.Aggregate(Services.None, (all, service) => all | ToService(service));

    public static IReadOnlyList<ContractedService> ToServiceList(this Services services) => [.. Enum.GetValues<ContractedService>().Where(s => services.HasFlag(ToService(s)))];

    static Services ToService(ContractedService service) => service switch
    {
        ContractedService.Transfers => Services.Transfers,
        ContractedService.Supervision => Services.Supervision,
        ContractedService.Oidc => Services.Oidc,
        ContractedService.Totp => Services.Totp,
        ContractedService.ContextLookup => Services.ContextLookup,
        ContractedService.Queues => Services.Queues,
        ContractedService.Export => Services.Export,
        _ => throw Unknown(service),
    };

    static InvalidOperationException Unknown<T>(T word)
        where T : struct, Enum => new($"{typeof(T).Name} {word} has no word in the API.");
}
