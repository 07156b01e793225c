using Itsm.Contracts;
using Itsm.Contracts.Requests;
using Itsm.Platform.Documents;
using Itsm.Platform.WorkingTime;
using Itsm.Ticketing;
using static Itsm.Requests.Domain.StepState;

namespace Itsm.Requests.Domain;

/// <summary>A piece of work for a request: a step of its plan, or something that a leaver holds.</summary>
public sealed record RequestTask
{
    /// <summary>Tells the tasks of a request apart.</summary>
    public required string Key { get; init; }

    /// <summary>What kind of work.</summary>
    public required StepKind Kind { get; init; }

    /// <summary>One line.</summary>
    public required string Title { get; init; }

    /// <summary>The full text.</summary>
    public string? Description { get; init; }

    /// <summary>Where it stands.</summary>
    public StepState State { get; init; }

    /// <summary>The group that does it, or looks after it.</summary>
    public Guid? AssignmentGroup { get; init; }

    /// <summary>The group's name when the work began.</summary>
    public string? GroupName { get; init; }

    /// <summary>The person who does it.</summary>
    public Guid? Assignee { get; init; }

    /// <summary>Keys of the tasks that must have ended before it begins.</summary>
    public IReadOnlyList<string> After { get; init; } = [];

    /// <summary>When it should be done.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Working time from its beginning until it should be done; null where it has a date, or none.</summary>
    public TimeSpan? Within { get; init; }

    /// <summary>Key of the calendar on which that time is counted; null for all the time.</summary>
    public string? Calendar { get; init; }

    /// <summary>When its turn came.</summary>
    public DateTimeOffset? OpenedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Who ended it.</summary>
    public Actor? EndedBy { get; init; }

    /// <summary>What came of it: a result, or why it failed, was skipped or waived.</summary>
    public string? Outcome { get; init; }

    /// <summary>The answers to its own form.</summary>
    public IReadOnlyList<Answer> Answers { get; init; } = [];

    /// <summary>How often it was begun anew after it had failed.</summary>
    public int Run { get; init; }

    /// <summary>Of a call: how often it was tried in this run.</summary>
    public int Attempts { get; init; }

    /// <summary>Of a call: when it is tried next.</summary>
    public DateTimeOffset? NextCallAt { get; init; }

    /// <summary>Of a call that was taken: until when its call back is waited for.</summary>
    public DateTimeOffset? CallbackUntil { get; init; }

    /// <summary>Of a request: its id.</summary>
    public Guid? Request { get; init; }

    /// <summary>Of a request: its number.</summary>
    public string? RequestNumber { get; init; }

    /// <summary>What is to come back.</summary>
    public Holding? Holding { get; init; }

    /// <summary>True where nothing is left to do.</summary>
    internal static readonly StepState[] OpenStates = [Waiting, Open, InProgress, Failed];

    internal bool HasEnded => State is Done or Skipped or Waived or Cancelled;

    /// <summary>The moves of a task. What is not here is refused.</summary>
    internal static LifeCycle<StepState> Cycle { get; } = new("task",
        new("start", Permissions.Work, [Open], InProgress),
        new("complete", Permissions.Work, [Open, InProgress, Failed], Done),
        new("fail", Permissions.Work, [Open, InProgress], Failed),
        new("retry", Permissions.Work, [Failed], Open),
        new("skip", Permissions.Work, [Waiting, Open, InProgress, Failed], Skipped),
        new("waive", Permissions.Work, [Open, InProgress, Failed], Waived),
        new("reopen", Permissions.Work, [Done, Skipped, Waived], Open));

    /// <summary>Its identity outside the request.</summary>
    internal Guid IdIn(Guid request) => DerivedId.From("request-task", request.ToString(), Key);

    /// <summary>The id of the request that this run of the task orders: the same whoever computes it, so that it is ordered once.</summary>
    internal Guid ChildIn(Guid request) =>
        DerivedId.From("request", request.ToString(), Key, Run.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>The id of the call of this run: the same for all its tries.</summary>
    internal Guid CallIn(Guid request) =>
        DerivedId.From("request-call", request.ToString(), Key, Run.ToString(System.Globalization.CultureInfo.InvariantCulture));

    internal RequestTaskState Snapshot(Guid request) => new()
    {
        TaskId = IdIn(request), Key = Key, Kind = Word(Kind), Title = Title, State = Word(State), AssignmentGroup = AssignmentGroup,
        Assignee = Assignee, DueAt = DueAt, OpenedAt = OpenedAt, EndedAt = EndedAt,
    };

    private static string Word<TEnum>(TEnum value)
        where TEnum : struct, Enum => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}

/// <summary>Where a task stands.</summary>
public enum StepState
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

    /// <summary>The request ended before.</summary>
    Cancelled,
}

/// <summary>Something that a person holds.</summary>
/// <param name="Kind">An access grant, or something that a request handed out.</param>
/// <param name="Id">Of the grant or the request.</param>
/// <param name="Name">As people know it.</param>
public sealed record Holding(HoldingKind Kind, Guid Id, string Name);

/// <summary>What a person can hold.</summary>
public enum HoldingKind
{
    /// <summary>An access grant.</summary>
    AccessGrant,

    /// <summary>What a fulfilled request handed out.</summary>
    Request,
}

/// <summary>Working time on the calendars of a request's tasks.</summary>
internal sealed class Deadlines(IReadOnlyDictionary<string, WorkingSchedule> schedules)
{
    public static Deadlines None { get; } = new(new Dictionary<string, WorkingSchedule>());

    /// <summary>The task as it begins.</summary>
    public RequestTask Open(RequestTask task, DateTimeOffset at) => task with
    {
        State = StepState.Open, OpenedAt = at, NextCallAt = task.Kind == StepKind.Call ? at : null,
        DueAt = task.DueAt
            ?? (task.Within is { } within
                ? (task.Calendar is { } key && schedules.TryGetValue(key, out var schedule) ? schedule : WorkingSchedule.Always)
                    .Add(at, within)
                : null),
    };
}
