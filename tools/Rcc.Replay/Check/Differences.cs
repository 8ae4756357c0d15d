using Rcc.Client.Sync;

namespace Rcc.Replay.Check;

/// <summary>Says in words how what a device holds differs from the store.</summary>
static class Differences
{
    const int Named = 5;

    public static string Describe(DeviceSnapshot device, DeviceSnapshot store)
    {
        var items = device.Items.ToDictionary(item => item.Key);
        var expected = store.Items.ToDictionary(item => item.Key);
        var words = new List<string>();
        foreach (var key in items.Keys.Union(expected.Keys))
        {
            var (own, right) = (items.GetValueOrDefault(key), expected.GetValueOrDefault(key));
            if (own is null)
                words.Add($"lacks {key.Kind} {key.Id}");
            else if (right is null)
                words.Add($"has {key.Kind} {key.Id}, which is not there");
            else if (own.Revision != right.Revision)
                words.Add($"has revision {own.Revision} of {key.Kind} {key.Id} for {right.Revision}");
            else if (!System.Text.Json.JsonElement.DeepEquals(own.State, right.State))
                words.Add($"has another state of {key.Kind} {key.Id} at revision {own.Revision}");
        }
        foreach (var key in device.Messages.Keys.Union(store.Messages.Keys))
        {
            var (own, right) = (device.Messages.GetValueOrDefault(key), store.Messages.GetValueOrDefault(key));
            if (own is null)
                words.Add($"lacks message {key.Lane} {key.Seq}");
            else if (right is null)
                words.Add($"has message {key.Lane} {key.Seq}, which is not there");
            else if (own != right)
                words.Add($"has another message at {key.Lane} {key.Seq}");
        }
        if (words.Count == 0)
            return "differs, though not in what it keeps";
        var more = words.Count > Named ? $" and {words.Count - Named} more" : "";
        return string.Join("; ", words.Take(Named)) + more;
    }
}
