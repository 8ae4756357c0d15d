namespace Rcc.Core.Sync;

/// <summary>A live connection, as its tenant's tail sees it. Called under the tail's lock: nothing here waits.</summary>
internal interface ITailReader
{
    Caller Caller { get; }

    /// <summary>Its filter leaves the notes out.</summary>
    bool WithoutNotes { get; }

    /// <summary>What it reads. The tail's own book-keeping.</summary>
    HashSet<Audience> Reads { get; }

    /// <summary>Entries up to here it has by pages. The tail's own book-keeping.</summary>
    long JoinedAt { get; set; }

    /// <summary>Takes an entry of the batch that the tail is going through. True for the first one taken.</summary>
    bool Stage(WireEntry entry);

    /// <summary>The batch is through: what was staged may be sent, and with it the device is complete up to <paramref name="to"/>.</summary>
    void Publish(long to);

    /// <summary>Something that is not kept.</summary>
    void Tell(EphemeralEvent fact);

    /// <summary>Ends the connection. Nothing is sent after this returns.</summary>
    void Close(string reason);
}
