using System.Globalization;
using System.Text.Json;
using Rcc.Contracts;
using Rcc.Contracts.Agents;
using Rcc.Contracts.Sync;
using Rcc.Core.Agents;
using Rcc.Core.Devices;
using Rcc.Core.Sync;

namespace Rcc.Core.Tenants;

/// <summary>The rules of a tenant. Pure.</summary>
public static class Account
{
    /// <summary>Makes the tenant and its first administrator in one commit: there is no tenant that nobody can enter.</summary>
    public static Decision<TenantSnapshot> Onboard(TenantId tenant, TenantSnapshot? now, Onboarding onboarding, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(onboarding);
        if (now is not null)
        {
            return Answer.Refused(ErrorCode.Taken, "Another account has this id.");
        }

        var master = new NewAgent(onboarding.MasterName, onboarding.MasterEmail, Role.Administrator, null, onboarding.MasterPasswordHash) { Invitation = onboarding.MasterInvitation };
        var agent = Agent.Create(tenant, onboarding.MasterAgentId, null, null, master, null).Change!;
        var next = new TenantSnapshot(tenant, 1, onboarding.Name, onboarding.Slug, Suspended: false, at) { Terms = onboarding.Terms };
        var change = Change(next);
        return Decision.Accept(next, change with
        {
            Answer = Answer.Done with { Id = tenant.Value },
            Audiences = agent.Audiences,
            Items = change.Items.AddRange(agent.Items),
            Rows = change.Rows.AddRange(agent.Rows),
            EvenIfSuspended = true,
            Act = new("account", tenant.Value, "create")
            {
                OperatorId = onboarding.OperatorId,
                Changes = ActChanges.Of("name", null, onboarding.Name).And("slug", null, onboarding.Slug).And("plan", null, onboarding.Terms.Plan).And("master_agent_id", null, onboarding.MasterAgentId)
                    .And("invited", null, onboarding.MasterInvitation is null ? null : (bool?)true).ToImmutable(),
            },
        });
    }

    public static Decision<TenantSnapshot> SetSuspended(TenantSnapshot? now, bool suspended, Guid operatorId)
    {
        if (now is null)
        {
            return NotFound;
        }

        if (now.Suspended == suspended)
        {
            return Decision.Accept(now, Unchanged(now) with { EvenIfSuspended = true });
        }

        var next = now with { Revision = now.Revision + 1, Suspended = suspended };
        return Decision.Accept(next, Change(next) with { EvenIfSuspended = true, Act = new("account", now.Id.Value, suspended ? "suspend" : "resume") { OperatorId = operatorId } });
    }

    /// <summary>Asks for the tenant's deletion. It works on while it waits, so that it can still be exported, and its agents are told; whoever wants it to stop at once suspends it.</summary>
    public static Decision<TenantSnapshot> Delete(TenantSnapshot? now, Guid operatorId, TenantOptions options, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (now is null)
        {
            return NotFound;
        }

        if (now.Deletion is not null)
        {
            return Decision.Accept(now, Unchanged(now) with { EvenIfSuspended = true });
        }

        // As exact as the store keeps it, so that everybody is told the same instant.
        var due = at + options.DeletionWait;
        var next = now with { Revision = now.Revision + 1, Deletion = new(due.AddTicks(-(due.Ticks % TimeSpan.TicksPerMillisecond)), operatorId) };
        return Decision.Accept(next, Change(next) with
        {
            EvenIfSuspended = true,

            // What is known of the account once it is gone.
            Act = new(
                "account", now.Id.Value, "request_deletion",
                Act.Of(("slug", now.Slug), ("name", now.Name), ("deletes_at", string.Create(CultureInfo.InvariantCulture, $"{next.Deletion.At.UtcDateTime:O}")))) { OperatorId = operatorId },
        });
    }

    public static Decision<TenantSnapshot> CancelDeletion(TenantSnapshot? now, Guid operatorId)
    {
        if (now is null)
        {
            return NotFound;
        }

        if (now.Deletion is null)
        {
            return Decision.Accept(now, Unchanged(now) with { EvenIfSuspended = true });
        }

        var next = now with { Revision = now.Revision + 1, Deletion = null };
        return Decision.Accept(next, Change(next) with { EvenIfSuspended = true, Act = new("account", now.Id.Value, "cancel_deletion") { OperatorId = operatorId } });
    }

    /// <summary>Ends a tenant whose deletion has waited: its last change. Its devices are told that it is suspended, which closes their connections.</summary>
    public static Decision<TenantSnapshot> End(TenantSnapshot? now, DateTimeOffset at)
    {
        if (now is null)
        {
            return NotFound;
        }

        if (now.Deletion is not { } deletion || deletion.At > at)
        {
            return Answer.Refused(ErrorCode.Conflict, "The account's deletion is not due.");
        }

        var next = now with { Revision = now.Revision + 1, Suspended = true };
        var change = Change(next);
        return Decision.Accept(next, change with
        {
            EvenIfSuspended = true,
            Rows = [.. change.Rows.Select(row => row is TenantRow tenant ? tenant with { Ended = true } : row)],
            Act = new("account", now.Id.Value, "delete", Act.Of(("slug", now.Slug))) { OperatorId = deletion.OperatorId },
        });
    }

    /// <summary>Nothing changes; that all the tenant's data were given out is in its record.</summary>
    public static Decision<TenantSnapshot> RecordExport(TenantSnapshot? now, Guid operatorId) => now is null
        ? NotFound
        : Decision.Accept(now, Unchanged(now) with { EvenIfSuspended = true, Act = new("account", now.Id.Value, "export") { OperatorId = operatorId } });

    /// <summary>Changes what was agreed. What the tenant has already may stay, even when a quota is smaller now.</summary>
    public static Decision<TenantSnapshot> SetTerms(TenantSnapshot? now, Terms terms, Guid operatorId)
    {
        ArgumentNullException.ThrowIfNull(terms);
        if (now is null)
        {
            return NotFound;
        }

        var next = now with { Revision = now.Revision + 1, Terms = terms };
        return Decision.Accept(next, Change(next) with
        {
            EvenIfSuspended = true,
            Act = new("account", now.Id.Value, "update") { OperatorId = operatorId, Changes = ActChanges.Of(now.Terms, terms, TenantJson.Default.Terms).ToImmutable() },
        });
    }

    /// <summary>Changes name, looks and policies. <paramref name="provider"/> is the tenant's identity provider.</summary>
    public static Decision<TenantSnapshot> Edit(TenantSnapshot? now, AccountChange edit, ProviderSnapshot? provider = null)
    {
        ArgumentNullException.ThrowIfNull(edit);
        if (now is null)
        {
            return NotFound;
        }

        var isProviderNeeded = edit.Policies?.SignIn == SignInWay.OidcOnly;
        if (isProviderNeeded && provider?.Provider is null)
        {
            return Answer.Refused(ErrorCode.Conflict, "The account has no identity provider: nobody could sign in.");
        }

        var next = now with
        {
            Revision = now.Revision + 1,
            Name = edit.Name ?? now.Name,
            Branding = edit.Branding ?? now.Branding,
            Policies = edit.Policies ?? now.Policies,
        };
        var changes = ActChanges.Of("name", now.Name, next.Name)
            .And(now.Branding, next.Branding, TenantJson.Default.Branding, "branding")
            .And(now.Policies, next.Policies, TenantJson.Default.TenantPolicies, "policies");
        return Decision.Accept(next, Change(next) with
        {
            Act = new("account", now.Id.Value, "update") { Changes = changes.ToImmutable() },
            Fences = isProviderNeeded ? [new(IdentityProvider.Key(now.Id), provider!.Revision)] : [],
        });
    }

    /// <summary>Makes an API key: a device of its own person. <paramref name="count"/> is how many are neither revoked nor expired.</summary>
    public static Decision<TenantSnapshot> CreateKey(TenantSnapshot? now, NewKey key, int count, TenantOptions options, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(options);
        if (now is null)
        {
            return NotFound;
        }

        if (key.ExpiresAt <= at)
        {
            return Answer.Refused(ErrorCode.Malformed, "The key would have expired already.");
        }

        if (count >= options.MaxKeys)
        {
            return Answer.Refused(ErrorCode.TooLarge, $"The account has {count} keys; MaxKeys is {options.MaxKeys}.");
        }

        var change = Unchanged(now) with
        {
            Answer = Answer.Done with { Id = key.Id },
            Act = new("access_token", key.Id, "create")
            {
                Changes = ActChanges.Of("name", null, key.Name).And("scopes", null, (Scopes?)key.Scopes)
                    .And("expires_at", null, key.ExpiresAt is { } end ? string.Create(CultureInfo.InvariantCulture, $"{end.UtcDateTime:O}") : null).ToImmutable(),
            },
            Audiences = [new(key.Id, Audience.OfPerson(key.Id), MembershipState.Reads)],
        };
        return Decision.Accept(now, change.WithSignedIn(key.Id, Role.Application, new(key.Id, key.Name, key.CredentialHash, at), scopes: key.Scopes, expiresAt: key.ExpiresAt));
    }

    /// <summary>Revokes an API key. <paramref name="device"/> is its device; null once it is revoked.</summary>
    public static Decision<TenantSnapshot> RevokeKey(TenantSnapshot? now, bool exists, DeviceSnapshot? device, DateTimeOffset at)
    {
        if (now is null)
        {
            return NotFound;
        }

        if (!exists)
        {
            return Decision.NotFound("key");
        }

        return Decision.Accept(now, device is null
            ? Unchanged(now)
            : Unchanged(now).WithSignedOut(device.Id, device, at) with { Act = new("access_token", device.Id, "revoke") });
    }

    /// <summary>Gives an API key another secret; when it expires stays. <paramref name="device"/> is its device; null when it is revoked.</summary>
    public static Decision<TenantSnapshot> RotateKey(
        TenantSnapshot? now, bool exists, DeviceSnapshot? device, KeyRotation rotation, TenantOptions options, DateTimeOffset at, DateTimeOffset? expiresAt = null)
    {
        ArgumentNullException.ThrowIfNull(rotation);
        ArgumentNullException.ThrowIfNull(options);
        if (now is null)
        {
            return NotFound;
        }

        if (!exists)
        {
            return Decision.NotFound("key");
        }

        if (device is null)
        {
            return Answer.Refused(ErrorCode.Conflict, "The key is revoked.");
        }

        if (expiresAt <= at)
        {
            return Answer.Refused(ErrorCode.Conflict, "The key has expired; another one must be made.");
        }

        if (rotation.Overlap > options.KeyOverlap)
        {
            return Answer.Refused(ErrorCode.TooLarge, $"The overlap is longer than KeyOverlap, {options.KeyOverlap}.");
        }

        var until = at + (rotation.Overlap ?? options.KeyOverlap);
        var change = Unchanged(now) with
        {
            Answer = Answer.Done with { Id = device.Id },
            Act = new("access_token", device.Id, "rotate", Act.Of(("previous_until", string.Create(CultureInfo.InvariantCulture, $"{until.UtcDateTime:O}")))),
        };
        return Decision.Accept(now, change.WithRotated(device.Id, device, rotation.CredentialHash, until));
    }

    internal static Answer NotFound => Decision.NotFound("account");

    static ItemKey Key(TenantSnapshot tenant) => new(ItemKind.Account, tenant.Id.Value);

    /// <summary>What is decided holds only while the account is as it was.</summary>
    internal static ItemFence Fence(TenantSnapshot now) => new(Key(now), now.Revision);

    /// <summary>Nothing of the account itself moves; the decision holds only while it is as it was.</summary>
    internal static Proposal Unchanged(TenantSnapshot now) => new() { Fences = [Fence(now)] };

    static IReadOnlyList<string> NamesOf(Services services) =>
        [.. Enum.GetValues<Services>().Where(service => service != Services.None && services.HasFlag(service)).Select(service => JsonNamingPolicy.CamelCase.ConvertName(service.ToString()))];

    static Proposal Change(TenantSnapshot next)
    {
        var state = new AccountState
        {
            Name = next.Name,
            Suspended = next.Suspended,
            DeletesAt = next.Deletion?.At,
            Services = next.Terms.Services is { } services ? NamesOf(services) : null,
            Branding = next.Branding with { SuspendedMessage = null } == new Branding()
                ? null
                : new() { Name = next.Branding.Name, PrimaryColor = next.Branding.PrimaryColor, AccentColor = next.Branding.AccentColor, LogoUrl = next.Branding.LogoUrl },
        };
        return new()
        {
            Answer = Answer.Done with { Id = next.Id.Value, Revision = next.Revision },
            Items = [ItemChange.Of(Key(next), next.Revision, state, ContractJson.Default.AccountState, Audience.OfAgents(next.Id))],
            Rows = [new TenantRow { Name = next.Name, Slug = next.Slug, Suspended = next.Suspended, Terms = next.Terms, Branding = next.Branding, Policies = next.Policies, Deletion = next.Deletion }],
        };
    }
}
