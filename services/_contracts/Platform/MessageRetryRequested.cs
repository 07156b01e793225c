namespace Itsm.Contracts.Platform;

/// <summary>An administrator wants a failed message to be handled once more, by the subscription that failed alone.</summary>
/// <remarks>Published by: notifications. Consumed by: the service of the subscription; others ignore it.</remarks>
public sealed record MessageRetryRequested
{
    /// <summary>Id of the failure, as in <see cref="MessageFailed"/>.</summary>
    public required Guid Id { get; init; }

    /// <summary>Id of the message itself.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>Name of the queue.</summary>
    public required string Subscription { get; init; }

    /// <summary>Short name of the message type.</summary>
    public required string Message { get; init; }

    /// <summary>Number of this attempt, 2 for the first retry.</summary>
    public required int Attempt { get; init; }

    /// <summary>The message as JSON.</summary>
    public required string Body { get; init; }
}
