using System.Reflection;

namespace Rcc.Web.Tests;

/// <summary>Where the build put what these tests run.</summary>
internal static class Built
{
    public static string ServerProgram => Metadata("ServerProgram");

    public static string Checkout => Metadata("Checkout");

    static string Metadata(string key) =>
        Path.GetFullPath(typeof(Built).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!);
}
