using System.Diagnostics;
using Orleans.Runtime;

namespace Rcc.LocalSilo;

/// <summary>Base of the emitted references: turns a method call into a <see cref="GrainCall"/> and sends it.</summary>
abstract class GrainProxy(CallTarget target) : IAddressable, IEquatable<GrainProxy>
{
    public CallTarget Target => target;

    /// <summary>An argument that is a grain or an observer itself, not a reference to one, would be called past its queue. Orleans refuses it too.</summary>
    public static void RequireReference(object? argument)
    {
        if (argument is not (null or GrainProxy))
        {
            throw new NotSupportedException(
                $"{argument.GetType().FullName} cannot be an argument of a grain call; pass a reference made by AsReference or CreateObjectReference.");
        }
    }

    public Task<T> Call<T>(AnsweredCall<T> call, GrainMethod method, CancellationToken token)
    {
        var silo = target.Silo;
        call.Method = method;
        call.Target = target;
        call.Caller = GrainCall.Current;
        call.Activity = Activity.Current;
        call.SentAt = silo.Now;
        if (method.OneWay)
        {
            call.Deadline = TimeSpan.MaxValue;
            target.Send(call);
            return Task.FromResult<T>(default!);
        }

        call.Deadline = silo.Now + (method.Timeout ?? silo.Options.ResponseTimeout) + silo.Options.ResponseTimeoutCheckInterval;
        var answer = call.Expect();
        call.CancelWith(token);
        target.Send(call);
        return answer;
    }

    public bool Equals(GrainProxy? other) => other is not null && target.Equals(other.Target);

    public override bool Equals(object? obj) => Equals(obj as GrainProxy);

    public override int GetHashCode() => target.GetHashCode();

    public override string ToString() => target.ToString()!;
}
