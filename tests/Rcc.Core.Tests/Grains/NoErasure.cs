using Rcc.Core.Tenants;

namespace Rcc.Core.Tests.Grains;

/// <summary>No tenant is ever due.</summary>
sealed class NoErasure : IErasureStore
{
    public Task<IReadOnlyList<DueTenant>> ListDueAsync(int limit, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<DueTenant>>([]);

    public Task<long> EraseAsync(TenantId tenant, int rows, CancellationToken cancellationToken) => throw new NotSupportedException();
}
