using Rcc.Client.Access;

namespace Rcc.Replay.Accounts;

/// <summary>Somebody who takes part: an agent or a customer of one tenant, who can sign in on any number of devices.</summary>
sealed class Person(string name, Guid accountId, Owners owners, Func<string, CancellationToken, Task<SignedInDevice>> signIn)
{
    /// <summary>For people.</summary>
    public string Name => name;

    public Guid AccountId => accountId;

    /// <summary>Known once the person has signed in.</summary>
    public Guid Id { get; private set; }

    public async Task<SignedInDevice> SignInAsync(string deviceName, CancellationToken cancellationToken)
    {
        var device = await signIn(deviceName, cancellationToken);
        owners.Add(accountId, device.PersonId);
        owners.Add(accountId, device.DeviceId);
        Id = device.PersonId;
        return device;
    }
}
