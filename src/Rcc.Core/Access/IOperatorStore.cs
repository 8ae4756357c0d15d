namespace Rcc.Core.Access;

/// <summary>The platform operators. What is done to them, and that they sign in, is in the action record in the same commit.</summary>
public interface IOperatorStore
{
    /// <summary>The operator with this name; null when there is none, or it is disabled.</summary>
    Task<OperatorLogin?> FindOperatorAsync(string name, CancellationToken cancellationToken);

    /// <summary>As the other, by its id.</summary>
    Task<OperatorLogin?> FindOperatorAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>Whether there is any platform operator.</summary>
    Task<bool> HasOperatorAsync(CancellationToken cancellationToken);

    /// <summary>Adds the first platform operator; false when there is one already.</summary>
    Task<bool> AddFirstOperatorAsync(Guid id, string name, string passwordHash, CancellationToken cancellationToken);

    /// <summary>Adds another one; false when the name is used.</summary>
    Task<bool> AddOperatorAsync(Guid by, Guid id, string name, string passwordHash, CancellationToken cancellationToken);

    /// <summary>Lets whoever has the machine in: an operator of this name is there afterwards, enabled, with this password, and its sessions are ended.</summary>
    Task RecoverOperatorAsync(Guid id, string name, string passwordHash, CancellationToken cancellationToken);

    /// <summary>All operators, by id.</summary>
    Task<IReadOnlyList<OperatorListing>> ListOperatorsAsync(Guid? after, int limit, CancellationToken cancellationToken);

    /// <summary>Disables, which ends all sessions, or enables.</summary>
    Task<OperatorDisabling> SetOperatorDisabledAsync(Guid by, Guid id, bool disabled, CancellationToken cancellationToken);

    /// <summary>Gives an operator another password, if it still has the one that was checked, and ends its sessions but this one.</summary>
    Task<bool> ChangeOperatorPasswordAsync(Guid id, string checkedHash, string passwordHash, ReadOnlyMemory<byte> session, CancellationToken cancellationToken);

    /// <summary>Ends all sessions of an operator; false when there is no such operator.</summary>
    Task<bool> EndOperatorSessionsAsync(Guid by, Guid id, CancellationToken cancellationToken);

    Task AddOperatorSessionAsync(Guid operatorId, ReadOnlyMemory<byte> hash, DateTimeOffset expiresAt, CancellationToken cancellationToken);

    /// <summary>Records that somebody tried to sign in as the operator with a wrong password.</summary>
    Task RecordFailedSignInAsync(Guid operatorId, CancellationToken cancellationToken);

    Task<Guid?> FindOperatorSessionAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken);

    Task RemoveOperatorSessionAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken);
}

/// <summary>What an operator's sign-in is checked against.</summary>
public sealed record OperatorLogin(Guid Id, string Name, string PasswordHash);

/// <summary>A platform operator in a list.</summary>
/// <param name="Id">The operator.</param>
/// <param name="Name">What it signs in with.</param>
/// <param name="CreatedAt">When it was added.</param>
/// <param name="DisabledAt">Since when it cannot sign in; null: it can.</param>
/// <param name="Sessions">How many sessions it has.</param>
public sealed record OperatorListing(Guid Id, string Name, DateTimeOffset CreatedAt, DateTimeOffset? DisabledAt, int Sessions);

/// <summary>What came of disabling or enabling an operator. The numbers are the store's.</summary>
public enum OperatorDisabling
{
    Unknown = 0,
    Done = 1,

    /// <summary>It is the last one that can sign in.</summary>
    Last = 2,
}
