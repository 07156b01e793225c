using Itsm.Platform.Access;
using Itsm.Platform.Documents;
using Itsm.Platform.Timers;
using Itsm.Platform.Values;
using MongoDB.Bson;
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

    /// <summary>The highest <see cref="CurrentSchema"/> that ever saved it.</summary>
    [BsonElement("_schema")]
    internal int Schema { get; set; }

    /// <summary>Elements that a newer version stored: kept by each save, shown to nobody. Those inside of its objects are not
    /// kept.</summary>
    [BsonExtraElements]
    internal BsonDocument? Unknown { get; set; }

    /// <summary>Version of what is stored; counted up with a change that those before must not undo.</summary>
    protected internal virtual int CurrentSchema => 1;

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

    /// <summary>Writes a record with the save of this change, in the place of what has its id.</summary>
    /// <param name="to">Where it is kept: <c>Projects</c> of the same service.</param>
    /// <param name="record">Of this thing's version, and written by this thing alone.</param>
    protected void Write<TRecord>(ProjectionDefinition<TRecord> to, TRecord record)
        where TRecord : Record =>
        Raise(new RecordWrite(to.Collection.Name, record.Id, record.Version, BsonMapping.ToBytes(record)));

    /// <summary>Deletes a record of an earlier version with the save of this change; nothing happens where there is none.</summary>
    protected void Delete<TRecord>(ProjectionDefinition<TRecord> from, Guid record)
        where TRecord : Record =>
        Raise(new RecordWrite(from.Collection.Name, record, Version, null));

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
public sealed record ActionState(string Name, string Permission, Sentence? Closed);

/// <summary>Not part of the representation that callers get.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class HiddenAttribute : Attribute;

/// <summary>A text in Markdown, stored as written: <c>render=html</c> shows it as HTML, too.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class MarkdownAttribute : Attribute;

/// <summary>Not all callers get it who may see the record: see <see cref="RecordDefinition.Shown"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ShownToSomeAttribute : Attribute;

/// <summary>How many elements a list has at most: a save that would add one more is refused with <c>too-many</c>. Each list of an aggregate
/// has a limit, see the convention tests.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AtMostAttribute(int count) : Attribute
{
    /// <summary>The limit.</summary>
    public int Count { get; } = count;
}

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
