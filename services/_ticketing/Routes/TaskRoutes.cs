using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Itsm.Contracts.Directory;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Ticketing.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Itsm.Ticketing.Routes;

/// <summary>Tasks of tickets, for those who may read the ticket's work notes: reads and changes of each, and the list of all.</summary>
public static class TaskRoutes
{
    private static readonly ListDefinition Lists = new()
    {
        Filters =
        [
            Filter.OneOf<TaskState>("state"), Filter.Group("assignmentGroup"), Filter.Person("assignee"), Filter.Id("ticket"),
            Filter.Replicated<TicketKindChanged>("ticketKind", "kind", kind => kind.Kind), Filter.Instant("dueAt"),
        ],
        Sorts = ["openedAt"], SortFields = new Dictionary<string, string> { ["dueAt"] = "dueAt" }, DefaultSort = "openedAt",
        Expandable = ["assignmentGroup", "assignee"],
    };

    /// <summary>A new task.</summary>
    /// <example>{ "title": "Replace the switch", "assignmentGroup": "network", "dueAt": "2030-03-02T16:00:00Z" }</example>
    public sealed record CreateRequest
    {
        /// <summary>Tells it apart from the ticket's others; made where left out: <c>task-1</c>.</summary>
        [RegularExpression("^[a-z0-9]+(-[a-z0-9]+)*$", ErrorMessage = "lower-case letters, digits and single hyphens"),
            StringLength(60)]
        public string? Key { get; init; }

        /// <summary>One line.</summary>
        [Required, StringLength(200, MinimumLength = 2)]
        public required string Title { get; init; }

        /// <summary>The full text.</summary>
        [StringLength(32_000)]
        public string? Description { get; init; }

        /// <summary>What kind of work; general where left out. Requests have none.</summary>
        public TaskKind? Kind { get; init; }

        /// <summary>Id or key of the group that does it; whoever has the ticket where left out and nobody is named.</summary>
        public string? AssignmentGroup { get; init; }

        /// <summary>Id or user name of the person who does it.</summary>
        public string? Assignee { get; init; }

        /// <summary>When it should be done.</summary>
        public DateTimeOffset? DueAt { get; init; }

        /// <summary>Keys of the tasks that must have ended before it begins.</summary>
        [MaxLength(50)]
        public IReadOnlyList<string>? After { get; init; }
    }

    /// <summary>Changes of a task; what is absent stays.</summary>
    /// <example>{ "title": "Replace both switches", "dueAt": "2030-03-03T16:00:00Z" }</example>
    public sealed record EditRequest
    {
        /// <summary>One line.</summary>
        [StringLength(200, MinimumLength = 2)]
        public Optional<string> Title { get; init; }

        /// <summary>The full text.</summary>
        [StringLength(32_000)]
        public Optional<string> Description { get; init; }

        /// <summary>When it should be done.</summary>
        public Optional<DateTimeOffset?> DueAt { get; init; }

        /// <summary>Keys of the tasks that must have ended before it begins; changes until it has begun.</summary>
        [MaxLength(50)]
        public Optional<IReadOnlyList<string>> After { get; init; }
    }

    /// <summary>A step of a task's life.</summary>
    /// <example>{ "outcome": "Replaced and tested." }</example>
    public sealed record MoveRequest
    {
        /// <summary>What came of it, or why.</summary>
        [StringLength(4000, MinimumLength = 3)]
        public string? Outcome { get; init; }

        /// <summary>Answers to the task's own form, where it has one, when it is completed.</summary>
        public IReadOnlyDictionary<string, JsonElement>? Answers { get; init; }
    }

    /// <summary>A step of a task's life that has a reason.</summary>
    /// <example>{ "outcome": "The caller has moved on." }</example>
    public sealed record ReasonedMoveRequest
    {
        /// <summary>Why.</summary>
        [Required, StringLength(4000, MinimumLength = 3)]
        public required string Outcome { get; init; }
    }

    /// <summary>The tasks of a ticket.</summary>
    /// <param name="Items">In the order in which they were planned and added.</param>
    public sealed record TaskList<T>(IReadOnlyList<T> Items);

    /// <summary>Maps <c>tasks</c>: those of all kinds of tickets.</summary>
    public static void MapTaskList(this IEndpointRouteBuilder api, Permission permission) =>
        api.MapGroup("tasks").WithTags("Tasks")
            .MapGet("", (ListQuery list, Projection<TaskRecord> store, CancellationToken ct) => list.PageAsync(store, Lists, ct))
            .WithName("ListTasks").WithSummary("Lists the tasks of all tickets: the work of a group, what is late")
            .WithDescription("Change them at the ticket: its route, and /tasks/{key} below it.")
            .Requires(permission).Lists<TaskRecord>(Lists);

    internal static void Map<TTicket, TState, THold>(IEndpointRouteBuilder tickets, TicketKind<TTicket, TState, THold> kind)
        where TTicket : Ticket<TState, THold>
        where TState : struct, Enum
        where THold : struct, Enum
    {
        var (name, may, tasks) = (kind.Names.Name, kind.Permissions, tickets.MapGroup("{id}/tasks"));
        tasks.MapGet("", (string id, Read reading, AggregateStore<TTicket> store, CancellationToken ct) =>
            reading.PartAsync(store, id, ticket => new(new TaskList<object>(RequireReader(ticket, reading).TaskList)), ct))
            .WithName($"List{name}Tasks").WithSummary("Lists the tasks").Requires(may.Read)
            .Produces(200, typeof(TaskList<>).MakeGenericType(kind.TaskType)).Tagged();
        tasks.MapGet("{key}",
            (string id, string key, Read reading, AggregateStore<TTicket> store, TicketTasks<TTicket> of, CancellationToken ct) =>
                reading.PartAsync(store, id, async ticket => await of.ShowAsync(ticket, Find(RequireReader(ticket, reading), key), ct), ct))
            .WithName($"Get{name}Task").WithSummary("Reads a task").Requires(may.Read).Produces(200, kind.TaskType).Tagged();
        tasks.MapPost("",
            (string id, CreateRequest request, Write write, AggregateStore<TTicket> store, TicketTasks<TTicket> of, People people,
                CancellationToken ct) => AddAsync(id, request, write, store, of, people, ct))
            .WithName($"Add{name}Task").WithSummary("Adds a task").Requires(may.Work).ChangesOne().Produces(201, kind.TaskType);
        tasks.MapPatch("{key}",
            (string id, string key, EditRequest request, Write write, AggregateStore<TTicket> store, TicketTasks<TTicket> of,
                CancellationToken ct) => ChangeAsync(id, key, "edit", null, write, store, async (ticket, task, audit) =>
                    ticket.EditTask(task with
                    {
                        Title = request.Title.Or(task.Title, "/title"),
                        Description = request.Description.Or(task.Description), DueAt = request.DueAt.Or(task.DueAt),
                        After = request.After.IsPresent ? [.. (request.After.Value ?? []).Distinct()] : task.After,
                    }, await of.DeadlinesAsync(ticket, ct), audit), ct))
            .WithName($"Edit{name}Task").WithSummary("Changes a task").Requires(may.Work).ChangesOne().Produces(200, kind.TaskType);
        tasks.MapPost("{key}/assign",
            (string id, string key, AssignTicket.Request request, Write write, AggregateStore<TTicket> store, People people,
                CancellationToken ct) => ChangeAsync(id, key, "assign", request.Reason, write, store, async (ticket, task, audit) =>
                {
                    var (group, assignee) = await people.ReassignAsync(request.AssignmentGroup, request.Assignee, task.AssignmentGroup,
                        task.Assignee, ct);
                    (group, assignee) = await TakersAsync(ticket, group, assignee, people, ct);
                    ticket.AssignTask(key, group, assignee, audit);
                }, ct))
            .WithName($"Assign{name}Task").WithSummary("Gives a task to a group, a person, or both").Requires(may.Work).ChangesOne()
            .Produces(200, kind.TaskType);
        foreach (var move in TaskLifeCycle.Table.Table)
        {
            var (path, action) = ($"{{key}}/{move.Action}", move.Action);
            var route = move.NeedsReason
                ? tasks.MapPost(path,
                    (string id, string key, ReasonedMoveRequest request, Write write, AggregateStore<TTicket> store,
                        TicketTasks<TTicket> of, CancellationToken ct) =>
                    ChangeAsync(id, key, action, request.Outcome, write, store, (ticket, _, audit) =>
                        of.MoveAsync(ticket, key, action, request.Outcome, null, audit, ct), ct))
                : tasks.MapPost(path,
                    (string id, string key, MoveRequest request, Write write, AggregateStore<TTicket> store, TicketTasks<TTicket> of,
                        CancellationToken ct) =>
                    ChangeAsync(id, key, action, request.Outcome, write, store, (ticket, _, audit) =>
                        of.MoveAsync(ticket, key, action, request.Outcome, request.Answers, audit, ct), ct));
            route.WithName($"{char.ToUpperInvariant(move.Action[0])}{move.Action[1..]}{name}Task").WithSummary(move.Summary!)
                .Requires(may.Work).ChangesOne().Produces(200, kind.TaskType);
        }
    }

    private static Task<IResult> AddAsync<TTicket>(string id, CreateRequest request, Write write, AggregateStore<TTicket> store,
        TicketTasks<TTicket> of, People people, CancellationToken ct)
        where TTicket : Ticket
    {
        var key = "";
        return write.ChangeAsync(store, id, "add-task", null, async (ticket, audit) =>
        {
            var known = ticket.TaskList.Select(task => task.Key).ToHashSet();
            key = request.Key
                ?? Enumerable.Range(known.Count + 1, known.Count + 1).Select(number => $"task-{number}")
                .First(free => !known.Contains(free));
            var (group, assignee) = await people.RequireAssignmentAsync(request.AssignmentGroup, request.Assignee, ct);
            (group, assignee) = await TakersAsync(ticket, group, assignee, people, ct);
            ticket.AddTask(of.New(key, request.Title, request.Kind) with
            {
                Description = request.Description, AssignmentGroup = group?.Id, GroupName = group?.Name, Assignee = assignee,
                DueAt = request.DueAt, After = [.. (request.After ?? []).Distinct()],
            }, await of.DeadlinesAsync(ticket, ct), audit);
        }, ct, part: ticket => new(Find(ticket, key), key));
    }

    private static Task<IResult> ChangeAsync<TTicket>(string id, string key, string action, string? reason, Write write,
        AggregateStore<TTicket> store, Func<TTicket, TicketTask, AuditContext, ValueTask> change, CancellationToken ct)
        where TTicket : Ticket =>
        write.ChangeAsync(store, id, $"{action}-task", reason, (ticket, audit) => change(ticket, Find(ticket, key), audit), ct,
            part: ticket => new(Find(ticket, key)));

    private static TicketTask Find(Ticket ticket, string key) =>
        ticket.TaskList.FirstOrDefault(task => task.Key == key) ?? throw HttpProblemException.NotFound("task", key);

    /// <summary>Who gets a task: where nobody is named, whoever has the ticket.</summary>
    private static async ValueTask<(GroupChanged? Group, Guid? Assignee)> TakersAsync(
        Ticket ticket, GroupChanged? group, Guid? assignee, People people, CancellationToken ct) =>
        group is not null || assignee is not null ? (group, assignee)
        : ticket.AssignmentGroup is { } its ? (await people.FindGroupAsync(its, ct), null)
        : (null, ticket.Assignee);

    private static TTicket RequireReader<TTicket>(TTicket ticket, Read reading)
        where TTicket : Ticket =>
        reading.Caller.Sees(ticket.NoteReaders)
            ? ticket
            : throw HttpProblemException.Forbidden($"Tasks are for those who work on the ticket.");
}
