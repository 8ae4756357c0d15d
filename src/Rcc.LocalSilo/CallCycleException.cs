using System.Text;

namespace Rcc.LocalSilo;

/// <summary>
/// A call came back to a grain that is still running the request which led to it: neither could ever end. A mistake in the
/// program, so do not retry. The message shows the chain of calls. Where the caller does not wait for the answer, the method should be one-way.
/// </summary>
public sealed class CallCycleException : InvalidOperationException
{
    internal CallCycleException(GrainCall last, GrainCall first)
        : base(Describe(last, first))
    {
    }

    static string Describe(GrainCall last, GrainCall first)
    {
        var links = new List<GrainCall> { last };
        for (var link = last.Caller; link is not null; link = link.Caller)
        {
            links.Add(link);
            if (ReferenceEquals(link, first))
            {
                break;
            }
        }

        links.Reverse();
        return new StringBuilder("The call would wait for itself: ").AppendJoin(" -> ", links).Append('.').ToString();
    }
}
