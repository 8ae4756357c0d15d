using Rcc.Client.Conversations;
using Rcc.Client.Sync;
using Rcc.Contracts;

namespace Rcc.Client.Devices;

/// <summary>Is told what happens on a device: after the commit, in order, one call at a time, outside the device's lock. It may call the device.</summary>
public interface IDeviceObserver
{
    /// <summary>What was committed.</summary>
    void Changed(DeviceChanges changes)
    {
    }

    /// <summary>The device does something else now.</summary>
    void StatusChanged(DeviceStatus status)
    {
    }

    /// <summary>Somebody began or stopped typing in this conversation.</summary>
    void TypingChanged(Guid conversationId)
    {
    }

    /// <summary>The conversation stands elsewhere in its queue now, or does not wait any more.</summary>
    void QueuePlaceChanged(Guid conversationId)
    {
    }

    /// <summary>Somebody else opened this conversation, or has it open no more.</summary>
    void ViewingChanged(Guid conversationId)
    {
    }

    /// <summary>A command has its final outcome, also one given before a restart.</summary>
    void Settled(OutboxEntry command, Outcome outcome)
    {
    }
}
