namespace Orleans.Runtime;

/// <summary>Base of the engine's own exceptions.</summary>
public class OrleansException : Exception
{
    /// <summary>Makes one without saying what happened.</summary>
    public OrleansException()
        : base("Unexpected error.")
    {
    }

    /// <summary>Makes one that says what happened.</summary>
    /// <param name="message">What happened.</param>
    public OrleansException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one that says what happened and why.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">Why.</param>
    public OrleansException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>The call was not taken in, so it did not run.</summary>
public class OrleansMessageRejectionException : OrleansException
{
    internal OrleansMessageRejectionException(string message)
        : base(message)
    {
    }
}

/// <summary>The silo is not running: not yet, or no longer. The call did not run, or its answer was lost in the stop.</summary>
public sealed class SiloUnavailableException : OrleansMessageRejectionException
{
    /// <summary>Makes one without saying more.</summary>
    public SiloUnavailableException()
        : base("The silo is not running.")
    {
    }

    /// <summary>Makes one that says what happened.</summary>
    /// <param name="msg">What happened.</param>
    public SiloUnavailableException(string msg)
        : base(msg)
    {
    }
}

/// <summary>Busy: a bounded queue is full, or there are as many activations as there may be. The call did not run and can be made again later.</summary>
public sealed class LimitExceededException : OrleansException
{
    /// <summary>Makes one without saying more.</summary>
    public LimitExceededException()
        : base("Limit exceeded")
    {
    }

    /// <summary>Makes one that says what happened.</summary>
    /// <param name="message">What happened.</param>
    public LimitExceededException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one that says what happened and why.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">Why.</param>
    public LimitExceededException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes one that names a limit.</summary>
    /// <param name="limitName">The option.</param>
    /// <param name="current">What was found.</param>
    /// <param name="threshold">The limit's value.</param>
    /// <param name="extraInfo">Where.</param>
    public LimitExceededException(string limitName, int current, int threshold, object extraInfo)
        : base($"Limit exceeded {limitName} Current={current} Threshold={threshold} {extraInfo}")
    {
    }
}

/// <summary>The observer is gone: its reference was deleted, or nobody held the object any more.</summary>
public sealed class ClientNotAvailableException : OrleansException
{
    internal ClientNotAvailableException(string message)
        : base(message)
    {
    }
}
