using System.Runtime.InteropServices;

namespace Orleans;

/// <summary>Why an activation ends.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly struct DeactivationReason
{
    /// <summary>Makes a reason without an exception.</summary>
    /// <param name="code">The kind of reason.</param>
    /// <param name="text">For people.</param>
    public DeactivationReason(DeactivationReasonCode code, string text)
        : this(code, null, text)
    {
    }

    /// <summary>Makes a reason.</summary>
    /// <param name="code">The kind of reason.</param>
    /// <param name="exception">What went wrong, if something did.</param>
    /// <param name="text">For people.</param>
    public DeactivationReason(DeactivationReasonCode code, Exception? exception, string text)
    {
        ReasonCode = code;
        Exception = exception;
        Description = text;
    }

    /// <summary>The kind of reason.</summary>
    public DeactivationReasonCode ReasonCode { get; }

    /// <summary>For people.</summary>
    public string Description { get; }

    /// <summary>What went wrong, if something did.</summary>
    public Exception? Exception { get; }

    /// <inheritdoc/>
    public override string ToString() => Exception is null ? $"{ReasonCode}: {Description}" : $"{ReasonCode}: {Description} {Exception}";
}

/// <summary>The kinds of reason; the values are those of Orleans.</summary>
public enum DeactivationReasonCode : byte
{
    /// <summary>No reason given.</summary>
    None = 0,

    /// <summary>The silo stops.</summary>
    ShuttingDown = 1,

    /// <summary>The activation could not be started.</summary>
    ActivationFailed = 2,

    /// <summary>Not used by this engine, which has no directory.</summary>
    DirectoryFailure = 3,

    /// <summary>It was idle for longer than its collection age.</summary>
    ActivationIdle = 4,

    /// <summary>Not used by this engine.</summary>
    ActivationUnresponsive = 5,

    /// <summary>Not used by this engine, in which a grain cannot be active twice.</summary>
    DuplicateActivation = 6,

    /// <summary>Not used by this engine.</summary>
    IncompatibleRequest = 7,

    /// <summary>The application found an error.</summary>
    ApplicationError = 8,

    /// <summary>The grain asked for it.</summary>
    ApplicationRequested = 9,

    /// <summary>Not used by this engine, which has nowhere to move a grain to.</summary>
    Migrating = 10,

    /// <summary>Not used by this engine.</summary>
    RuntimeRequested = 11,

    /// <summary>Not used by this engine.</summary>
    HighMemoryPressure = 12,
}
