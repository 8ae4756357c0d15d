using System.Security.Cryptography;
using System.Text;

namespace Rcc.Replay.Control;

/// <summary>A word that stands in everything said among colleagues and in nothing else: where it turns up, it has leaked. JSON writes it as it is.</summary>
sealed class Marker
{
    public Marker() => Bytes = Encoding.ASCII.GetBytes(Word);

    public string Word { get; } = $"internal{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12))}";

    public byte[] Bytes { get; }

    public string Mark(string text) => $"{text} [{Word}]";
}
