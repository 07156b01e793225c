using System.Text.Json;
using System.Text.Json.Nodes;
using Itsm.Contracts.Platform;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Values;

namespace Itsm.Notifications.Domain;

/// <summary>Where a failed message stands.</summary>
public enum FailedMessageState
{
    /// <summary>Nobody has done anything about it.</summary>
    Failed,

    /// <summary>Handed to its handler once more; it comes back here where that fails again.</summary>
    Retried,

    /// <summary>Given up by an administrator.</summary>
    Discarded,
}

/// <summary>A message that a subscription could not handle: kept until an administrator has it retried or discards it.</summary>
public sealed class FailedMessage : Aggregate
{
    /// <summary>Id of the message itself.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>Whose subscription: name of a service.</summary>
    public required string Service { get; init; }

    /// <summary>Name of the queue.</summary>
    public required string Subscription { get; init; }

    /// <summary>Type of the message.</summary>
    public required string Message { get; init; }

    /// <summary>Id of what it is about: the ticket, or the thing itself; null where it does not say.</summary>
    public Guid? About { get; private init; }

    /// <summary>The message as JSON; read by those who may see what it is about.</summary>
    [Hidden, Unaudited, UnusedByActions]
    public required string Body { get; init; }

    /// <summary>Who may read the body: reader tokens.</summary>
    [Hidden, UnusedByActions]
    [AtMost(5_000)]
    public IReadOnlyList<string> BodyReaders { get; private set; } = [];

    /// <summary>What went wrong the last time.</summary>
    [UnusedByActions]
    public string Reason { get; private set; } = "";

    /// <summary>When it failed the last time.</summary>
    public DateTimeOffset FailedAt { get; private set; }

    /// <summary>How often it failed for good.</summary>
    public int Failures { get; private set; }

    /// <summary>Where it stands.</summary>
    public FailedMessageState State { get; private set; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<FailedMessage> Definition { get; } = new("failed-messages", null,
        new IndexDefinition("readers", "failedAt"),
        new IndexDefinition("state", "failedAt"),
        new IndexDefinition("service", "failedAt"),
        new IndexDefinition("about", "failedAt") { Sparse = true, Serves = "failures of a thing" },
        new IndexDefinition("message", "failedAt")) { Noun = "failed message" };

    /// <summary>The first failure of a message.</summary>
    public static FailedMessage Keep(MessageFailed message)
    {
        var (about, readers) = Look(message.Body);
        var kept = new FailedMessage
        {
            About = about, BodyReaders = readers,
            Id = message.Id, MessageId = message.MessageId, Service = message.Service, Subscription = message.Subscription,
            Message = message.Message, Body = message.Body,
            Readers = [ReaderToken.Role(KnownRoles.Administrator)],
        };
        kept.FailAgain(message);
        return kept;
    }

    /// <summary>Who may see what it is about has changed.</summary>
    public void ReadBy(IReadOnlyList<string> readers) => BodyReaders = readers;

    /// <summary>What the message says of what it is about, and of who may read it: the narrower readers where it has two kinds. What says
    /// nothing is for administrators.</summary>
    private static (Guid? About, IReadOnlyList<string> Readers) Look(string body)
    {
        try
        {
            var message = JsonNode.Parse(body) as JsonObject;
            var about = (message?["ticket"] ?? message?["id"])?.ToString();
            var readers = (message?["noteReaders"] ?? message?["readers"]) as JsonArray;
            return (Guid.TryParse(about, out var id) ? id : null,
                readers is null ? [ReaderToken.Role(KnownRoles.Administrator)] : [.. readers.Select(reader => reader!.ToString())]);
        }
        catch (JsonException)
        {
            return (null, [ReaderToken.Role(KnownRoles.Administrator)]);
        }
    }

    /// <summary>One more failure; one that is known already changes nothing.</summary>
    public void FailAgain(MessageFailed message)
    {
        if (message.Attempt > Failures)
        {
            (Reason, FailedAt, Failures, State) = (message.Reason, message.At, message.Attempt, FailedMessageState.Failed);
        }
    }

    /// <summary>Has it handled once more.</summary>
    /// <exception cref="RuleViolationException"><c>failed-message.state</c> where it does not stand as failed.</exception>
    public void Retry()
    {
        RequireFailed();
        State = FailedMessageState.Retried;
        Raise(new MessageRetryRequested
        {
            Id = Id, MessageId = MessageId, Subscription = Subscription, Message = Message, Attempt = Failures + 1, Body = Body,
        });
    }

    /// <summary>Gives it up.</summary>
    /// <exception cref="RuleViolationException"><c>failed-message.state</c> where it does not stand as failed.</exception>
    public void Discard()
    {
        RequireFailed();
        State = FailedMessageState.Discarded;
    }

    /// <inheritdoc/>
    protected override IEnumerable<ActionState> Actions(Caller caller)
    {
        var closed = State == FailedMessageState.Failed ? null : Closed;
        return [new("retry", Permissions.Operate.Name, closed), new("discard", Permissions.Operate.Name, closed)];
    }

    private Sentence Closed => $"It is {State} already.";

    private void RequireFailed()
    {
        if (State != FailedMessageState.Failed)
        {
            throw new RuleViolationException("failed-message.state", Closed);
        }
    }
}
