using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Hosting;
using Itsm.Platform.Messaging;
using Itsm.Ticketing.Worklists;
using Microsoft.Extensions.DependencyInjection;

namespace Itsm.Ticketing.Tasks;

/// <summary>Registers the list of tasks; <c>MapTaskList</c> maps its route.</summary>
public static class TaskListRegistration
{
    /// <summary>Records of the tasks of all kinds of tickets, for one list of them all: in one service of the suite.</summary>
    /// <param name="service">Which one.</param>
    /// <param name="read">What callers need to read them.</param>
    public static ServiceBuilder AddTaskList(this ServiceBuilder service, Permission read) =>
        service.AddWork(provider => new TaskWork(provider.GetRequiredService<Projection<TaskRecord>>(), read))
            .Replicates<TicketKindChanged>(new IndexDefinition("kind"))
            .Projects(TaskRecord.Definition).SubscribesInBatches<TicketChanged, ShowTasks>(ticket => ticket.AllTasks.Count > 0);
}

/// <summary>Writes the records of tasks of all kinds of tickets. Safe to run twice, in any order: a record takes on newer versions
/// only.</summary>
internal sealed class ShowTasks(Projection<TaskRecord> tasks) : IHandleBatch<TicketChanged>
{
    public Task HandleAsync(IReadOnlyList<TicketChanged> messages, CancellationToken ct) => tasks.UpsertAsync(
        messages.GroupBy(message => message.Id).Select(same => same.MaxBy(message => message.Version)!).SelectMany(TaskRecord.Of), ct);
}
