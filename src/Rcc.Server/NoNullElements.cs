using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Rcc.Server;

/// <summary>Refuses a null among the elements of a list: what the serializer knows of nullability ends at the list itself.</summary>
internal static class NoNullElements
{
    /// <summary>A modifier of the types' JSON contracts.</summary>
    public static void Demand(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
        {
            return;
        }

        var lists = type.Properties.Where(IsListOfObjects).ToList();
        if (lists.Count > 0)
        {
            var next = type.OnDeserialized;
            type.OnDeserialized = read =>
            {
                next?.Invoke(read);
                lists.ForEach(list => Check(list, list.Get!(read) as IEnumerable));
            };
        }
    }

    static bool IsListOfObjects(JsonPropertyInfo property) =>
        property.Get is not null && property.PropertyType != typeof(string)
        && property.PropertyType.GetInterfaces().Append(property.PropertyType)
            .Any(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IEnumerable<>) && !type.GetGenericArguments()[0].IsValueType);

    static void Check(JsonPropertyInfo list, IEnumerable? elements)
    {
        var index = 0;
        foreach (var element in elements ?? Array.Empty<object>())
        {
            if (element is null)
            {
                throw new JsonException($"{list.Name} has an element that is null.", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"$.{list.Name}[{index}]"), null, null);
            }

            index++;
        }
    }
}
