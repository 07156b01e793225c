using Itsm.Platform.Access;
using static Itsm.Ticketing.Tasks.TaskState;

namespace Itsm.Ticketing.Tasks;

/// <summary>Where a task stands.</summary>
public enum TaskState
{
    /// <summary>Others must end first.</summary>
    Waiting,

    /// <summary>Its turn has come.</summary>
    Open,

    /// <summary>Somebody, or a program, is at it.</summary>
    InProgress,

    /// <summary>It did not work; somebody must retry, complete or skip it.</summary>
    Failed,

    /// <summary>Done.</summary>
    Done,

    /// <summary>Not needed.</summary>
    Skipped,

    /// <summary>What a leaver holds does not come back, for a reason.</summary>
    Waived,

    /// <summary>The ticket ended before.</summary>
    Cancelled,
}

/// <summary>The life cycle of tasks, the same for all kinds of tickets. What is not here is refused.</summary>
public static class TaskLifeCycle
{
    internal const string Start = "start";
    internal const string Waive = "waive";

    /// <summary>Whoever works on the ticket moves its tasks.</summary>
    private static readonly Permission OfTicket = new("");

    /// <summary>The moves. What needs a reason has it as its outcome.</summary>
    public static LifeCycle<TaskState> Table { get; } = new("task",
        new(Start, OfTicket, [Open], InProgress) { Summary = "Begins a task; whoever begins takes it where nobody has" },
        new("complete", OfTicket, [Open, InProgress, Failed], Done) { Summary = "Ends a task, with the answers to its form" },
        new("fail", OfTicket, [Open, InProgress], Failed) { Summary = "Says that a task did not work", NeedsReason = true },
        new("retry", OfTicket, [Failed], Open) { Summary = "Tries a failed task again" },
        new("skip", OfTicket, [Waiting, Open, InProgress, Failed], Skipped)
        {
            Summary = "Ends a task that is not needed", NeedsReason = true,
        },
        new(Waive, OfTicket, [Open, InProgress, Failed], Waived)
        {
            Summary = "Gives up what a leaver holds, for a reason", NeedsReason = true,
        },
        new("reopen", OfTicket, [Done, Skipped, Waived], Open) { Summary = "Takes an ended task up again" });
}
