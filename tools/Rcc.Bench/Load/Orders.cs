using System.Text.Json.Serialization;

namespace Rcc.Bench.Load;

/// <summary>What the generator is told to do, one JSON object a line.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "order")]
[JsonDerivedType(typeof(DrivePhase), "phase")]
[JsonDerivedType(typeof(PostProbe), "probe")]
[JsonDerivedType(typeof(ReadPages), "pages")]
[JsonDerivedType(typeof(CatchUp), "catchUp")]
abstract record Order;

/// <summary>Posts messages for a while.</summary>
/// <param name="Load"><c>closed:N</c> or <c>open:R</c>.</param>
/// <param name="WarmUpSeconds">Before anything counts.</param>
/// <param name="Seconds">What counts.</param>
/// <param name="MayBeRefused">Posts may be refused as busy or rate-limited: they are counted, and no failure.</param>
sealed record DrivePhase(PhaseLoad Load, double WarmUpSeconds, double Seconds, bool MayBeRefused = false) : Order;

/// <summary>Posts one message and waits for it: makes the server's database session report what it has counted.</summary>
sealed record PostProbe : Order;

/// <summary>Asks for the newest page of the first conversations, each client one page at a time.</summary>
/// <param name="Clients">Devices that ask at once.</param>
/// <param name="PageMessages">Messages a page.</param>
sealed record ReadPages(int Clients, int PageMessages, double Seconds) : Order;

/// <summary>The first device synchronises from its token again and again, on one connection.</summary>
sealed record CatchUp(int Times) : Order;

/// <summary>What the generator says, one JSON object a line.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(Connected), "connected")]
[JsonDerivedType(typeof(WarmedUp), "warmedUp")]
[JsonDerivedType(typeof(PhaseEnded), "ended")]
[JsonDerivedType(typeof(Checked), "checked")]
[JsonDerivedType(typeof(PagesRead), "pages")]
[JsonDerivedType(typeof(CaughtUp), "caughtUp")]
abstract record Event;

/// <summary>Every device is connected and synchronised.</summary>
/// <param name="Tokens">The sync token each device holds; null without sync.</param>
sealed record Connected(IReadOnlyList<string?> Tokens) : Event;

/// <summary>The warm-up is over.</summary>
sealed record WarmedUp : Event;

/// <summary>All messages are complete and their receipts have arrived, or the wait was given up.</summary>
/// <param name="Posted">Messages of the whole phase, warm-up included.</param>
/// <param name="CompleteInWindow">Messages that became complete in the measured seconds.</param>
/// <param name="CompleteSinceMeasuring">Messages that became complete after the warm-up.</param>
/// <param name="Latency">Of messages due in the measured seconds: to the last expected device and the sender's acknowledgement.</param>
/// <param name="ToLastDevice">The same, to the last expected device only.</param>
/// <param name="GeneratorBusy">Share of one core the generator used after the warm-up.</param>
/// <param name="Refused">Messages of the whole phase that were refused where they might be.</param>
sealed record PhaseEnded(
    int Posted, int CompleteInWindow, int CompleteSinceMeasuring, double WindowSeconds, Latency Latency, Latency ToLastDevice, double GeneratorBusy, int Refused = 0) : Event;

/// <summary>What was wrong since the last check; empty when nothing was.</summary>
sealed record Checked(IReadOnlyList<string> Failures) : Event;

/// <summary>Pages of messages read.</summary>
sealed record PagesRead(int Pages, double PagesPerSecond, Latency Latency, IReadOnlyList<string> Failures) : Event;

/// <summary>Catch-ups done.</summary>
/// <param name="Items">Changes of one catch-up.</param>
/// <param name="Messages">Messages among them.</param>
/// <param name="Latency">From the request to the last page.</param>
sealed record CaughtUp(int Items, int Messages, int Pages, long Bytes, Latency Latency, IReadOnlyList<string> Failures) : Event;
