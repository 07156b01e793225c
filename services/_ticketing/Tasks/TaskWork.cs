using System.Text.Json;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Ticketing.Worklists;
using MongoDB.Bson;

namespace Itsm.Ticketing.Tasks;

/// <summary>The tasks that wait for somebody, of all kinds of tickets.</summary>
internal sealed class TaskWork(Projection<TaskRecord> tasks, Permission read) : IWorkSource
{
    private static readonly WorkOrder Order = new("dueAt", "openedAt", "openedAt");
    private static readonly Condition Begun = Condition.In("state",
        [.. new[] { TaskState.Open, TaskState.InProgress, TaskState.Failed }.Select(state => BsonMapping.Value(state))]);

    public async Task<MyWork> FindAsync(WorkQuery query, CancellationToken ct)
    {
        var (caller, none) = (query.Caller, Task.FromResult(WorkSection.Empty));
        var (own, groups) = !caller.May(read.Name) ? (none, none)
            : (SectionAsync(Condition.In("assignee", BsonMapping.Value(caller.Person))),
                caller.Groups.Count == 0 ? none
                    : SectionAsync(Condition.In("assignmentGroup", [.. caller.Groups.Select(group => BsonMapping.Value(group))]),
                        Condition.In("assignee", BsonNull.Value)));
        return MyWork.Of([new MyWork { Tasks = await own }, new MyWork { Tasks = await groups }], query);

        Task<WorkSection> SectionAsync(params IReadOnlyList<Condition> conditions) =>
            query.FindAsync(tasks.Documents, Order, found => ReadAsync(found, query, ct), ct, [Begun, .. conditions]);
    }

    private static async ValueTask<WorkItem> ReadAsync(StoredDocument document, WorkQuery query, CancellationToken ct)
    {
        var task = Projection<TaskRecord>.Load(document);
        var since = task.OpenedAt ?? DateTimeOffset.UnixEpoch;
        return new WorkItem
        {
            Kind = task.TicketKind, Id = task.Ticket, Number = task.Number, Title = task.TicketTitle, Priority = task.Priority,
            Assignee = await query.NameAsync(task.Assignee, ct), AssignmentGroup = await query.NameAsync(task.AssignmentGroup, ct),
            OpenedAt = since, UpdatedAt = since, DueAt = task.DueAt,
            Task = new WaitingTask(task.Id, task.Key, task.Title, JsonNamingPolicy.CamelCase.ConvertName(task.State.ToString())),
        };
    }
}
