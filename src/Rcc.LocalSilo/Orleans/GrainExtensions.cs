using Orleans.Runtime;
using Rcc.LocalSilo;

namespace Orleans;

/// <summary>What can be asked of a grain or of a reference to one.</summary>
public static class GrainExtensions
{
    /// <summary>The key the grain was got with.</summary>
    /// <param name="grain">A grain or a reference to one.</param>
    public static string GetPrimaryKeyString(this IAddressable grain) => MailboxOf(grain).Key;

    /// <summary>A reference to the grain, to be given to others instead of the object itself.</summary>
    /// <param name="grain">A grain or a reference to one.</param>
    /// <typeparam name="TGrainInterface">An interface the grain class implements.</typeparam>
    public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain)
    {
        ArgumentNullException.ThrowIfNull(grain);
        if (grain is GrainProxy { Target: ObserverInbox inbox })
        {
            return ProxyFactory.For(typeof(TGrainInterface)).Create<TGrainInterface>(inbox);
        }

        var address = MailboxOf(grain);
        if (!typeof(TGrainInterface).IsAssignableFrom(address.Class.Type))
        {
            throw new InvalidCastException($"{address.Class.Type.FullName} does not implement {typeof(TGrainInterface).FullName}.");
        }

        return ProxyFactory.For(typeof(TGrainInterface)).Create<TGrainInterface>(address);
    }

    static GrainAddress MailboxOf(IAddressable grain)
    {
        ArgumentNullException.ThrowIfNull(grain);
        return grain switch
        {
            GrainProxy { Target: GrainAddress address } => address,
            Grain instance => instance.Hosted.Mailbox.Address,
            _ => throw new ArgumentException($"{grain.GetType().FullName} is neither a grain nor a reference to one.", nameof(grain)),
        };
    }
}
