namespace Rcc.Core.Sync;

/// <summary>What became of a proposal.</summary>
public enum AppendVerdict
{
    /// <summary>Committed now.</summary>
    Accepted = 0,

    /// <summary>The same command was committed earlier; <see cref="AppendResult.Answer"/> is its first answer. Nothing of this proposal was committed.</summary>
    Duplicate,

    /// <summary>The command's number was used before with another body.</summary>
    NumberReused,

    /// <summary>The command's number is at or below the device's cut-off.</summary>
    TooOld,

    /// <summary>What the decision rested on has moved: load again and decide again.</summary>
    Fenced,

    /// <summary>The author's device was signed out, or its person suspended.</summary>
    SignedOut,

    /// <summary>The tenant is suspended, or there is no such tenant.</summary>
    Suspended,

    /// <summary>A name, address or id that must be unique is used already; <see cref="AppendResult.Answer"/> says which.</summary>
    Taken,

    /// <summary>An agent it claims has no capacity left (<see cref="CapacityClaim"/>).</summary>
    Full,

    /// <summary>The tenant has as many of this as was agreed; <see cref="AppendResult.Answer"/> says which and how many.</summary>
    OverQuota,
}

/// <summary>The log's answer to a proposal.</summary>
/// <param name="Verdict">What became of it.</param>
/// <param name="Answer">What to answer the caller.</param>
/// <param name="ModSeq">The newest number of the commit; 0 when nothing was committed.</param>
[GenerateSerializer, Immutable, Alias("rcc.sync.AppendResult")]
public sealed record AppendResult([property: Id(0)] AppendVerdict Verdict, [property: Id(1)] Answer Answer, [property: Id(2)] long ModSeq);
