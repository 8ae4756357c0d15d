using Orleans.Runtime;

namespace Rcc.LocalSilo;

/// <summary>A grain class and a key. Remembers the mailbox it last led to.</summary>
sealed class GrainAddress(GrainClass grainClass, string key) : CallTarget(grainClass.Silo), IEquatable<GrainAddress>
{
    Mailbox? mailbox;

    public GrainClass Class => grainClass;

    public string Key => key;

    public override void Send(GrainCall call)
    {
        if (!Silo.Accepts(call))
        {
            call.TryFail(Silo.Unavailable(this));
            return;
        }

        for (var caller = call.Caller; caller is not null && !caller.IsSettled; caller = caller.Caller)
        {
            if (!Equals(caller.Target as GrainAddress))
            {
                continue;
            }

            if (caller.Method.KeepsOut(call.Method))
            {
                call.TryFail(new CallCycleException(call, caller));
                return;
            }

            call.Nested = true;
        }

        if (call.Method.OneWay)
        {
            call.Caller = null;
        }

        while (!call.IsSettled)
        {
            var found = mailbox ?? grainClass.MailboxOf(key);
            if (found is null)
            {
                call.TryFail(new LimitExceededException(nameof(LocalSiloOptions.MaxActivations), Silo.Options.MaxActivations, Silo.Options.MaxActivations, this));
                return;
            }

            switch (found.TryEnqueue(call))
            {
                case EnqueueOutcome.Taken:
                    mailbox = found;
                    return;
                case EnqueueOutcome.Full:
                    var limit = Silo.Options.MaxEnqueuedRequests;
                    call.TryFail(new LimitExceededException(nameof(LocalSiloOptions.MaxEnqueuedRequests), limit, limit, this));
                    return;
                default:
                    mailbox = null;
                    break;
            }
        }
    }

    public bool Equals(GrainAddress? other) =>
        other is not null && ReferenceEquals(Class, other.Class) && string.Equals(Key, other.Key, StringComparison.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as GrainAddress);

    public override int GetHashCode() => HashCode.Combine(grainClass, key);

    public override string ToString() => $"{grainClass.Name}/{key}";
}
