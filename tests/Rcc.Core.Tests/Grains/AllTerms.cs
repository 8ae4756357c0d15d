using Rcc.Core.Tenants;

namespace Rcc.Core.Tests.Grains;

/// <summary>Tenants that have contracted everything, without a quota.</summary>
sealed class AllTerms : ITermsStore
{
    public Task<IReadOnlyList<AgreedTerms>> ReadAsync(IReadOnlyCollection<TenantId> tenants, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<AgreedTerms>>([.. tenants.Select(tenant => new AgreedTerms(tenant, 1, new(), 0, 0))]);

    public Task<TenantUsage?> ReadUsageAsync(TenantId tenant, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task CountAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>An action record that nobody reads.</summary>
sealed class NoActs : IActStore
{
    public Task<IReadOnlyList<RecordedAct>> ListAsync(TenantId tenant, ActQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<RecordedAct>> ListOfOperatorsAsync(Guid? tenant, ActQuery query, Guid? after, CancellationToken cancellationToken) => throw new NotSupportedException();
}
