using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Requests.Domain;
using Itsm.Ticketing;
using MongoDB.Bson;

namespace Itsm.Requests;

/// <summary>How requests are stored, and what lists of them can be filtered and sorted by.</summary>
internal static class RequestStore
{
    private static readonly Dictionary<string, IReadOnlyList<BsonValue>> States = new()
    {
        ["state"] = [.. Enum.GetValues<RequestState>().Select(state => BsonMapping.Value(state))],
    };

    public static AggregateDefinition<ServiceRequest> Definition { get; } = new("requests", "number",
        new("readers", "openedAt"),
        new("readers", "updatedAt"),
        new("readers", "state", "openedAt"),
        new("readers", "assignmentGroup", "state", "openedAt") { Domains = States },
        new("readers", "assignee", "state", "openedAt") { Domains = States },
        new("readers", "requester", "openedAt"),
        new("readers", "itemKey", "openedAt"),
        new("readers", "priority", "openedAt"),
        new("parent", "openedAt") { Sparse = true },
        new("subject", "openedAt") { Sparse = true },
        new("holder", "openedAt") { Sparse = true },
        new("leaver") { Unique = true },
        new("links.target") { Sparse = true },
        new("callbacks.hash") { Sparse = true },
        TicketServiceLevels.Indexes[0],
        TicketServiceLevels.Indexes[1])
    {
        WriteAnnex = TicketServiceLevels.Write, Noun = "request",
        WhyNot = (request, caller, action) => request.WhyNot(caller, Permissions.Work, RequestLifeCycle.DoerOf(action)),

        // A draft is nobody's work yet.
        HistoryReaders = request => request.NoteReaders.Count > 0 ? request.NoteReaders : request.Readers,
    };

    public static ListDefinition Lists { get; } = new()
    {
        Filters =
        [
            Filter.OneOf<RequestState>("state"), Filter.Number("priority", 1, 5), Filter.Group("assignmentGroup"), Filter.Person("assignee"), Filter.Person("requester"), Filter.Person("subject"),
            Filter.Text("item", "itemKey"), Filter.Id("parent"), Filter.Instant("openedAt"), Filter.Instant("updatedAt"),
            .. TicketServiceLevels.Filters,
        ],
        Sorts = ["openedAt", "updatedAt"],
        SortFields = TicketServiceLevels.Sorts,
        DefaultSort = "-openedAt",
        Expandable = ["requester", "openedBy", "assignee", "assignmentGroup", "subject"],
        Summary = new HashSet<string>
        {
            "number", "version", "title", "state", "stateSince", "priority", "requester", "openedBy", "assignmentGroup", "assignee", "category", "item", "itemKey", "subject", "parent", "waitingFor", "holdReason",
            "openedAt", "updatedAt", "expectedAt", "resolvedAt", "closedAt", "cost", "serviceLevels",
        },
    };
}
