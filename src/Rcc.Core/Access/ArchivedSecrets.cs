using System.Collections.Immutable;
using Rcc.Core.Agents;
using Rcc.Core.Customers;
using Rcc.Core.Sync;
using Rcc.Core.Tenants;

namespace Rcc.Core.Access;

/// <summary>What becomes of a tenant's secrets when it is taken in. The tenant is taken in whatever is lost: whoever needs that is told, and everybody else goes on.</summary>
/// <param name="secrets">This server's keys.</param>
/// <param name="target">The tenant, whole and not committed.</param>
/// <param name="from">What it was.</param>
/// <param name="to">What it is; another one: it is a copy.</param>
internal sealed class ArchivedSecrets(SealedSecrets secrets, IArchiveTarget target, TenantId from, TenantId to)
{
    readonly ImmutableArray<LostSecret>.Builder lost = ImmutableArray.CreateBuilder<LostSecret>();

    bool IsCopy => from != to;

    /// <summary>Answers what must be set again.</summary>
    public async Task<ImmutableArray<LostSecret>> SettleAsync(CancellationToken cancellationToken)
    {
        await SettleSecondFactorsAsync(cancellationToken);
        await SettleIdentityProviderAsync(cancellationToken);
        await SettleInboxesAsync(cancellationToken);
        await SettleLookupAsync(cancellationToken);
        if (IsCopy)
        {
            lost.AddRange(await target.ListRenewedAsync(cancellationToken));
        }

        return lost.ToImmutable();
    }

    async Task SettleSecondFactorsAsync(CancellationToken cancellationToken)
    {
        foreach (var item in await target.ReadItemsAsync(ItemKind.SignIns, cancellationToken))
        {
            if (SecondFactor.Read(item.State.AsSpan()) is not { } factor)
            {
                continue;
            }

            var secret = secrets.TryOpen(factor.Secret.AsSpan(), SecondFactor.PurposeOf(from, item.Key.Id));

            // What was begun and not confirmed asks for nothing, and is begun again.
            if (secret is null && factor.Confirmed)
            {
                lost.Add(new("agent", item.Key.Id, "second_factor"));
            }
            else if (secret is not null && IsCopy)
            {
                await target.ReplaceAsync(item with { State = SecondFactor.Write(factor with { Secret = [.. secrets.Seal(secret, SecondFactor.PurposeOf(to, item.Key.Id))] }) }, cancellationToken);
            }
        }
    }

    async Task SettleIdentityProviderAsync(CancellationToken cancellationToken)
    {
        foreach (var item in await target.ReadItemsAsync(ItemKind.IdentityProvider, cancellationToken))
        {
            if (IdentityProvider.Read(item) is not { } provider)
            {
                continue;
            }

            if (provider.OpenSecret(secrets, from) is not { } secret)
            {
                lost.Add(new("identity_provider", item.Key.Id, "client_secret"));
            }
            else if (IsCopy)
            {
                var sealedAgain = secrets.Seal(secret, IdentityProvider.PurposeOf(to, provider.Issuer, provider.ClientId));
                await target.ReplaceAsync(item with { State = IdentityProvider.Write(provider with { ClientSecret = [.. sealedAgain] }) }, cancellationToken);
            }
        }
    }

    /// <summary>What says who a customer of the original is says nothing in its copy, where inboxes have another identifier as well.</summary>
    async Task SettleInboxesAsync(CancellationToken cancellationToken)
    {
        foreach (var item in await target.ReadItemsAsync(ItemKind.InboxSecret, cancellationToken))
        {
            if (IsCopy)
            {
                await target.ReplaceAsync(item with { State = new InboxSecret { Current = InboxSecret.Seal(secrets, to, item.Key.Id, InboxSecret.MakeSecret()) }.Write() }, cancellationToken);
            }
            else if (InboxSecret.Read(item.Revision, item.State.AsSpan()).OpenCurrent(secrets, from, item.Key.Id) is null)
            {
                lost.Add(new("inbox", item.Key.Id, "identity_secret"));
            }
        }
    }

    /// <summary>The original's secret must not sign what the copy asks. The password is of another's server, and as good for the copy.</summary>
    async Task SettleLookupAsync(CancellationToken cancellationToken)
    {
        foreach (var item in await target.ReadItemsAsync(ItemKind.ContextLookup, cancellationToken))
        {
            var before = LookupRecord.OfJson(item.State.AsSpan());
            var after = before;
            if (!before.Secret.IsEmpty && (IsCopy || before.OpenSecret(secrets, from) is null))
            {
                lost.Add(new("context_lookup", to.Value, "secret"));
                after = IsCopy ? before with { Secret = LookupRecord.Seal(secrets, to, LookupRecord.MakeSecret()) } : before;
            }

            if (before.Profile is { Username: not null } profile)
            {
                if (profile.OpenPassword(secrets, from) is not { } password)
                {
                    lost.Add(new("profile_lookup", to.Value, "password"));
                }
                else if (IsCopy)
                {
                    after = after with { Profile = profile.WithPassword(secrets, to, password) };
                }
            }

            if (after != before)
            {
                await target.ReplaceAsync(item with { State = [.. after.ToJson()] }, cancellationToken);
            }
        }
    }
}
