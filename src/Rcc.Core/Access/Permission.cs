using Rcc.Contracts;
using Rcc.Contracts.Sync;

namespace Rcc.Core.Access;

/// <summary>What a caller may ask for at all, by its role and its key's scopes; null when it may. What it may do with a certain thing is that thing's rules.</summary>
internal static class Permission
{
    static readonly Outcome AgentsOnly = Outcome.Refused(ErrorCode.Forbidden, "Only an agent may do this.");

    /// <summary>A person: not an application.</summary>
    public static Outcome? RequirePerson(Caller caller) =>
        caller.Role is Role.Customer || caller.IsAgent ? null : Outcome.Refused(ErrorCode.Forbidden, "Only a person may do this.");

    public static Outcome? RequireAgent(Caller caller) => caller.IsAgent ? null : AgentsOnly;

    /// <summary>Writes messages.</summary>
    public static Outcome? RequireWriter(Caller caller) => caller.Role == Role.Application ? RequireScope(caller, Scopes.ConversationsWrite) : RequirePerson(caller);

    /// <summary>Reads messages.</summary>
    public static Outcome? RequireReader(Caller caller) => caller.Role == Role.Application ? RequireScope(caller, Scopes.ConversationsRead) : RequirePerson(caller);

    /// <summary>Changes where a conversation stands.</summary>
    public static Outcome? RequireSteering(Caller caller) => RequireAgentOr(caller, Scopes.ConversationsWrite);

    /// <summary>An agent, or an application with the scope.</summary>
    public static Outcome? RequireAgentOr(Caller caller, Scopes scope) => caller.Role == Role.Application ? RequireScope(caller, scope) : RequireAgent(caller);

    /// <summary>A master agent or administrator, or an application with the scope.</summary>
    public static Outcome? RequireMasterOr(Caller caller, Scopes scope) => caller.Role == Role.Application ? RequireScope(caller, scope) : RequireMaster(caller);

    public static Outcome? RequireMaster(Caller caller) =>
        caller.IsManager ? null : Outcome.Refused(ErrorCode.Forbidden, "Only a master agent or an administrator may do this.");

    public static Outcome? RequireAdministrator(Caller caller) =>
        caller.Role == Role.Administrator ? null : Outcome.Refused(ErrorCode.Forbidden, "Only an administrator may do this.");

    /// <summary>An administrator, or an application with the scope.</summary>
    public static Outcome? RequireAdministratorOr(Caller caller, Scopes scope) => caller.Role == Role.Application ? RequireScope(caller, scope) : RequireAdministrator(caller);

    public static Outcome? RequireApplication(Caller caller, Scopes scope) =>
        caller.Role == Role.Application ? RequireScope(caller, scope) : Outcome.Refused(ErrorCode.Forbidden, "Only an application may do this.");

    static Outcome? RequireScope(Caller caller, Scopes scope) =>
        caller.Scopes.HasFlag(scope) ? null : Outcome.Refused(ErrorCode.Forbidden, $"The key has not the scope {scope}.");
}
