using Itsm.Contracts;
using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Platform.Timers;
using Itsm.Platform.Values;
using Itsm.Ticketing;
using Microsoft.Extensions.Options;

namespace Itsm.Incidents.Import;

/// <summary>Works through the pending incidents of a file. Each is built in memory, event by event, and comes in by one insert: all of it
/// or nothing. Safe to run twice, at once or after a crash: the source's key is unique, and an incident's id tells which job brought it
/// in.</summary>
internal sealed class RunImport(
    AggregateStore<ImportJob> jobs, AggregateStore<ImportItem> items, AggregateStore<Incident> incidents,
    AggregateStore<Category<Incident>> categories, AggregateStore<PriorityMatrix<Incident>> matrices, NumberSeries<Incident> numbers,
    People people, IOptions<IncidentSettings> settings, TimeProvider clock) : ITimerHandler
{
    private const int PageSize = 50;
    private const int LongestNumber = 100;
    private const string SourceKey = "source.key";

    /// <summary>Well within the timer's lease, which nobody extends.</summary>
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(20);

    /// <inheritdoc/>
    public async Task RunAsync(Guid id, CancellationToken ct)
    {
        var end = clock.GetUtcNow() + Slice;
        if (await jobs.FindAsync(id, ct) is not { State: not ImportState.Done } job)
        {
            return;
        }

        await UpdateAsync(id, "start", (one, now) => one.Start(now), ct);
        var run = new Run(
            job, new SourceNames(people, job.Source), new SourceCategories(categories, OwnAct("create")),
            await PriorityMatrix<Incident>.OfAsync(matrices, ct));
        while (true)
        {
            var page = await PendingAsync(id, ct);
            List<Prepared> prepared = [];
            foreach (var document in page)
            {
                prepared.Add(await PrepareAsync(AggregateStore<ImportItem>.Load(document), run, ct));
            }

            // Built one after the other, so that numbers follow the file; saved together, so that they share commits.
            await Task.WhenAll(prepared.Select(one => SaveAsync(one, ct)));
            var counts = await CountAsync(id, ct);
            if (page.Count < PageSize)
            {
                await UpdateAsync(id, "finish", (one, now) => one.Finish(counts, now), ct);
                return;
            }

            if (clock.GetUtcNow() > end)
            {
                await UpdateAsync(id, "continue", (one, now) => one.Continue(counts, now), ct);
                return;
            }

            await UpdateAsync(id, "progress", (one, _) => one.Progress(counts), ct);
        }
    }

    /// <summary>The incident that a stored item tells of.</summary>
    /// <exception cref="RefusedException">It can't be taken.</exception>
    internal static SourceIncident Read(ImportJob job, string number, IReadOnlyList<CsvRow> rows)
    {
        List<SourceRow> read = [.. rows.Select(row => new SourceRow(row.Line, job.Columns, row.Values, job.TimeZone, job.CreatedAt))];
        return number.Length switch
        {
            0 => throw read[0].Refused("number", $"is missing"),
            > LongestNumber => throw read[0].Refused("number", $"has {number.Length} characters; at most {LongestNumber} are possible"),
            _ => job.Form == ImportForm.EventLog ? EventLogForm.Read(number, read, job.Source) : PlainForm.Read(number, read, job.Source),
        };
    }

    private async ValueTask<Prepared> PrepareAsync(ImportItem item, Run run, CancellationToken ct)
    {
        SourceIncident source;
        try
        {
            source = Read(run.Job, item.SourceNumber, [.. item.Rows.Zip(item.Lines, (values, line) => new CsvRow(line, values))]);
        }
        catch (RefusedException e)
        {
            item.Refuse(e.Why);
            return new Prepared(item, null, null);
        }

        var key = $"{run.Job.Source}:{source.Number}";
        if (await FindAsync(key, ct) is { } known)
        {
            Settle(item, known);
            return new Prepared(item, null, null);
        }

        var (incident, last) = await BuildAsync(IdOf(item), key, source, run, ct);
        return new Prepared(item, incident, last);
    }

    private async Task SaveAsync(Prepared prepared, CancellationToken ct)
    {
        var (item, incident, last) = prepared;
        if (incident is not null)
        {
            try
            {
                await incidents.TrySaveAsync(incident, last!, ct);
                Settle(item, incident);
            }
            catch (DuplicateKeyException)
            {
                if (await FindAsync(incident.Source!.Key, ct) is not { } known)
                {
                    throw;
                }

                Settle(item, known);
            }
        }

        // A lost race means that a twin of this run has marked it, with the same result.
        await items.TrySaveAsync(item, OwnAct("import"), ct);
    }

    /// <summary>Follows from job and number: a run that comes after a crash knows what this job brought in already.</summary>
    private static Guid IdOf(ImportItem item) => DerivedId.From("incident", item.Job.ToString(), item.SourceNumber);

    private static void Settle(ImportItem item, Incident incident) =>
        item.Settle(incident.Id == IdOf(item) ? ImportOutcome.Imported : ImportOutcome.Unchanged, incident.Id, incident.Number);

    private async ValueTask<(Incident Incident, AuditContext Last)> BuildAsync(
        Guid id, string key, SourceIncident source, Run run, CancellationToken ct)
    {
        var requester = await RequesterAsync(source.Events[0], run, ct);
        var openedBy = await run.Names.PersonOrNullAsync(source.OpenedBy, ct) ?? requester;
        var incident = Incident.Found(id, await numbers.NextAsync(ct), new ImportSource(run.Job.Source, source.Number, key), openedBy,
            source.OpenedAt, source.Channel, clock.GetUtcNow().ToMilliseconds());
        AuditContext? audit = null;
        foreach (var one in source.Events)
        {
            if (audit is not null)
            {
                AggregateStore<Incident>.Stage(incident, audit);
            }

            audit = await ActOfAsync(incident, one, audit?.At, run, ct);
            incident.Record(await StateOfAsync(one, audit.By, run, ct), run.Matrix, audit);
        }

        incident.CloseImportedAt(clock.GetUtcNow().ToMilliseconds() + settings.Value.CloseAfter);
        return (incident, audit!);
    }

    /// <summary>The event as a change by whoever made it there. Events are in the source's own order; where its clock went back between two
    /// of them, the later one is put at the time of the earlier, so that no timeline runs backwards.</summary>
    private static async ValueTask<AuditContext> ActOfAsync(
        Incident incident, SourceEvent one, DateTimeOffset? previous, Run run, CancellationToken ct)
    {
        var origin = $"{run.Job.Source} {incident.Source!.SourceNumber}, {one.Label}";
        return new AuditContext
        {
            By = await run.Names.ActorAsync(one.By, ct), Action = previous is null ? "create" : ActionOf(incident.State, one.State),
            At = one.At < previous ? previous.Value : one.At,
            Reason = one.At < previous ? $"{origin}; dated {one.At:yyyy-MM-ddTHH:mm:ssZ} there." : $"{origin}.",
        };
    }

    private static string ActionOf(IncidentState before, IncidentState after) => (before, after) switch
    {
        _ when before == after => "update",
        (_, IncidentState.Resolved) => IncidentLifeCycle.Resolve,
        (_, IncidentState.Closed) => Moves.Close,
        (_, IncidentState.Cancelled) => Moves.Cancel,
        (IncidentState.Resolved or IncidentState.Closed or IncidentState.Cancelled, _) => Moves.Reopen,
        (_, IncidentState.OnHold) => Moves.Hold,
        (IncidentState.OnHold, IncidentState.InProgress) => Moves.Resume,
        (_, IncidentState.InProgress) => Moves.Start,
        _ => "update",
    };

    private static async ValueTask<RecordedState> StateOfAsync(SourceEvent one, Actor by, Run run, CancellationToken ct) => new()
    {
        State = one.State, HoldReason = one.HoldReason, Title = one.Title, Description = one.Description,
        Requester = await RequesterAsync(one, run, ct), AssignmentGroup = await run.Names.GroupOrNullAsync(one.Group, ct),
        Assignee = await run.Names.PersonOrNullAsync(one.Assignee, ct),
        Category = await run.Categories.FindAsync(one.Category, one.Subcategory, ct), Impact = one.Impact, Urgency = one.Urgency,
        Priority = one.Priority, ConfigurationItems = one.ConfigurationItems, Links = one.Links, ReopenCount = one.ReopenCount,
        ClosedAt = one.ClosedAt,
        Resolution = one.Resolution is { } resolution
            ? new RecordedResolution(resolution.Notes, resolution.By is null ? by : await run.Names.ActorAsync(resolution.By, ct),
                resolution.At)
            : null,
    };

    private static async ValueTask<Guid> RequesterAsync(SourceEvent one, Run run, CancellationToken ct) =>
        await run.Names.PersonOrNullAsync(one.Requester, ct) ?? run.Job.CreatedBy;

    private async Task<Incident?> FindAsync(string key, CancellationToken ct) =>
        await incidents.Documents.QueryAsync(new DocumentQuery([Condition.In(SourceKey, key)], SourceKey, false, null, 1), ct) is [
            var found, ..]
            ? AggregateStore<Incident>.Load(found)
            : null;

    private ValueTask<IReadOnlyList<StoredDocument>> PendingAsync(Guid job, CancellationToken ct) => items.Documents.QueryAsync(
        new DocumentQuery([Condition.In("job", BsonMapping.Value(job)), Condition.In("outcome", BsonMapping.Value(ImportOutcome.Pending))],
            "seq", false, null, PageSize), ct);

    private async Task<ImportCounts> CountAsync(Guid job, CancellationToken ct)
    {
        var groups = await items.Documents.GroupAsync([Condition.In("job", BsonMapping.Value(job))], "outcome", ct);
        return new ImportCounts(Of(ImportOutcome.Imported), Of(ImportOutcome.Unchanged), Of(ImportOutcome.Refused));

        int Of(ImportOutcome outcome) => (int)groups.GetValueOrDefault(BsonMapping.Value(outcome));
    }

    private async Task UpdateAsync(Guid id, string action, Action<ImportJob, DateTimeOffset> change, CancellationToken ct)
    {
        var audit = OwnAct(action);
        await jobs.UpdateAsync(id, audit, job => change(job, audit.At), ct);
    }

    private AuditContext OwnAct(string action) => AuditContext.OfService("incidents", action, clock);

    /// <summary>An item and the incident to insert for it, with the audit context of its last event; null where there is nothing to
    /// insert.</summary>
    private sealed record Prepared(ImportItem Item, Incident? Incident, AuditContext? Last);

    /// <summary>What all incidents of a slice share.</summary>
    private sealed record Run(ImportJob Job, SourceNames Names, SourceCategories Categories, PriorityMatrix Matrix);
}
