using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Ticketing.Tasks;
using MongoDB.Bson;

namespace Itsm.Ticketing;

/// <summary>What a kind of thing is called: of tickets, articles or assets.</summary>
/// <param name="Kind">In messages and rule codes: <c>incident</c>.</param>
/// <param name="Plural">Its route, collection, queue prefix and database: <c>incidents</c>.</param>
/// <param name="Name">In the names of operations: <c>Incident</c>.</param>
/// <param name="Prefix">Of its numbers: <c>INC</c>.</param>
public sealed record KindNames(string Kind, string Plural, string Name, string Prefix)
{
    /// <summary>For people, in sentences; as <see cref="Kind"/> where left out.</summary>
    public string Noun { get; init; } = Kind;
}

/// <summary>A kind of ticket: all that differs from other kinds. A module gets stores, indexes, numbers, comments, clocks, publishing,
/// timers and routes from it.</summary>
/// <typeparam name="TTicket">Its aggregate.</typeparam>
/// <typeparam name="TState">Its states.</typeparam>
/// <typeparam name="THold">Its reasons to wait.</typeparam>
public sealed class TicketKind<TTicket, TState, THold>
    where TTicket : Ticket<TState, THold>
    where TState : struct, Enum
    where THold : struct, Enum
{
    /// <summary>What it is called.</summary>
    public required KindNames Names { get; init; }

    /// <summary>The moves.</summary>
    public required TicketLifeCycle<TState> LifeCycle { get; init; }

    /// <summary>What its routes ask for.</summary>
    public TicketPermissions Permissions => LifeCycle.Permissions;

    /// <summary>Moves that have a route of the kind's own, since they bring more than a reason along.</summary>
    public IReadOnlyList<string> OwnMoves { get; init; } = [];

    /// <summary>True where its fields are changed by a route of the kind's own, since it has others, or rules of its own.</summary>
    public bool OwnEdit { get; init; }

    /// <summary>What its tasks are, for the documentation of their routes.</summary>
    public Type TaskType { get; init; } = typeof(WorkTask);

    /// <summary>Indexes beside those that all kinds have.</summary>
    public IReadOnlyList<IndexDefinition> Indexes { get; init; } = [];

    /// <summary>Filters beside those that all kinds have.</summary>
    public IReadOnlyList<Filter> Filters { get; init; } = [];

    /// <summary>Fields of a list's items beside those that all kinds have.</summary>
    public IReadOnlyList<string> Summary { get; init; } = [];

    /// <summary>Fields that counts go by beside those that all kinds have.</summary>
    public IReadOnlyList<string> CountFields { get; init; } = [];

    /// <summary>Fields with ids of people or groups beside those that all kinds have.</summary>
    public IReadOnlyList<string> Expandable { get; init; } = [];

    /// <summary>Explain fields of its own to <c>expand</c>; its category is explained for all kinds.</summary>
    public IReadOnlyList<Expander> Expanders { get; init; } = [];

    /// <summary>Tickets whose comments show here too, such as those merged into it.</summary>
    public Func<TTicket, IEnumerable<Guid>> CommentsAlsoOf { get; init; } = _ => [];

    /// <summary>The ticket that goes on instead of this one, and gets its comments; null where it goes on itself.</summary>
    public Func<TTicket, Guid?> Survivor { get; init; } = _ => null;

    /// <summary>How it is stored.</summary>
    public AggregateDefinition<TTicket> Definition => field ??= new AggregateDefinition<TTicket>(Names.Plural, "number",
    [
        new("readers", "openedAt"),
        new("readers", "updatedAt"),
        new("state", "openedAt"),
        new("assignmentGroup", "state", "openedAt") { Domains = States, Carries = ["readers", "assignee"] },
        new("assignee", "state", "openedAt") { Domains = States, Carries = ["readers"] },
        new("requester", "state", "openedAt") { Domains = States, Carries = ["readers"] },
        new("assignee", "state", TicketServiceLevels.Sorts["dueAt"])
        {
            Complete = true, Domains = States, Serves = "what waits for somebody",
        },
        new("priority", "openedAt"),
        new("watchers", "state", "openedAt") { Sparse = true, Domains = States, Serves = "what somebody watches" },
        new("links.target") { Sparse = true, Serves = "links from others" },
        new("affectedService", "openedAt") { Sparse = true }, new("configurationItems", "openedAt") { Sparse = true },
        new("taskHolders", "openedAt") { Sparse = true, Serves = "tasks of who is gone" },
        .. TicketServiceLevels.Indexes,
        .. Indexes,
    ])
    {
        Noun = Names.Noun,
        AnnexFormat = TicketServiceLevels.Format,
        WhyNot = (ticket, caller, action) => action is TicketLifeCycle<TState>.Comment or TicketLifeCycle<TState>.Attach ? null
            : ticket.WhyNot(caller, Permissions.Work, LifeCycle.DoerOf(action)),

        // A draft is nobody's work yet.
        HistoryReaders = ticket => ticket.NoteReaders.Count > 0 ? ticket.NoteReaders : ticket.Readers,
    };

    /// <summary>What its lists can be filtered and sorted by.</summary>
    public ListDefinition Lists => field ??= new ListDefinition
    {
        Filters =
        [
            Filter.OneOf<TState>("state"), Filter.Number("priority", 1, 5), Filter.Group("assignmentGroup"), Filter.Person("assignee"),
            Filter.Person("requester"), Filter.Instant("openedAt"), Filter.Instant("updatedAt"),
            ConfigurationLookup.FilterBy("affectedService", "affectedService"),
            ConfigurationLookup.FilterBy("configurationItem", "configurationItems"), .. TicketServiceLevels.Filters, .. Filters,
        ],
        Sorts = ["openedAt", "updatedAt"],
        SortFields = TicketServiceLevels.Sorts,
        GroupedSorts = new Dictionary<string, GroupedSort> { ["priority"] = new([1, 2, 3, 4, 5], "-openedAt") },
        DefaultSort = "-openedAt",
        Expandable = ["requester", "openedBy", "assignee", "assignmentGroup", .. Expandable],
        Expanders =
        [
            TicketExpanders.Category<TTicket>(), TicketExpanders.Item("affectedService"), TicketExpanders.Item("configurationItems"),
            .. Expanders,
        ],
        Summary = new HashSet<string>(
        [
            "number", "version", "title", "state", "stateSince", "priority", "requester", "openedBy", "assignmentGroup", "assignee",
            "category", "confidential", "holdReason", "openedAt", "updatedAt", "resolvedAt", "closedAt", "reopenCount", "serviceLevels",
            .. Summary,
        ]),
    };

    /// <summary>The states, as stored, in which somebody must have it.</summary>
    public IReadOnlyList<BsonValue> Unfinished => [.. LifeCycle.Open.Select(state => BsonMapping.Value(state))];

    /// <summary>What counts go by.</summary>
    internal IReadOnlyList<string> CountedBy => ["state", "priority", "assignmentGroup", "assignee", .. CountFields];

    private static Dictionary<string, IReadOnlyList<BsonValue>> States =>
        new() { ["state"] = [.. Enum.GetValues<TState>().Select(state => BsonMapping.Value(state))] };
}

/// <summary>Permissions that every kind of ticket has.</summary>
/// <param name="plural">First part of their names: <c>incidents</c>.</param>
/// <param name="workers">Roles of those who work on them.</param>
public sealed class TicketPermissions(string plural, params IReadOnlyList<string> workers)
{
    /// <summary>All roles that people have.</summary>
    public static IReadOnlyList<string> Everybody { get; } = [KnownRoles.Requester, KnownRoles.Agent, KnownRoles.MajorIncidentManager,
        KnownRoles.SecurityAnalyst, KnownRoles.Administrator];

    /// <summary>To read those that one may see.</summary>
    public Permission Read { get; } = new($"{plural}.read", Everybody);

    /// <summary>To write public comments.</summary>
    public Permission Comment { get; } = new($"{plural}.comment", Everybody);

    /// <summary>To read and write work notes.</summary>
    public Permission WriteNotes { get; } = new($"{plural}.write-notes", workers);

    /// <summary>To change fields.</summary>
    public Permission Edit { get; init; } = new($"{plural}.edit", workers);

    /// <summary>To work on it: start, hold, resolve, assign.</summary>
    public Permission Work { get; } = new($"{plural}.work", workers);

    /// <summary>To take up again what was resolved.</summary>
    public Permission Reopen { get; } = new($"{plural}.reopen", Everybody);

    /// <summary>To end what was resolved.</summary>
    public Permission Close { get; } = new($"{plural}.close", Everybody);

    /// <summary>To end it without a resolution.</summary>
    public Permission Cancel { get; } = new($"{plural}.cancel", Everybody);

    /// <summary>To bring it to a group with more knowledge, or a person with more say.</summary>
    public Permission Escalate { get; } = new($"{plural}.escalate", workers);

    /// <summary>To decide for another priority than the computed one.</summary>
    public Permission OverridePriority { get; } = new($"{plural}.override-priority",
        [.. workers.Where(role => role != KnownRoles.SecurityAnalyst)]);

    /// <summary>To read who changed what.</summary>
    public Permission ReadHistory { get; } = new($"{plural}.read-history", workers);

    /// <summary>To change categories and what else is set up.</summary>
    public Permission Configure { get; } = new($"{plural}.configure", KnownRoles.Administrator);

    /// <summary>All of these.</summary>
    public IEnumerable<Permission> All =>
        [Read, Comment, WriteNotes, Edit, Work, Reopen, Close, Cancel, Escalate, OverridePriority, ReadHistory, Configure];
}

/// <summary>What every kind of ticket can be set to, in the section of its service.</summary>
public abstract class TicketSettings
{
    /// <summary>How long a resolved ticket may still be reopened before it closes by itself; 1 minute to 90 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "90.00:00:00")]
    public TimeSpan CloseAfter { get; set; }

    /// <summary>Id or key of the group that gets what nobody else has; none by default, and then some may be nobody's.</summary>
    public string? DefaultGroup { get; set; }
}
