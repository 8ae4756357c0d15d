using System.Text.Json;

namespace Rcc.Server.Tests;

/// <summary>What a device is sent about contacts.</summary>
internal static class ContactItems
{
    public static bool IsContact(this JsonElement item, Guid contact) => item.IsOf("contact", contact);

    public static bool IsVolatile(this JsonElement item, Guid contact) => item.IsOf("volatileContext", contact);

    public static bool IsOf(this JsonElement item, string kind, Guid id) => item.GetProperty("kind").GetString() == kind && item.GetProperty("id").GetString() == id.ToString();

    public static bool IsLeft(this JsonElement item, string of, Guid id) =>
        item.GetProperty("kind").GetString() == "left" && item.GetProperty("of").GetString() == of && item.GetProperty("id").GetString() == id.ToString();

    /// <summary>Everything that came over the wire until it holds what is waited for.</summary>
    public static async Task<string> UntilAsync(this HubSocket hub, Func<string, bool> condition)
    {
        var wire = "";
        while (!condition(wire)) wire += (await hub.NextPushAsync()).GetRawText();
        return wire;
    }

    /// <summary>Everything that came over the wire up to a change that all agents are told of after it.</summary>
    public static async Task<string> UntilSettingsAsync(this HubSocket hub, Tenant tenant)
    {
        var title = $"l-{Guid.NewGuid():N}";
        await tenant.Master.Api.PostAsync($"{tenant.Path}/labels", new { title, color = "#123456" });
        return await hub.UntilAsync(text => text.Contains(title, StringComparison.Ordinal));
    }
}
