using Itsm.Platform.Documents;
using Itsm.Platform.Supervision;
using Itsm.Platform.Timers;
using Itsm.Platform.Values;
using MongoDB.Bson;

namespace Itsm.Platform.Aggregates;

/// <summary>Loads and saves the aggregates of one collection. A save is one write of the new state, the version, the messages, the audit
/// entry, the timers and the idempotency outcome: all inside the document or, where the engine makes several writes as one, messages, audit
/// entry and timers beside it.</summary>
public sealed partial class AggregateStore<T> : IRecords<T>
    where T : Aggregate
{
    private const int Attempts = 20;
    private static readonly TimeSpan DeliveryPatience = TimeSpan.FromSeconds(5);
    private static readonly HashSet<string> Unaudited = AuditTrail.UnauditedOf(typeof(T));
    private static readonly LimitedList[] Lists = SaveLimits.ListsOf(typeof(T));
    private static readonly byte[] EnvelopeElement = System.Text.Encoding.UTF8.GetBytes(Envelope.Element);
    private readonly IWritesTogether? _together;
    private readonly Relay _relay;
    private readonly AuditSeals _seals;

    internal AggregateStore(
        IDocumentDatabase database, AggregateDefinition<T> definition, Relay relay, AuditSeals seals, TimeProvider clock,
        Caching.SharedCache? cache = null, string service = "")
    {
        BsonMapping.Use();
        (Definition, _together, _relay, _seals, Clock) = (definition, database as IWritesTogether, relay, seals, clock);
        (_cache, _service) = (definition.IsRecalled ? cache : null, service);
        Documents = database.Collection(definition.Collection);
        History = database.Collection(definition.History);
        relay.Register(Documents, History);
    }

    /// <summary>The collection's name, indexes and words.</summary>
    public AggregateDefinition<T> Definition { get; }

    /// <summary>The documents, for queries.</summary>
    public IDocumentCollection Documents { get; }

    /// <summary>The audit entries; the newest are inside the document until the relay has moved them, where the engine makes one write at a
    /// time.</summary>
    internal IDocumentCollection History { get; }

    /// <summary>How the annex is written as of now; null where there is none.</summary>
    internal AnnexWriter? AnnexWriter =>
        Definition is { AnnexFormat: { } format, Collection.Annex: { } annex } ? new AnnexWriter(annex, format, Clock.GetUtcNow()) : null;

    RecordDefinition IRecords<T>.Definition => Definition;

    AnnexWriter? IRecords<T>.AnnexWriter => AnnexWriter;

    /// <summary>The time of changes.</summary>
    public TimeProvider Clock { get; }

    /// <summary>The service that owns it.</summary>
    internal string Service => _service;

    /// <summary>The aggregate with this id, or null.</summary>
    public async ValueTask<T?> FindAsync(Guid id, CancellationToken ct) =>
        await Documents.FindAsync(id, ct) is { } found ? Load(found) : null;

    /// <summary>The aggregate in this document.</summary>
    public static T Load(StoredDocument document)
    {
        var aggregate = BsonMapping.FromBytes<T>(document.Body);
        (aggregate.Original, aggregate.IsStored) = (document.Body, true);
        return aggregate;
    }

    /// <summary>The aggregate in this document without what is <see cref="UnusedByActionsAttribute"/>: to be looked at, not to be
    /// saved.</summary>
    public static T LoadLean(StoredDocument document) => LeanAggregate<T>.Load(document);

    /// <summary>Saves a new or changed aggregate. Where nothing changed and nothing was raised, nothing is written.</summary>
    /// <returns>False, and nothing written, where somebody else saved it since it was loaded.</returns>
    /// <exception cref="DuplicateKeyException">Another aggregate has the same value of a unique index.</exception>
    /// <exception cref="RuleViolationException">A list, or all of it, would grow beyond its limit.</exception>
    public async Task<bool> TrySaveAsync(T aggregate, AuditContext audit, CancellationToken ct)
    {
        var isNew = !aggregate.IsStored;
        var changes = ChangesOf(aggregate);
        if (!isNew && changes.Count == 0 && aggregate.Raised.Count == 0)
        {
            return true;
        }

        var (old, loaded) = (aggregate.Envelope, aggregate.Version);
        var envelope = old.Copy();
        aggregate.Envelope = envelope;
        var state = Record(aggregate, audit, changes, Definition.HasHistory);
        if (Definition.HasHistory)
        {
            _seals.Seal(envelope, aggregate.Id);
        }

        envelope.Keys.RemoveAll(kept => kept.At < audit.At - AggregateDefinition.KeysKept);
        if (audit.Cause is { } cause)
        {
            envelope.Hear(cause);
        }

        List<OutboxMessage> messages = [.. aggregate.Raised
            .Where(message => _together is null || message is not (TimerChange or RecordWrite))
            .Select(message => OutboxMessage.Of(message is RecordWrite write ? write with { Version = aggregate.Version } : message,
                audit.At))];

        // Not the change's own time: an import's changes are years old, its messages are not.
        var now = Clock.GetUtcNow();
        var beside = _together is null ? null
            : SaveBeside.Of(aggregate, Documents.Definition.Name, History, _relay, messages, now);
        if (beside is null)
        {
            envelope.Outbox.AddRange(messages);
            envelope.Since ??= now;
        }

        if (audit.Outcome is { } outcome)
        {
            envelope.Keys.Add(outcome(state, aggregate.Version));
        }

        // The state alone does not change any more: to write it once spares a third of a save's allocations.
        var body = RawBson.With(state, EnvelopeElement, BsonMapping.ToBytes(envelope));

        var document = new StoredDocument(aggregate.Id, aggregate.Version, body);
        var saved = false;
        try
        {
            RequireLimits(aggregate, state, body, audit.Outcome is not null, now);
            SaveLimits.RequireOutbox(Definition.Noun, old.Outbox.Count, beside is null ? messages.Count : 0);
            if (_together is not null)
            {
                saved = await _together.WriteAsync(Documents, document, isNew ? null : loaded, beside!.Writes, ct);
            }
            else if (isNew)
            {
                await Documents.InsertAsync(document, ct);
                saved = true;
            }
            else
            {
                saved = await Documents.ReplaceAsync(document, loaded, ct);
            }
        }
        finally
        {
            if (!saved)
            {
                (aggregate.Version, aggregate.Envelope) = (loaded, old);
            }
        }

        if (saved)
        {
            (aggregate.Original, aggregate.IsStored) = (body, true);
            aggregate.ClearRaised();
            Work.Progress();
            Saved?.Invoke(aggregate);
            await ForgetAsync(aggregate.Id, state);
            if (beside is null)
            {
                _relay.Wake(Definition.Collection.Name, document, envelope);
            }
            else
            {
                _relay.Wake(beside);
            }
        }

        return saved;
    }

    /// <summary>Saves a new aggregate unless there is one already with its id or with a value that must be unique: for what may be added
    /// twice, by an earlier delivery or another replica.</summary>
    /// <returns>True where it was added.</returns>
    public async Task<bool> AddMissingAsync(T aggregate, AuditContext audit, CancellationToken ct)
    {
        try
        {
            return await Documents.FindAsync(aggregate.Id, ct) is null && await TrySaveAsync(aggregate, audit, ct);
        }
        catch (DuplicateKeyException)
        {
            return false;
        }
    }

    /// <summary>Records a change of a new aggregate in its history without saving it yet: for imports that bring a past along. The
    /// save that follows writes all of it at once, and publishes the last state only.</summary>
    public static void Stage(T aggregate, AuditContext audit)
    {
        var changes = ChangesOf(aggregate);
        Record(aggregate, audit, changes, hasHistory: true);
        aggregate.Original = BsonMapping.ToBytes<T>(aggregate);
        aggregate.ClearRaised();
    }

    /// <summary>What its history would tell of a changed aggregate, were it saved now; without hidden fields.</summary>
    public IReadOnlyList<RecordedFieldChange> Differences(T aggregate) => [.. ChangesOf(aggregate).Select(RecordedChange.FieldOf)
        .Where(change => !Definition.HiddenFields.Contains(change.Field))];

    /// <summary>True where a save would write something.</summary>
    public static bool IsChanged(T aggregate) => ChangesOf(aggregate).Count > 0 || aggregate.Raised.Count > 0;

    private static List<BsonDocument> ChangesOf(T aggregate) => aggregate.Version == 0 ? []
        : FieldChanges.Between(aggregate.Original.Span, BsonMapping.ToBytes<T>(aggregate), Unaudited);

    private void RequireLimits(T aggregate, byte[] state, byte[] body, bool hasKey, DateTimeOffset now)
    {
        SaveLimits.RequireLists(Definition.Noun, Lists, aggregate.Original.Span, state);
        if (body.Length > aggregate.Original.Length)
        {
            SaveLimits.RequireSize(Definition.Noun, body.Length);
        }

        if (hasKey)
        {
            SaveLimits.RequireKeys(Definition.Noun, aggregate.Envelope.Keys, now);
        }
    }

    /// <returns>The document with its new state, and an envelope that is not finished.</returns>
    private static byte[] Record(T aggregate, AuditContext audit, List<BsonDocument> changes, bool hasHistory)
    {
        aggregate.Version++;
        aggregate.Schema = Math.Max(aggregate.Schema, aggregate.CurrentSchema);
        aggregate.OnSaving(audit, [.. FieldChanges.FieldsOf(changes)]);
        var state = BsonMapping.ToBytes<T>(aggregate);
        if (hasHistory)
        {
            AuditTrail.Append(aggregate.Envelope, aggregate.Id, aggregate.Version, audit, changes,
                AuditTrail.StateOf(state, AggregateDefinition<T>.AnnexName));
        }

        return state;
    }

    /// <summary>Loads, changes and saves, again from the start while others save in between: for changes that no request asks
    /// for.</summary>
    /// <param name="id">Of the aggregate; nothing happens where there is none.</param>
    /// <param name="audit">Who and why; its cause, where it has one, is applied at most once.</param>
    /// <param name="change">Decides on the loaded aggregate; runs again after a lost race.</param>
    /// <param name="ct">Ends the attempts.</param>
    /// <returns>The aggregate as saved, or null where there is none or the cause was applied before.</returns>
    public Task<T?> UpdateAsync(Guid id, AuditContext audit, Action<T> change, CancellationToken ct) => UpdateAsync(id, audit, aggregate =>
    {
        change(aggregate);
        return ValueTask.CompletedTask;
    }, ct);

    /// <summary>As the other overload, for decisions that look at other things too: they are looked at anew in every attempt, after the
    /// aggregate was loaded.</summary>
    public async Task<T?> UpdateAsync(Guid id, AuditContext audit, Func<T, ValueTask> change, CancellationToken ct)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await FindAsync(id, ct) is not { } aggregate)
            {
                return null;
            }

            if (audit.Cause is { } cause && aggregate.Envelope.HasHeard(cause))
            {
                return null;
            }

            await change(aggregate);
            if (await TrySaveAsync(aggregate, audit, ct))
            {
                return aggregate;
            }
        }

        throw new ConcurrentChangeException(
            $"The {Definition.Noun.AsWord} {id} kept changing while {audit.By.Name} tried to {audit.Action} it.");
    }

    /// <summary>Waits until the messages of an aggregate's last save have been handed to the broker (embedded: to their consumers), at most
    /// 5 s: what is saved will be delivered, however long that takes.</summary>
    public async Task DeliveredAsync(Guid id, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(DeliveryPatience);
        try
        {
            await _relay.DeliveredAsync(Definition.Collection.Name, id, limit.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // The relay goes on.
        }
    }

    /// <summary>Sets the annexes of things that are there; what is not newer changes nothing.</summary>
    public Task AnnexAsync<TAnnex>(IEnumerable<(Guid Id, long Version, TAnnex Annex)> annexes, CancellationToken ct) =>
        Documents.AnnexAsync(
            [.. annexes.Select(annex => new DocumentAnnex(annex.Id, annex.Version, BsonMapping.ToBytes(annex.Annex)))], ct);
}
