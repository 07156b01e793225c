using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;

namespace Itsm.Incidents.UseCases;

/// <summary>Counts the incidents that the caller may see and that meet the filters, by one field: what queues and dashboards show.</summary>
internal static class CountIncidents
{
    private static readonly string[] Fields = ["state", "priority", "assignmentGroup", "assignee", "category", "channel"];

    /// <summary>How many.</summary>
    /// <param name="By">The field.</param>
    /// <param name="Counts">By value; none for those without.</param>
    public sealed record Response(string By, IReadOnlyDictionary<string, long> Counts);

    public static void Map(IEndpointRouteBuilder incidents) => incidents.MapGet("counts", Handle)
        .WithName(nameof(CountIncidents)).WithSummary("Counts incidents by a field").WithDescription($"by is one of: {string.Join(", ", Fields)}.")
        .Requires(Permissions.Read).Counts(IncidentStore.Lists, "by");

    private static async Task<Response> Handle(string? by, ListQuery list, AggregateStore<Incident> store, CancellationToken ct) =>
        by is not null && Fields.Contains(by)
            ? new Response(by, await list.GroupAsync(store, IncidentStore.Lists, by, ct))
            : throw HttpProblemException.Invalid("?by", $"by must be one of: {string.Join(", ", Fields)}.");
}
