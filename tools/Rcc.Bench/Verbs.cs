namespace Rcc.Bench;

/// <summary>The processes this program starts of itself.</summary>
static class Verbs
{
    public const string BareHub = "bare-hub";

    public const string Generate = "generate";
}
