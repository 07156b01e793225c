using Itsm.Platform.Values;

namespace Itsm.Platform.Aggregates;

/// <summary>A rule refuses what was asked: 409 with this code.</summary>
/// <param name="code">Stable, dotted: <c>incident.transition</c>.</param>
/// <param name="message">One sentence for people, naming what stands in the way.</param>
public sealed class RuleViolationException(string code, Sentence message) : Exception
{
    /// <summary>One sentence for people, naming what stands in the way.</summary>
    public Sentence Why { get; } = message;

    /// <inheritdoc/>
    public override string Message => Why.ToString();


    /// <summary>Stable, dotted: <c>incident.transition</c>.</summary>
    public string Code { get; } = code;
}

/// <summary>A value in the request is wrong in a way that only the state of things shows, such as an unknown person: 400.</summary>
/// <param name="pointer">JSON pointer to the value: <c>/assignee</c>.</param>
/// <param name="code">What kind of wrong it is.</param>
/// <param name="message">One sentence that quotes what was sent, and names what is wrong.</param>
public sealed class InvalidValueException(string pointer, FieldCode code, Sentence message) : Exception
{
    /// <summary>One sentence that quotes what was sent, and names what is wrong.</summary>
    public Sentence Why { get; } = message;

    /// <inheritdoc/>
    public override string Message => Why.ToString();


    /// <summary>What kind of wrong it is.</summary>
    public FieldCode Code { get; } = code;

    /// <summary>JSON pointer to the value: <c>/assignee</c>.</summary>
    public string Pointer { get; } = pointer;
}

/// <summary>Too many messages of a thing wait for the broker; it takes changes again when they are published.</summary>
public sealed class OutboxFullException(Sentence message) : Documents.StoreUnavailableException(message.ToString())
{
    /// <summary>What waits.</summary>
    public Sentence Why { get; } = message;
}

/// <summary>Somebody else changed the thing since it was read, over and over.</summary>
public sealed class ConcurrentChangeException(Sentence message) : Exception
{
    /// <summary>What was changed.</summary>
    public Sentence Why { get; } = message;

    /// <inheritdoc/>
    public override string Message => Why.ToString();
}
