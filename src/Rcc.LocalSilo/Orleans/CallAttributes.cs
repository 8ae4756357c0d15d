using System.Globalization;

namespace Orleans
{
    /// <summary>How long callers of this interface method wait for its answer, instead of the silo's response time-out.</summary>
    /// <param name="timeout">As <see cref="TimeSpan.Parse(string, IFormatProvider)"/> reads it: "00:00:02".</param>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class ResponseTimeoutAttribute(string timeout) : Attribute
    {
        /// <summary>The time-out.</summary>
        public TimeSpan? Timeout { get; init; } = TimeSpan.Parse(timeout, CultureInfo.InvariantCulture);
    }
}

namespace Orleans.Concurrency
{
    /// <summary>The interface method may start while other requests of the activation wait for something; never in parallel with them.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class AlwaysInterleaveAttribute : Attribute;

    /// <summary>The interface method changes nothing, so that it may interleave with others so marked.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class ReadOnlyAttribute : Attribute;

    /// <summary>Callers of the interface method do not wait and learn nothing of its outcome.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class OneWayAttribute : Attribute;
}
