using System.ComponentModel.DataAnnotations;

namespace Rcc.Server.Devices;

/// <summary>Limits of what comes in: device connections and request bodies.</summary>
internal sealed class HubLimits
{
    public const string Section = "Rcc:Hub";

    /// <summary>
    /// Bytes of one message from a device, and of a request's body. Default 262144. At least six times the largest content, since JSON may write one byte with six, and 4096 for the rest: a device whose message
    /// does not fit would reconnect for ever.
    /// </summary>
    [Range(16_384, 16_777_216)]
    public int MaxReceiveBytes { get; set; } = 262_144;

    /// <summary>Bytes of the REST API's answer to a request by the hub. Default 1048576; what is larger is to be had by HTTP.</summary>
    [Range(65_536, 16_777_216)]
    public int MaxApiAnswerBytes { get; set; } = 1_048_576;

    /// <summary>Commands of one connection that run at the same time; more wait. Default 4.</summary>
    [Range(1, 64)]
    public int ParallelInvocations { get; set; } = 4;

    /// <summary>Bytes of pushes the transport takes before a slow device makes its own sender wait. Default 65536.</summary>
    [Range(4_096, 16_777_216)]
    public int TransportBufferBytes { get; set; } = 65_536;

    /// <summary>Seconds between the server's pings. Default 10.</summary>
    [Range(1, 60)]
    public int KeepAliveSeconds { get; set; } = 10;

    /// <summary>Seconds without any sign of the device until the connection is given up. Default 30; at least twice the keep-alive, or one lost ping ends a connection.</summary>
    [Range(2, 300)]
    public int ClientTimeoutSeconds { get; set; } = 30;

    /// <summary>What content of this size takes at most.</summary>
    public static int ReceiveBytesFor(int contentBytes) => checked((contentBytes * 6) + 4_096);
}
