namespace Itsm.Contracts.Platform;

/// <summary>A subscriber could not handle a message, and no retry helped.</summary>
/// <remarks>Published by: any service. Consumed by: notifications, which keeps it until an administrator retries or discards it.</remarks>
public sealed record MessageFailed
{
    /// <summary>The same for every failure of this message at this subscription.</summary>
    public required Guid Id { get; init; }

    /// <summary>Id of the message itself.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>Whose subscription: name of a service.</summary>
    public required string Service { get; init; }

    /// <summary>Name of the queue: service and handler.</summary>
    public required string Subscription { get; init; }

    /// <summary>Short name of the message type: <c>PersonChanged</c>.</summary>
    public required string Message { get; init; }

    /// <summary>The message as JSON; where it is not JSON, as it came.</summary>
    public required string Body { get; init; }

    /// <summary>What went wrong, for people who look after the suite.</summary>
    public required string Reason { get; init; }

    /// <summary>1, or one more for each time that somebody had it retried: a repeat of the same failure has the same number.</summary>
    public required int Attempt { get; init; }

    /// <summary>When it failed for good, UTC.</summary>
    public required DateTimeOffset At { get; init; }
}
