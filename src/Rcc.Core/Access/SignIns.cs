using Rcc.Contracts;
using Rcc.Core.Devices;

namespace Rcc.Core.Access;

/// <summary>What is the same for every device that signs in.</summary>
internal static class SignIns
{
    public static Outcome? Check(SigningIn device, AccessOptions limits)
    {
        ArgumentNullException.ThrowIfNull(device);
        return Shape.Name(device.DeviceName, "device_name", limits.MaxNameLength) ?? Shape.CredentialHash(device.CredentialHash);
    }

    public static NewDevice NewDevice(SigningIn device, TimeProvider clock) => new(Guid.CreateVersion7(), device.DeviceName, device.CredentialHash, clock.GetUtcNow());
}
