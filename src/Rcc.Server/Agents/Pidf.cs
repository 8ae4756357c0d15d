using System.Globalization;
using System.Net.Mime;
using System.Reflection;
using System.Text;
using System.Xml;
using Microsoft.AspNetCore.Http.Metadata;
using Rcc.Contracts.Agents;

namespace Rcc.Server.Agents;

/// <summary>
/// A presence document as XML: <c>tuple</c> of RFC 3863, <c>person</c> and <c>device</c> of RFC 4479, <c>activities</c> and <c>user-input</c> of RFC 4480. A device stands there twice: as a tuple, which says whether what the
/// agent offers can be had on it, and as a device, which says whether it is in use; both name it by <c>deviceID</c>.
/// </summary>
internal sealed class Pidf(PresenceDocument presence) : IResult, IEndpointMetadataProvider, IStatusCodeHttpResult, IContentTypeHttpResult
{
    public const string MediaType = "application/pidf+xml";

    const string Namespace = "urn:ietf:params:xml:ns:pidf";
    const string DataModel = "urn:ietf:params:xml:ns:pidf:data-model";
    const string Rpid = "urn:ietf:params:xml:ns:pidf:rpid";

    public int? StatusCode => StatusCodes.Status200OK;

    public string? ContentType => MediaType;

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(PresenceDocument), [MediaTypeNames.Application.Json, MediaType]));

    /// <summary>Whether the client wants it rather than JSON.</summary>
    public static bool IsAskedFor(HttpRequest request) => request.GetTypedHeaders().Accept
        .Where(accepted => accepted.Quality is not 0)
        .OrderByDescending(accepted => accepted.Quality ?? 1)
        .Select(accepted => accepted.MediaType.Value)
        .FirstOrDefault(accepted => accepted is MediaType or MediaTypeNames.Application.Json or "application/*" or "*/*") is MediaType;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using var text = new MemoryStream();
        Write(text);
        httpContext.Response.ContentType = MediaType;
        httpContext.Response.ContentLength = text.Length;
        await httpContext.Response.Body.WriteAsync(text.GetBuffer().AsMemory(0, (int)text.Length), httpContext.RequestAborted);
    }

    void Write(Stream stream)
    {
        using var xml = XmlWriter.Create(stream, new() { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false) });
        xml.WriteStartElement("presence", Namespace);
        xml.WriteAttributeString("xmlns", "dm", null, DataModel);
        xml.WriteAttributeString("xmlns", "rpid", null, Rpid);
        xml.WriteAttributeString("entity", presence.Entity);
        foreach (var service in presence.Services)
        {
            WriteTuple(xml, service.Id, service.Basic, null, service.Timestamp);
        }

        foreach (var device in presence.Devices)
        {
            WriteTuple(xml, $"on-{device.Id}", device.Basic, device.Id, device.Timestamp);
        }

        if (presence.Person is { } person)
        {
            WritePerson(xml, person);
        }

        foreach (var device in presence.Devices)
        {
            WriteDevice(xml, device);
        }

        xml.WriteEndElement();
    }

    static void WriteTuple(XmlWriter xml, string id, Basic basic, Guid? device, DateTimeOffset? timestamp)
    {
        xml.WriteStartElement("tuple", Namespace);
        xml.WriteAttributeString("id", id);
        xml.WriteStartElement("status", Namespace);
        xml.WriteElementString("basic", Namespace, basic == Basic.Open ? "open" : "closed");
        xml.WriteEndElement();
        if (device is { } on)
        {
            WriteDeviceId(xml, on);
        }

        WriteTimestamp(xml, Namespace, timestamp);
        xml.WriteEndElement();
    }

    static void WritePerson(XmlWriter xml, PersonPresence person)
    {
        xml.WriteStartElement("person", DataModel);
        xml.WriteAttributeString("id", "person");
        if (person.Activities.Count > 0)
        {
            xml.WriteStartElement("activities", Rpid);
            if (person.Until is { } until)
            {
                xml.WriteAttributeString("until", TextOf(until));
            }

            foreach (var activity in person.Activities)
            {
                xml.WriteElementString(activity, Rpid, activity is "other" ? Legible(person.Other) : null);
            }

            xml.WriteEndElement();
        }

        WriteNote(xml, person.Note);
        WriteTimestamp(xml, DataModel, person.Timestamp);
        xml.WriteEndElement();
    }

    static void WriteDevice(XmlWriter xml, DevicePresence device)
    {
        xml.WriteStartElement("device", DataModel);
        xml.WriteAttributeString("id", $"device-{device.Id}");
        if (device.UserInput is { } input)
        {
            xml.WriteStartElement("user-input", Rpid);
            if (input.IdleThresholdSeconds is { } threshold)
            {
                xml.WriteAttributeString("idle-threshold", threshold.ToString(CultureInfo.InvariantCulture));
            }

            if (input.LastInput is { } last)
            {
                xml.WriteAttributeString("last-input", TextOf(last));
            }

            xml.WriteString(input.State == InputState.Active ? "active" : "idle");
            xml.WriteEndElement();
        }

        WriteDeviceId(xml, device.Id);
        WriteNote(xml, device.Name);
        WriteTimestamp(xml, DataModel, device.Timestamp);
        xml.WriteEndElement();
    }

    static void WriteDeviceId(XmlWriter xml, Guid device) => xml.WriteElementString("deviceID", DataModel, $"urn:uuid:{device}");

    static void WriteNote(XmlWriter xml, string? note)
    {
        if (note is not null)
        {
            xml.WriteElementString("note", DataModel, Legible(note));
        }
    }

    static void WriteTimestamp(XmlWriter xml, string ns, DateTimeOffset? timestamp)
    {
        if (timestamp is { } at)
        {
            xml.WriteElementString("timestamp", ns, TextOf(at));
        }
    }

    static string TextOf(DateTimeOffset at) => XmlConvert.ToString(at.UtcDateTime, XmlDateTimeSerializationMode.Utc);

    /// <summary>People may call a device what XML has no characters for.</summary>
    static string? Legible(string? text) => text is null ? null : string.Concat(text.EnumerateRunes().Select(rune => rune.IsBmp && !XmlConvert.IsXmlChar((char)rune.Value) ? Rune.ReplacementChar : rune));
}
