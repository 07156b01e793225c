using Itsm.Platform.Access;
using Itsm.Platform.Timers;
using MongoDB.Bson.Serialization.Attributes;

namespace Itsm.Platform.Aggregates;

/// <summary>A thing that changes as one: its rules decide in memory, one save writes its state together with the messages,
/// the audit entry, the timers and the idempotency key of the change.</summary>
public abstract class Aggregate : Record
{
    private List<object>? _raised;

    /// <summary>What travels with the document but is not part of the thing itself.</summary>
    [BsonElement(Envelope.Element), BsonIgnoreIfNull(false), UnusedByActions]
    internal Envelope Envelope { get; set; } = new();

    /// <summary>The document as loaded; empty for a new one.</summary>
    [BsonIgnore]
    internal ReadOnlyMemory<byte> Original { get; set; }

    /// <summary>False until the first save.</summary>
    [BsonIgnore]
    protected internal bool IsStored { get; set; }

    [BsonIgnore]
    internal IReadOnlyList<object> Raised => _raised ?? [];

    internal void ClearRaised() => _raised = null;

    /// <summary>Publishes a message with the save of this change: with it or not at all.</summary>
    protected void Raise(object message) => (_raised ??= []).Add(message);

    /// <summary>Sets a durable timer of this thing; an earlier one of the same name is replaced.</summary>
    protected void SetTimer(string name, DateTimeOffset due) => Raise(new TimerChange(name, due));

    /// <summary>Takes back a timer of this thing; nothing happens where there is none.</summary>
    protected void CancelTimer(string name) => Raise(new TimerChange(name, null));

    /// <summary>Called by the save when something changed, before it writes: the place to raise the message of the change.</summary>
    /// <param name="audit">Who does it, when and why.</param>
    /// <param name="changed">Names of the changed top-level fields.</param>
    protected internal virtual void OnSaving(AuditContext audit, IReadOnlyList<string> changed)
    {
    }

    /// <summary>The actions of the life cycle with, for each that is closed now, the reason; shown by a single read.</summary>
    /// <param name="caller">Whose permissions are looked at by whoever asks; for what depends on who they are to it.</param>
    protected internal virtual IEnumerable<ActionState> Actions(Caller caller) => [];
}

/// <summary>Whether an action of the life cycle is open now.</summary>
/// <param name="Name">As in the route: <c>resolve</c>.</param>
/// <param name="Permission">What a caller needs for it.</param>
/// <param name="Closed">Why the thing's own rules close it now; null where they do not.</param>
public sealed record ActionState(string Name, string Permission, string? Closed);

/// <summary>Not part of the representation that callers get.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class HiddenAttribute : Attribute;

/// <summary>Kept beside the document by others: it has a version of its own, and neither this thing's version nor its audit entries know of
/// it. At most one property of a type; see <see cref="Documents.CollectionDefinition.Annex"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AnnexAttribute : Attribute;

/// <summary>No action's openness depends on it: <see cref="Aggregate.Actions"/> and <see cref="AggregateDefinition{T}.WhyNot"/> don't look
/// at it, and a single read, which lists the actions, does not load it for that.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class UnusedByActionsAttribute : Attribute;

/// <summary>Follows from other fields: its change alone is no change, and audit entries leave it out.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class UnauditedAttribute : Attribute;
