using System.ComponentModel.DataAnnotations;
using Itsm.Contracts.Ticketing;
using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;

namespace Itsm.Incidents.UseCases;

/// <summary>The post-incident report: what was learned, with a timeline made from what happened.</summary>
internal static class ReportMajorIncident
{
    /// <summary>What is absent stays empty.</summary>
    /// <example>{ "overview": "Mail was late for two hours.", "findings": "A queue was full.",
    /// "resolution": "The queue is twice as long now." }</example>
    public sealed record Request
    {
        /// <summary>What happened, for readers in a hurry.</summary>
        [StringLength(32_000)]
        public string? Overview { get; init; }

        /// <summary>What was found.</summary>
        [StringLength(32_000)]
        public string? Findings { get; init; }

        /// <summary>What ended it, and what keeps it from coming back.</summary>
        [StringLength(32_000)]
        public string? Resolution { get; init; }
    }

    /// <summary>A report with its timeline.</summary>
    public sealed record Response(
        string Number, string Title, PostIncidentReport? Report, TimeSpan? Duration, IReadOnlyList<Moment> Timeline);

    /// <summary>Something that happened.</summary>
    public sealed record Moment(DateTimeOffset At, string What);

    public static void Map(IEndpointRouteBuilder incidents)
    {
        incidents.MapPost("{id}/write-report", Write).WithName("WritePostIncidentReport")
            .WithSummary("Writes the post-incident report while the major incident is resolved")
            .Requires(Permissions.DecideMajor).ChangesOne().Produces<Incident>();
        incidents.MapGet("{id}/report", Read).WithName("GetPostIncidentReport")
            .WithSummary("Reads the post-incident report with its generated timeline").Requires(Permissions.OfTickets.Read);
    }

    private static Task<IResult> Write(string id, Request request, Write write, AggregateStore<Incident> incidents, CancellationToken ct) =>
        write.ChangeAsync(incidents, id, "write-report", null,
            (incident, _) => incident.Report(request.Overview, request.Findings, request.Resolution), ct);

    private static async Task<Response> Read(string id, Read read, AggregateStore<Incident> incidents, CancellationToken ct)
    {
        var incident = AggregateStore<Incident>.Load(await read.FindAsync(incidents, id, ct));
        return incident.Major is not { Stage: MajorStage.Accepted } major
            ? throw HttpProblemException.NotFound("post-incident report of", incident.Number)
            : new Response(incident.Number, incident.Title, major.Report, incident.ResolvedAt - incident.OpenedAt,
                [.. Moments(incident, major).OrderBy(moment => moment.At)]);
    }

    private static IEnumerable<Moment> Moments(Incident incident, MajorIncident major)
    {
        TimelineEntry? before = null;
        foreach (var entry in incident.Timeline)
        {
            var what = before is null ? $"Opened with priority {entry.Priority}."
                : before.State != entry.State ? $"{before.State} → {entry.State}."
                : before.Priority != entry.Priority ? $"Priority {before.Priority} → {entry.Priority}."
                : before.AssignmentGroup != entry.AssignmentGroup || before.Assignee != entry.Assignee ? "Reassigned."
                : before.Answered != entry.Answered ? "First public answer." : "Affected service changed.";
            before = entry;
            yield return new Moment(entry.At, what);
        }

        if (major.ProposedAt is { } proposed)
        {
            yield return new Moment(proposed, $"Proposed as a major incident by {major.ProposedBy!.Name}.");
        }

        yield return new Moment(major.DecidedAt!.Value, $"Accepted as a major incident by {major.DecidedBy!.Name}.");
        foreach (var update in major.Updates)
        {
            yield return new Moment(update.At, $"Status update to {string.Join(", ", update.Audiences)}: {update.Text}");
        }

        foreach (var escalation in incident.Escalations)
        {
            yield return new Moment(escalation.At, $"Escalated to level {escalation.Level}: {escalation.Reason}");
        }
    }
}
