namespace Rcc.Core.Devices;

/// <summary>At most so many in each second.</summary>
internal sealed class PerSecondLimit(int max, TimeProvider clock)
{
    readonly Lock gate = new();
    long second;
    int taken;

    public bool TryTake()
    {
        var now = clock.GetTimestamp() / clock.TimestampFrequency;
        lock (gate)
        {
            if (now != second)
            {
                (second, taken) = (now, 0);
            }

            return ++taken <= max;
        }
    }
}
