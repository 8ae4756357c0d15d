using System.Globalization;

namespace Orleans;

/// <summary>The name of a grain class in identities and logs.</summary>
/// <param name="grainType">The name.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public sealed class GrainTypeAttribute(string grainType) : Attribute
{
    internal string GrainType { get; } = grainType;
}

/// <summary>Activations of this class are never collected for being idle.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public class KeepAliveAttribute : Attribute;

/// <summary>How long activations of this class may be idle, instead of the silo's collection age. At least a minute.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public class CollectionAgeLimitAttribute : Attribute
{
    readonly TimeSpan? age;

    /// <summary>The shortest age.</summary>
    public static readonly TimeSpan MinAgeLimit = TimeSpan.FromMinutes(1);

    /// <summary>For use with the properties.</summary>
    public CollectionAgeLimitAttribute()
    {
    }

    /// <summary>Sets the age.</summary>
    /// <param name="inactivityPeriod">As <see cref="TimeSpan.Parse(string, IFormatProvider)"/> reads it.</param>
    public CollectionAgeLimitAttribute(string inactivityPeriod) => age = TimeSpan.Parse(inactivityPeriod, CultureInfo.InvariantCulture);

    /// <summary>Days of the age.</summary>
    public double Days { get; set; }

    /// <summary>Hours of the age.</summary>
    public double Hours { get; set; }

    /// <summary>Minutes of the age.</summary>
    public double Minutes { get; set; }

    /// <summary>Never collected for being idle.</summary>
    public bool AlwaysActive { get; set; }

    /// <summary>The age.</summary>
    public TimeSpan AgeLimit
    {
        get
        {
            if (age is { } given)
            {
                return given;
            }

            var sum = AlwaysActive ? TimeSpan.FromDays(short.MaxValue) : TimeSpan.FromDays(Days) + TimeSpan.FromHours(Hours) + TimeSpan.FromMinutes(Minutes);
            return sum < MinAgeLimit ? MinAgeLimit : sum;
        }
    }
}
