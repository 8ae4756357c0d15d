using System.Collections.Immutable;
using Rcc.Contracts;

namespace Rcc.Server.Access;

/// <summary>
/// From which web pages customers may come. A browser always says the page's origin when it crosses one; what sends no origin is no browser, and could send any.
/// </summary>
internal static class Origins
{
    public static Outcome Refusal { get; } = Outcome.Refused(ErrorCode.Forbidden, "The inbox does not allow this origin.");

    public static bool Allow(ImmutableArray<string> allowed, HttpRequest request)
    {
        if (allowed.IsDefaultOrEmpty) return true;
        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0 || allowed.Contains(origin, StringComparer.OrdinalIgnoreCase);
    }
}
