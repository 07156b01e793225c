using System.Text.Json;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;

namespace Itsm.Ticketing.Tasks;

/// <summary>When tasks are due whose turn comes.</summary>
/// <param name="closeAfter">How long the ticket may be reopened, where the last task resolves it.</param>
public class TaskDeadlines(TimeSpan closeAfter)
{
    /// <summary>Between a resolution and the closing by itself.</summary>
    public TimeSpan CloseAfter => closeAfter;

    /// <summary>The task as its turn comes.</summary>
    public virtual TicketTask Open(TicketTask task, DateTimeOffset at) => task with { State = TaskState.Open, OpenedAt = at };
}

/// <summary>Makes and moves tasks as routes ask for it; a kind whose tasks have something of their own derives from it. The ticket is saved
/// by whoever asks.</summary>
/// <param name="settings">Of the service.</param>
public class TicketTasks<TTicket>(TicketSettings settings)
    where TTicket : Ticket
{
    /// <summary>A new task.</summary>
    public virtual TicketTask New(string key, string title, TaskKind? kind) =>
        new WorkTask { Key = key, Title = title, Kind = kind ?? TaskKind.General };

    /// <summary>When the tasks of a ticket are due.</summary>
    public virtual ValueTask<TaskDeadlines> DeadlinesAsync(TTicket ticket, CancellationToken ct) =>
        new(new TaskDeadlines(settings.CloseAfter));

    /// <summary>Moves a task by an action of <see cref="TaskLifeCycle"/>; its answers are those to its own form.</summary>
    /// <exception cref="InvalidValueException">Answers where nothing is asked.</exception>
    public virtual async ValueTask MoveAsync(TTicket ticket, string key, string action, string? outcome,
        IReadOnlyDictionary<string, JsonElement>? answers, AuditContext audit, CancellationToken ct)
    {
        if (answers is not null)
        {
            throw new InvalidValueException("/answers", FieldCode.Conflicting,
                $"Answers are given to a task's own form, where it has one, when it is completed.");
        }

        ticket.MoveTask(key, action, outcome, await DeadlinesAsync(ticket, ct), audit);
    }

    /// <summary>A task as a read of it alone shows it.</summary>
    public virtual ValueTask<TicketTask> ShowAsync(TTicket ticket, TicketTask task, CancellationToken ct) => new(task);
}
