using System.ComponentModel.DataAnnotations;
using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Ticketing;

namespace Itsm.Incidents.UseCases;

/// <summary>Security incidents: marking, classifying, naming who needs to know, investigating.</summary>
internal static class HandleSecurityIncident
{
    /// <summary>What kind of security incident, and who needs to know.</summary>
    /// <example>{ "category": "phishing", "severity": "high", "groups": ["security"], "reason": "The mail asks for passwords." }</example>
    public sealed record MarkRequest
    {
        /// <summary>What kind of attack or loss.</summary>
        public required SecurityCategory Category { get; init; }

        /// <summary>How bad.</summary>
        public required SecuritySeverity Severity { get; init; }

        /// <summary>Ids or user names of people who need to know; oneself always.</summary>
        [MaxLength(100)]
        public IReadOnlyList<string>? People { get; init; }

        /// <summary>Ids or keys of groups that need to know.</summary>
        [MaxLength(20)]
        public IReadOnlyList<string>? Groups { get; init; }

        /// <summary>Why.</summary>
        [Required, StringLength(1000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    /// <summary>Corrections.</summary>
    /// <example>{ "category": "malware", "severity": "critical", "reason": "The attachment was opened." }</example>
    public sealed record ClassifyRequest
    {
        /// <summary>What kind of attack or loss.</summary>
        public required SecurityCategory Category { get; init; }

        /// <summary>How bad.</summary>
        public required SecuritySeverity Severity { get; init; }

        /// <summary>Why.</summary>
        [Required, StringLength(1000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    /// <summary>The whole new list of those who need to know.</summary>
    /// <example>{ "people": ["analyst1"], "groups": ["security"], "reason": "The legal department need not read on." }</example>
    public sealed record ReadersRequest
    {
        /// <summary>Ids or user names.</summary>
        [Required, MaxLength(100)]
        public required IReadOnlyList<string> People { get; init; }

        /// <summary>Ids or keys.</summary>
        [Required, MaxLength(20)]
        public required IReadOnlyList<string> Groups { get; init; }

        /// <summary>Why.</summary>
        [Required, StringLength(1000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    /// <summary>A step.</summary>
    /// <example>{ "phase": "contain", "finding": "The laptop is off the network." }</example>
    public sealed record InvestigateRequest
    {
        /// <summary>How far the handling has come with it.</summary>
        public required SecurityPhase Phase { get; init; }

        /// <summary>What was found or done.</summary>
        [Required, StringLength(32_000, MinimumLength = 3)]
        public required string Finding { get; init; }
    }

    public static void Map(IEndpointRouteBuilder incidents)
    {
        incidents.MapPost("{id}/mark-security", Mark).WithName("MarkSecurityIncident")
            .WithSummary("Makes an incident a security incident that only the named see")
            .Requires(Permissions.HandleSecurity).ChangesOne().Produces<Incident>();
        incidents.MapPost("{id}/classify-security", Classify).WithName("ClassifySecurityIncident")
            .WithSummary("Corrects category and severity of a security incident")
            .Requires(Permissions.HandleSecurity).ChangesOne().Produces<Incident>();
        incidents.MapPost("{id}/name-readers", NameReaders).WithName("NameSecurityIncidentReaders")
            .WithSummary("Says who needs to know of a security incident")
            .Requires(Permissions.HandleSecurity).ChangesOne().Produces<Incident>();
        incidents.MapPost("{id}/investigate", Investigate).WithName("InvestigateSecurityIncident")
            .WithSummary("Notes a step of the investigation")
            .Requires(Permissions.OfTickets.WriteNotes).ChangesOne().Produces<Incident>();
    }

    private static Task<IResult> Mark(
        string id, MarkRequest request, Write write, AggregateStore<Incident> incidents, People people, CancellationToken ct) =>
        write.ChangeAsync(incidents, id, "mark-security", request.Reason, async (incident, audit) =>
            incident.Secure(request.Category, request.Severity, await PeopleAsync(people, request.People, ct),
                await GroupsAsync(people, request.Groups, ct), audit), ct);

    private static Task<IResult> Classify(
        string id, ClassifyRequest request, Write write, AggregateStore<Incident> incidents, CancellationToken ct) =>
        write.ChangeAsync(incidents, id, "classify-security", request.Reason,
            (incident, _) => incident.Classify(request.Category, request.Severity), ct);

    private static Task<IResult> NameReaders(
        string id, ReadersRequest request, Write write, AggregateStore<Incident> incidents, People people, CancellationToken ct) =>
        write.ChangeAsync(incidents, id, "name-readers", request.Reason, async (incident, _) =>
            incident.NameReaders(await PeopleAsync(people, request.People, ct), await GroupsAsync(people, request.Groups, ct)), ct);

    private static Task<IResult> Investigate(
        string id, InvestigateRequest request, Write write, AggregateStore<Incident> incidents, CancellationToken ct) =>
        write.ChangeAsync(incidents, id, "investigate", null, (incident, audit) =>
        {
            incident.Investigate(request.Phase, request.Finding, audit);
        }, ct);

    private static async Task<IReadOnlyList<Guid>> PeopleAsync(People people, IReadOnlyList<string>? names, CancellationToken ct)
    {
        var ids = new List<Guid>();
        foreach (var name in names ?? [])
        {
            ids.Add((await people.RequirePersonAsync(name, $"/people/{ids.Count}", ct)).Id);
        }

        return ids;
    }

    private static async Task<IReadOnlyList<Guid>> GroupsAsync(People people, IReadOnlyList<string>? keys, CancellationToken ct)
    {
        var ids = new List<Guid>();
        foreach (var key in keys ?? [])
        {
            ids.Add((await people.RequireGroupAsync(key, $"/groups/{ids.Count}", ct)).Id);
        }

        return ids;
    }
}
