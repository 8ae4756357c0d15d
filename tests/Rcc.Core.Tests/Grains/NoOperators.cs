using Rcc.Core.Access;

namespace Rcc.Core.Tests.Grains;

/// <summary>Nobody signs in here: the operator is given.</summary>
sealed class NoOperators : IOperatorStore
{
    public Task<OperatorLogin?> FindOperatorAsync(string name, CancellationToken cancellationToken) => Task.FromResult<OperatorLogin?>(null);

    public Task<OperatorLogin?> FindOperatorAsync(Guid id, CancellationToken cancellationToken) => Task.FromResult<OperatorLogin?>(null);

    public Task<bool> HasOperatorAsync(CancellationToken cancellationToken) => Task.FromResult(false);

    public Task<bool> AddFirstOperatorAsync(Guid id, string name, string passwordHash, CancellationToken cancellationToken) => Task.FromResult(true);

    public Task<bool> AddOperatorAsync(Guid by, Guid id, string name, string passwordHash, CancellationToken cancellationToken) => Task.FromResult(true);

    public Task RecoverOperatorAsync(Guid id, string name, string passwordHash, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IReadOnlyList<OperatorListing>> ListOperatorsAsync(Guid? after, int limit, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<OperatorListing>>([]);

    public Task<OperatorDisabling> SetOperatorDisabledAsync(Guid by, Guid id, bool disabled, CancellationToken cancellationToken) => Task.FromResult(OperatorDisabling.Unknown);

    public Task<bool> ChangeOperatorPasswordAsync(Guid id, string checkedHash, string passwordHash, ReadOnlyMemory<byte> session, CancellationToken cancellationToken) => Task.FromResult(false);

    public Task<bool> EndOperatorSessionsAsync(Guid by, Guid id, CancellationToken cancellationToken) => Task.FromResult(false);

    public Task AddOperatorSessionAsync(Guid operatorId, ReadOnlyMemory<byte> hash, DateTimeOffset expiresAt, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task RecordFailedSignInAsync(Guid operatorId, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<Guid?> FindOperatorSessionAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken) => Task.FromResult<Guid?>(null);

    public Task RemoveOperatorSessionAsync(ReadOnlyMemory<byte> hash, CancellationToken cancellationToken) => Task.CompletedTask;
}
