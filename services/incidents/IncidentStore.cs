using Itsm.Incidents.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Ticketing;
using MongoDB.Bson;

namespace Itsm.Incidents;

/// <summary>How incidents are stored, and what lists of them can be filtered and sorted by.</summary>
internal static class IncidentStore
{
    private static readonly Dictionary<string, IReadOnlyList<BsonValue>> States = new()
    {
        ["state"] = [.. Enum.GetValues<IncidentState>().Select(state => BsonMapping.Value(state))],
    };

    public static AggregateDefinition<Incident> Definition { get; } = new("incidents", "number",
        new("readers", "openedAt"),
        new("readers", "updatedAt"),
        new("readers", "state", "openedAt"),
        new("readers", "assignmentGroup", "state", "openedAt") { Domains = States },
        new("readers", "assignee", "state", "openedAt") { Domains = States },
        new("readers", "requester", "openedAt"),
        new("readers", "priority", "openedAt"),
        new("readers", "category", "openedAt"),
        new("parent", "openedAt") { Sparse = true },
        new("mergedInto", "openedAt") { Sparse = true },
        new("links.target") { Sparse = true },
        new("major.stage", "openedAt") { Sparse = true },
        new("channel", "openedAt") { Sparse = true },
        new("source.sourceNumber", "openedAt") { Sparse = true },
        new("source.key") { Unique = true },
        TicketServiceLevels.Indexes[0],
        TicketServiceLevels.Indexes[1])
    {
        WriteAnnex = TicketServiceLevels.Write,
        WhyNot = (incident, caller, action) => incident.WhyNot(caller, Permissions.Work, IncidentLifeCycle.DoerOf(action)),
        HistoryReaders = incident => incident.NoteReaders,
    };

    public static ListDefinition Lists { get; } = new()
    {
        Filters =
        [
            Filter.OneOf<IncidentState>("state"), Filter.Number("priority", 1, 5), Filter.Group("assignmentGroup"), Filter.Person("assignee"), Filter.Person("requester"),
            Filter.Thing<Category<Incident>>("category"), Filter.Id("parent"), Filter.OneOf<MajorStage>("major", "major.stage"), Filter.OneOf<Channel>("channel"),
            Filter.Text("sourceNumber", "source.sourceNumber"), Filter.Instant("openedAt"), Filter.Instant("updatedAt"),
            .. TicketServiceLevels.Filters,
        ],
        Sorts = ["openedAt", "updatedAt"],
        SortFields = TicketServiceLevels.Sorts,
        DefaultSort = "-openedAt",
        Expandable = ["requester", "openedBy", "assignee", "assignmentGroup"],
        Summary = new HashSet<string>
        {
            "number", "version", "title", "state", "stateSince", "priority", "impact", "urgency", "requester", "assignmentGroup", "assignee", "category", "channel", "holdReason",
            "openedAt", "updatedAt", "resolvedAt", "closedAt", "reopenCount", "parent", "affectedService", "source", "serviceLevels",
        },
    };
}
