namespace System.Runtime.CompilerServices;

/// <summary>The runtime knows it by name: the assembly so marked may use what is internal to the named one.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
{
    public string AssemblyName { get; } = assemblyName;
}
