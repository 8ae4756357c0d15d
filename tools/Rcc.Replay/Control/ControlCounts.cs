namespace Rcc.Replay.Control;

/// <summary>Counts of the acts of control that were carried out, and of those that were rightly refused.</summary>
sealed class ControlCounts
{
    int holds;
    int refusedOnHold;
    int blindTransfers;
    int attendedTransfers;
    int completed;
    int cancelled;
    int notes;
    int mentions;
    int whispers;
    int queueTransfers;
    int barges;
    int takeOvers;
    int snoozes;
    int departures;
    int suspensions;
    int offers;
    int races;
    int attempts;

    public int Holds => holds;

    public int RefusedOnHold => refusedOnHold;

    public int BlindTransfers => blindTransfers;

    public int AttendedTransfers => attendedTransfers;

    public int Completed => completed;

    public int Cancelled => cancelled;

    public int Notes => notes;

    public int Mentions => mentions;

    public int Whispers => whispers;

    public int QueueTransfers => queueTransfers;

    public int Barges => barges;

    public int TakeOvers => takeOvers;

    public int Snoozes => snoozes;

    public int Departures => departures;

    public int Suspensions => suspensions;

    public int Offers => offers;

    public int Races => races;

    public int Attempts => attempts;

    /// <summary>All that was done, for a progress line.</summary>
    public int Acts => holds + blindTransfers + queueTransfers + attendedTransfers + notes + whispers + barges + takeOvers + snoozes + departures + suspensions + races;

    public void Hold() => Interlocked.Increment(ref holds);

    public void RefuseOnHold() => Interlocked.Increment(ref refusedOnHold);

    public void TransferBlind() => Interlocked.Increment(ref blindTransfers);

    public void TransferAttended() => Interlocked.Increment(ref attendedTransfers);

    public void Complete() => Interlocked.Increment(ref completed);

    public void Cancel() => Interlocked.Increment(ref cancelled);

    public void Note() => Interlocked.Increment(ref notes);

    public void Mention() => Interlocked.Increment(ref mentions);

    public void Whisper() => Interlocked.Increment(ref whispers);

    public void TransferToQueue() => Interlocked.Increment(ref queueTransfers);

    public void Barge() => Interlocked.Increment(ref barges);

    public void TakeOver() => Interlocked.Increment(ref takeOvers);

    public void Snooze() => Interlocked.Increment(ref snoozes);

    public void GoHome() => Interlocked.Increment(ref departures);

    public void Suspend() => Interlocked.Increment(ref suspensions);

    public void Offer() => Interlocked.Increment(ref offers);

    /// <summary>Several try to get one conversation at once.</summary>
    public void Race(int attempted)
    {
        Interlocked.Increment(ref races);
        Interlocked.Add(ref attempts, attempted);
    }
}
