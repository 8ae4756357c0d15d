using System.Security.Cryptography;
using Rcc.Contracts.Sync;
using Rcc.Core;
using Rcc.Core.Access;
using Rcc.Core.Devices;
using Rcc.Core.Sync;
using static Rcc.Postgres.Tests.Scene;

namespace Rcc.Postgres.Tests.Access;

public class CredentialStoreTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    ICredentialStore Store => fixture.Stores.Credentials;

    IOperatorStore Operators => fixture.Stores.Operators;

    [Fact, Trait("Catalogue", "RCC-2")]
    public async Task A_credential_stands_for_its_device_until_it_is_signed_out()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var agent = await scene.AddAgentAsync();
        var customer = await scene.AddCustomerAsync();

        var credential = await Store.FindAsync(agent.CredentialHash, default);

        Assert.Equal(new Caller { Tenant = scene.Tenant, PersonId = agent.Id, DeviceId = agent.Device, Role = Role.Agent }, credential!.Caller);
        Assert.Empty(credential.AllowedOrigins);
        Assert.False(credential.Suspended);
        var theirs = await Store.FindAsync(customer.CredentialHash, default);
        Assert.Equal(scene.Inbox, theirs!.Caller.InboxId);
        Assert.Equal(["https://shop.example"], theirs.AllowedOrigins);
        Assert.Null(await Store.FindAsync(RandomNumberGenerator.GetBytes(32), default));

        await scene.AcceptAsync(SignOut(agent));
        Assert.Null(await Store.FindAsync(agent.CredentialHash, default));
        await scene.SuspendAsync(true);
        Assert.True((await Store.FindAsync(customer.CredentialHash, default))!.Suspended);
    }

    [Fact]
    public async Task A_rotated_keys_old_secret_is_good_for_its_time_and_the_one_before_it_no_more()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var key = NewSomebody(Role.Application);
        await scene.AcceptAsync(new Proposal { Rows = [DeviceOf(key) with { Scopes = Scopes.ContactsWrite }] });
        byte[][] secrets = [key.CredentialHash, RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32)];

        await RotateAsync(secrets[1], TimeSpan.FromHours(1));
        Assert.Equal("0 1", await GoodAsync());
        await RotateAsync(secrets[2], TimeSpan.FromHours(1));
        Assert.Equal("1 2", await GoodAsync());
        await RotateAsync(secrets[3], TimeSpan.FromSeconds(-1));
        Assert.Equal("3", await GoodAsync());

        await scene.AcceptAsync(new Proposal { Rows = [new DeviceSignOutRow { Id = key.Device, SignedOutAt = DateTimeOffset.UnixEpoch }] });
        await RotateAsync(secrets[0], TimeSpan.FromHours(1));
        Assert.Equal("", await GoodAsync());

        Task RotateAsync(byte[] hash, TimeSpan overlap) =>
            scene.AcceptAsync(new Proposal { Rows = [new KeyRotationRow { Id = key.Device, CredentialHash = [.. hash], PreviousUntil = DateTimeOffset.UtcNow + overlap }] });

        async Task<string> GoodAsync()
        {
            var found = await Task.WhenAll(secrets.Select(secret => Store.FindAsync(secret, default)));
            return string.Join(' ', Enumerable.Range(0, secrets.Length).Where(i => found[i]?.Caller.DeviceId == key.Device));
        }
    }

    [Fact]
    public async Task A_ticket_is_good_once_and_not_after_its_time()
    {
        var scene = await OnboardAsync(fixture.Stores);
        var agent = await scene.AddAgentAsync();
        var good = RandomNumberGenerator.GetBytes(32);
        var expired = RandomNumberGenerator.GetBytes(32);
        await Store.AddTicketAsync(good, agent.CredentialHash, DateTimeOffset.UtcNow.AddMinutes(1), default);
        await Store.AddTicketAsync(expired, agent.CredentialHash, DateTimeOffset.UtcNow.AddSeconds(-1), default);

        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Store.TakeTicketAsync(good, default)));

        Assert.Equal(agent.Device, Assert.Single(taken, credential => credential is not null)!.Caller.DeviceId);
        Assert.Null(await Store.TakeTicketAsync(expired, default));
        Assert.Null(await Store.TakeTicketAsync(RandomNumberGenerator.GetBytes(32), default));
        var late = RandomNumberGenerator.GetBytes(32);
        await Store.AddTicketAsync(late, agent.CredentialHash, DateTimeOffset.UtcNow.AddMinutes(1), default);
        await scene.AcceptAsync(SignOut(agent));
        Assert.Null(await Store.TakeTicketAsync(late, default));
    }

    [Fact]
    public async Task There_is_one_first_operator_however_many_ask_at_once()
    {
        Assert.False(await Operators.HasOperatorAsync(default));

        var added = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Operators.AddFirstOperatorAsync(Guid.CreateVersion7(), $"operator {i}", "hash", default)));

        Assert.Single(added, true);
        Assert.True(await Operators.HasOperatorAsync(default));
        var name = $"operator {Array.IndexOf(added, true)}";
        var login = await Operators.FindOperatorAsync(name, default);
        Assert.Equal((name, "hash"), (login!.Name, login.PasswordHash));
        Assert.Null(await Operators.FindOperatorAsync("operator 99", default));

        var hash = RandomNumberGenerator.GetBytes(32);
        await Operators.AddOperatorSessionAsync(login.Id, hash, DateTimeOffset.UtcNow.AddMinutes(1), default);
        Assert.Equal(login.Id, await Operators.FindOperatorSessionAsync(hash, default));
        await Operators.RemoveOperatorSessionAsync(hash, default);
        Assert.Null(await Operators.FindOperatorSessionAsync(hash, default));
        await Operators.AddOperatorSessionAsync(login.Id, hash, DateTimeOffset.UtcNow.AddSeconds(-1), default);
        Assert.Null(await Operators.FindOperatorSessionAsync(hash, default));
    }

    [Fact]
    public async Task All_servers_share_one_sealing_key()
    {
        await using var second = fixture.Another();

        var keys = await Task.WhenAll(new[] { fixture.Stores, second, fixture.Stores, second }.Select(server => server.Sync.GetSealingKeyAsync(default)));

        Assert.All(keys, key => Assert.Equal(keys[0], key));
        Assert.Equal(32, keys[0].Length);
    }
}
