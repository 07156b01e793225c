using System.Reflection;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Http;

namespace Itsm.Platform.Http;

/// <summary>A request that changes one thing: check the precondition, decide, one save; again the same answer where the request's
/// idempotency key was seen before.</summary>
public sealed partial class Write
{
    private const int AttemptsOfAny = 10;
    private readonly HttpContext _context;
    private IdempotencyKey? _key;

    private Write(HttpContext context) => (_context, Caller, _key) = (context, Caller.Of(context), context.Features.Get<IdempotencyKey>());

    /// <summary>Who asks.</summary>
    public Caller Caller { get; }

    /// <summary>In which its answer is written.</summary>
    public Language Language => _context.Language;

    /// <summary>The write of this request.</summary>
    public static ValueTask<Write?> BindAsync(HttpContext context, ParameterInfo parameter) =>
        ValueTask.FromResult<Write?>(new Write(context));

    /// <summary>Says what a body was that the route has read itself: with its idempotency key goes what has this digest.</summary>
    public void Carried(byte[] digest) => _key = _key?.Of(_context.Request, digest);

    /// <summary>The context of changes that this request makes to many things, each saved by itself.</summary>
    /// <param name="action">The use case in the words of its route.</param>
    /// <param name="reason">Why; null where nobody said.</param>
    /// <param name="clock">The time.</param>
    public AuditContext ActOf(string action, string? reason, TimeProvider clock) => new()
    {
        By = Caller.Actor, Action = action, Reason = reason, At = clock.GetUtcNow().ToMilliseconds(),
        Request = _context.Features.Get<CommonRequest>()?.Id,
    };

    /// <summary>Creates a thing and answers 201 with its representation.</summary>
    /// <param name="store">Where it goes.</param>
    /// <param name="create">Makes it, or finishes what was begun; runs once.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <param name="location">Its address; the request's path and its id where left out.</param>
    /// <param name="reason">Why, for the audit entry.</param>
    /// <param name="status">202 for a thing that stands for work still to be done; 200 for one that has no address.</param>
    public async Task<IResult> CreateAsync<T>(
        AggregateStore<T> store, Func<AuditContext, ValueTask<T>> create, CancellationToken ct, Func<T, string>? location = null,
        string? reason = null, int status = StatusCodes.Status201Created)
        where T : Aggregate
    {
        if (await ReplayAsync(store, ct) is { } replay)
        {
            return replay;
        }

        byte[] answer = [];
        string? address = null;
        T? created = null;
        var audit = Begin(store, "create", reason, (body, version) =>
            Keep(status, address, version, answer = Represent(store, body, created!), store.Clock.GetUtcNow()));
        try
        {
            created = await create(audit);
            address = status == StatusCodes.Status200OK ? null : location?.Invoke(created) ?? $"{_context.Request.Path}/{created.Id}";
            if (!await store.TrySaveAsync(created, audit, ct))
            {
                throw new ConcurrentChangeException($"The {store.Definition.Noun.AsWord} was changed meanwhile; begin again.");
            }
        }
        catch (Exception e) when (_key is not null && e is DuplicateKeyException or RuleViolationException)
        {
            // What stands in the way may be what this very request, sent twice, has done meanwhile.
            if (await ReplayAsync(store, ct) is { } twin)
            {
                return twin;
            }

            throw;
        }

        if (answer.Length == 0)
        {
            answer = Represent(store, created.Original.ToArray(), created);
        }

        return new WrittenAnswer(status, address, ETag.Of(created.Version), answer, Replayed: false);
    }

    /// <summary>Changes a visible thing and answers 200 with its representation.</summary>
    /// <param name="store">Where it is.</param>
    /// <param name="idOrName">Its id or human name.</param>
    /// <param name="action">The use case in the words of its route.</param>
    /// <param name="reason">Why; null where the caller gave no reason.</param>
    /// <param name="change">Decides; with <c>If-Match: *</c> it may run again after a lost race.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="HttpProblemException">404, 412 or 428.</exception>
    public Task<IResult> ChangeAsync<T>(
        AggregateStore<T> store, string idOrName, string action, string? reason, Action<T, AuditContext> change, CancellationToken ct)
        where T : Aggregate =>
        ChangeAsync(store, idOrName, action, reason, (aggregate, audit) =>
        {
            change(aggregate, audit);
            return ValueTask.CompletedTask;
        }, ct);

    /// <summary>As the other overload, for decisions that must look something up.</summary>
    /// <param name="store">Where it is.</param>
    /// <param name="idOrName">Its id or human name.</param>
    /// <param name="action">The use case in the words of its route.</param>
    /// <param name="reason">Why; null where the caller gave no reason.</param>
    /// <param name="change">Decides; with <c>If-Match: *</c> it may run again after a lost race.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <param name="waitForDelivery">Answers only when the messages have gone out: for changes that must hold elsewhere with the next
    /// request.</param>
    /// <param name="prepare">Runs once, when the caller may do it and has seen the newest version: for what must be reserved, here too,
    /// before the change.</param>
    /// <param name="part">The part of it that the answer has instead of the whole.</param>
    public async Task<IResult> ChangeAsync<T>(
        AggregateStore<T> store, string idOrName, string action, string? reason, Func<T, AuditContext, ValueTask> change,
        CancellationToken ct, bool waitForDelivery = false, Func<T, ChangedPart>? part = null, Func<T, Task>? prepare = null)
        where T : Aggregate
    {
        var prepared = false;
        if (await ReplayAsync(store, ct, part is null ? null : action) is { } replay)
        {
            return replay;
        }

        for (var attempt = 1; ; attempt++)
        {
            if (await store.FindDocumentAsync(idOrName, ct) is not { } found || !Read.IsVisible(found, Caller))
            {
                throw HttpProblemException.NotFound(store.Definition.Noun, idOrName);
            }

            var aggregate = AggregateStore<T>.Load(found);
            if (_key is not null && aggregate.Envelope.Keys.Find(kept => kept.Key == KeyOf()) is { } done)
            {
                // The same request, sent twice, has been carried out since it was looked for.
                return Again(done);
            }

            if (store.Definition.WhyNot(aggregate, Caller, action) is { } why)
            {
                throw HttpProblemException.Forbidden(why);
            }

            var any = prepared || await CheckPreconditionAsync(store, found, ct);
            if (prepare is not null)
            {
                try
                {
                    await prepare(aggregate);
                }
                catch (RuleViolationException) when (_key is not null)
                {
                    // What stands in the way may be what this very request, sent twice, has done meanwhile.
                    if (await ReplayAsync(store, ct) is { } first)
                    {
                        return first;
                    }

                    throw;
                }

                (prepare, prepared) = (null, true);
                continue;
            }

            WrittenAnswer? answer = null;
            var audit = Begin(store, action, reason, (body, version) =>
            {
                answer = Show(store, body, aggregate, version, part);
                return Keep(answer.Status, answer.Location, version, answer.Body, store.Clock.GetUtcNow());
            });
            await change(aggregate, audit);
            bool saved;
            try
            {
                saved = await store.TrySaveAsync(aggregate, audit, ct);
            }
            catch (DuplicateKeyException) when (_key is not null)
            {
                if (await ReplayAsync(store, ct) is { } other)
                {
                    return other;
                }

                throw;
            }

            if (saved)
            {
                if (waitForDelivery)
                {
                    await store.DeliveredAsync(aggregate.Id, ct);
                }

                return answer ?? Show(store, aggregate.Original.ToArray(), aggregate, aggregate.Version, part);
            }

            if (await ReplayAsync(store, ct) is { } twin)
            {
                return twin;
            }

            if (any && attempt == AttemptsOfAny)
            {
                throw new ConcurrentChangeException($"Others kept changing {store.Definition.Noun.AsWord} {idOrName}; try again.");
            }
        }
    }

    private WrittenAnswer Show<T>(AggregateStore<T> store, byte[] body, T aggregate, long version, Func<T, ChangedPart>? part)
        where T : Aggregate => part?.Invoke(aggregate) is not { } one
            ? new WrittenAnswer(StatusCodes.Status200OK, null, ETag.Of(version), Represent(store, body, aggregate), Replayed: false)
            : new WrittenAnswer(one.Name is null ? StatusCodes.Status200OK : StatusCodes.Status201Created,
                one.Name is null ? null : $"{_context.Request.Path}/{one.Name}", ETag.Of(version),
                one.ToJson(_context.RequestServices), Replayed: false);

    private byte[] Represent<T>(AggregateStore<T> store, byte[] body, T aggregate)
        where T : Aggregate => JsonAnswer.ToBytes(writer =>
        {
            writer.WriteStartObject();
            var shown = store.Definition.Choose(null, store.Definition.Shown(Caller, aggregate.Id));
            Representation.WriteMembers(writer, body, shown, store.AnnexWriter, _context.Language);
            writer.WriteEndObject();
        });

    private AuditContext Begin<T>(AggregateStore<T> store, string action, string? reason, Func<byte[], long, KeptOutcome> outcome)
        where T : Aggregate => ActOf(action, reason, store.Clock) with { Outcome = _key is null ? null : outcome };

    private KeptOutcome Keep(int status, string? location, long version, byte[] answer, DateTimeOffset now) =>
        new(KeyOf(), _key!.Request, status, location, ETag.Of(version), KeptOutcome.Compress(answer), now);

    /// <returns>True for <c>If-Match: *</c>.</returns>
    private async Task<bool> CheckPreconditionAsync<T>(AggregateStore<T> store, StoredDocument found, CancellationToken ct)
        where T : Aggregate
    {
        var header = _context.Request.Headers.IfMatch.ToString();
        if (header.Length == 0)
        {
            throw new HttpProblemException(Problems.Create(428, "precondition-required", $"Precondition required",
                $"Send If-Match with the ETag of the version that you saw, or * for any."));
        }

        if (header == "*")
        {
            return true;
        }

        if (ETag.Version(header) is not { } version)
        {
            throw HttpProblemException.Invalid("", FieldCode.WrongFormat,
                $"If-Match is not an ETag of ours: {header.Quoted}.");
        }

        if (version == found.Version)
        {
            return false;
        }

        var since = await store.HistoryAsync(found, null, 100, ct);
        var hidden = Caller.Sees(store.Definition.HistoryReaders(AggregateStore<T>.Load(found)))
            ? new HashSet<string>()
            : store.Definition.HiddenFields;
        var shown = store.Definition.Shown(Caller, found.Id);
        var problem = Problems.Create(412, "precondition-failed", $"Changed meanwhile",
            $"You saw version {version}; it is at version {found.Version} now.");
        throw new HttpProblemException(problem with
        {
            CurrentETag = ETag.Of(found.Version),
            ChangedFields = [.. since.Where(entry => entry["aggregateVersion"].AsInt64 > version)
                .SelectMany(entry => FieldChanges.FieldsOf(entry["changes"].AsBsonArray))
                .Except(hidden).Where(field => shown?.Contains(field) != false).Order()],
        }) { Tag = ETag.Of(found.Version) };
    }
}
