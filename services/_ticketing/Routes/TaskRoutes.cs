using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Itsm.Ticketing.Routes;

/// <summary>Tasks of tickets.</summary>
public static class TaskRoutes
{
    private static readonly ListDefinition Lists = new()
    {
        Filters = [Filter.OneOf<TaskState>("state"), Filter.OneOf<TaskKind>("kind")], Sorts = ["createdAt"], DefaultSort = "createdAt",
        Expandable = ["assignee", "assignmentGroup"],
    };

    /// <summary>A new task.</summary>
    /// <example>{ "title": "Replace the switch", "kind": "remediation", "assignmentGroup": "network",
    /// "dueAt": "2026-03-02T16:00:00Z" }</example>
    public sealed record CreateRequest
    {
        /// <summary>One line.</summary>
        [Required, StringLength(200, MinimumLength = 3)]
        public required string Title { get; init; }

        /// <summary>The full text.</summary>
        [StringLength(32_000)]
        public string? Description { get; init; }

        /// <summary>What kind of work.</summary>
        public TaskKind Kind { get; init; }

        /// <summary>Id or key of the group that does it.</summary>
        public string? AssignmentGroup { get; init; }

        /// <summary>Id or user name of the person who does it.</summary>
        public string? Assignee { get; init; }

        /// <summary>When it should be done.</summary>
        public DateTimeOffset? DueAt { get; init; }
    }

    /// <summary>Changes of a task; what is absent stays.</summary>
    /// <example>{ "assignee": "agent1", "dueAt": "2026-03-03T16:00:00Z" }</example>
    public sealed record EditRequest
    {
        /// <summary>One line.</summary>
        [StringLength(200, MinimumLength = 3)]
        public Optional<string> Title { get; init; }

        /// <summary>The full text.</summary>
        [StringLength(32_000)]
        public Optional<string> Description { get; init; }

        /// <summary>Id or key of the group that does it.</summary>
        public Optional<string> AssignmentGroup { get; init; }

        /// <summary>Id or user name of the person who does it.</summary>
        public Optional<string> Assignee { get; init; }

        /// <summary>When it should be done.</summary>
        public Optional<DateTimeOffset?> DueAt { get; init; }
    }

    /// <summary>A step of a task's life.</summary>
    /// <example>{ "outcome": "Replaced and tested." }</example>
    public sealed record MoveRequest
    {
        /// <summary>What came of it.</summary>
        [StringLength(32_000)]
        public string? Outcome { get; init; }
    }

    extension(IEndpointRouteBuilder tickets)
    {
        /// <summary>Maps <c>{id}/tasks</c> for tickets of this type. Tasks are for those who may read the ticket's work notes.</summary>
        public void MapTasks<TTicket>(string kind, Permission read, Permission write)
            where TTicket : Ticket
        {
            var name = typeof(TTicket).Name;
            tickets.MapGet("{id}/tasks",
                async (string id, ListQuery list, Read reading, AggregateStore<TTicket> store, AggregateStore<TicketTask<TTicket>> tasks,
                    CancellationToken ct) =>
                    await list.PageAsync(tasks, Lists, ct,
                        Condition.In("ticket", BsonMapping.Value((await WorkedOnAsync(id, reading, store, ct)).Id))))
                .WithName($"List{name}Tasks").WithSummary("Lists the tasks").Requires(read).Lists(Lists)
                .Produces<Page<TicketTask<TTicket>>>();
            tickets.MapGet("{id}/tasks/{task}",
                async (string id, string task, Read reading, AggregateStore<TTicket> store, AggregateStore<TicketTask<TTicket>> tasks,
                    CancellationToken ct) =>
                {
                    await OfTicketAsync(id, task, reading, store, tasks, ct);
                    return await reading.OneAsync(tasks, task, ct);
                })
                .WithName($"Get{name}Task").WithSummary("Reads a task").Requires(read).Takes("fields").Produces<TicketTask<TTicket>>();
            tickets.MapPost("{id}/tasks",
                async (string id, CreateRequest request, Write writing, Read reading, AggregateStore<TTicket> store,
                    AggregateStore<TicketTask<TTicket>> tasks, People people, CancellationToken ct) =>
                {
                    var ticket = await WorkedOnAsync(id, reading, store, ct);
                    return await writing.CreateAsync(tasks, async audit =>
                    {
                        var (group, assignee) = await people.RequireAssignmentAsync(request.AssignmentGroup, request.Assignee, ct);
                        return TicketTask<TTicket>.Create(ticket.Id, request.Kind, request.Title, request.Description, group?.Id, assignee,
                            request.DueAt, audit.At);
                    }, ct);
                })
                .WithName($"Create{name}Task").WithSummary("Adds a task").Requires(write)
                .Produces<TicketTask<TTicket>>(StatusCodes.Status201Created);
            tickets.MapPatch("{id}/tasks/{task}",
                async (string id, string task, EditRequest request, Write writing, Read reading, AggregateStore<TTicket> store,
                    AggregateStore<TicketTask<TTicket>> tasks, People people, CancellationToken ct) =>
                {
                    await OfTicketAsync(id, task, reading, store, tasks, ct);
                    return await writing.ChangeAsync(tasks, task, "update", null, async (found, audit) =>
                    {
                        if (request.Title is { IsPresent: true, Value: null })
                        {
                            throw new InvalidValueException("/title", "title can't be removed.");
                        }

                        found.Describe(request.Title.Value ?? found.Title,
                            request.Description.IsPresent ? request.Description.Value : found.Description,
                            request.DueAt.IsPresent ? request.DueAt.Value : found.DueAt);
                        if (request.AssignmentGroup.IsPresent || request.Assignee.IsPresent)
                        {
                            var (group, assignee) = await people.ReassignAsync(request.AssignmentGroup, request.Assignee,
                                found.AssignmentGroup, found.Assignee, ct);
                            found.Assign(group?.Id, assignee);
                        }
                    }, ct);
                })
                .WithName($"Edit{name}Task").WithSummary("Changes a task").Requires(write).ChangesOne().Produces<TicketTask<TTicket>>();
            foreach (var action in new[] { "start", "complete", "cancel", "reopen" })
            {
                tickets.MapPost($"{{id}}/tasks/{{task}}/{action}",
                    async (string id, string task, MoveRequest request, Write writing, Read reading, AggregateStore<TTicket> store,
                        AggregateStore<TicketTask<TTicket>> tasks, CancellationToken ct) =>
                    {
                        await OfTicketAsync(id, task, reading, store, tasks, ct);
                        return await writing.ChangeAsync(tasks, task, action, request.Outcome,
                            (found, audit) => found.Move(action, request.Outcome, audit.At), ct);
                    })
                    .WithName($"{char.ToUpperInvariant(action[0])}{action[1..]}{name}Task").WithSummary($"Moves a task: {action}")
                    .Requires(write).ChangesOne().Produces<TicketTask<TTicket>>();
            }
        }
    }

    /// <summary>The ticket, where the caller is one of those who work on it; else 404 as for any ticket one can't see.</summary>
    private static async Task<TTicket> WorkedOnAsync<TTicket>(string id, Read reading, AggregateStore<TTicket> store, CancellationToken ct)
        where TTicket : Ticket
    {
        var ticket = AggregateStore<TTicket>.Load(await reading.FindAsync(store, id, ct));
        return reading.Caller.Sees(ticket.NoteReaders)
            ? ticket
            : throw new HttpProblemException(Problems.Create(403, "permission-missing", "Permission missing",
                "Tasks are for those who work on the ticket."));
    }

    private static async Task OfTicketAsync<TTicket>(string id, string task, Read reading, AggregateStore<TTicket> store,
        AggregateStore<TicketTask<TTicket>> tasks, CancellationToken ct)
        where TTicket : Ticket
    {
        var ticket = await WorkedOnAsync(id, reading, store, ct);
        if (AggregateStore<TicketTask<TTicket>>.Load(await reading.FindAsync(tasks, task, ct)).Ticket != ticket.Id)
        {
            throw HttpProblemException.NotFound("task", task);
        }
    }
}
