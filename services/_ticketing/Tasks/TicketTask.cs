using System.Text.Json;
using System.Text.Json.Serialization;
using Itsm.Contracts;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Documents;

namespace Itsm.Ticketing.Tasks;

/// <summary>A piece of work on a ticket, stored in it: what the tasks of all kinds have.</summary>
public abstract record TicketTask
{
    /// <summary>Tells the tasks of a ticket apart.</summary>
    public required string Key { get; init; }

    /// <summary>One line.</summary>
    public required string Title { get; init; }

    /// <summary>The full text.</summary>
    public string? Description { get; init; }

    /// <summary>Where it stands; moves by actions only.</summary>
    public TaskState State { get; init; }

    /// <summary>The group that does it, or looks after it.</summary>
    public Guid? AssignmentGroup { get; init; }

    /// <summary>The group's name when it got the task.</summary>
    public string? GroupName { get; init; }

    /// <summary>The person who does it.</summary>
    public Guid? Assignee { get; init; }

    /// <summary>Keys of the tasks that must have ended before it begins.</summary>
    public IReadOnlyList<string> After { get; init; } = [];

    /// <summary>When it should be done.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>When its turn came.</summary>
    public DateTimeOffset? OpenedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Who ended it.</summary>
    public Actor? EndedBy { get; init; }

    /// <summary>What came of it: a result, or why it failed, was skipped or waived.</summary>
    public string? Outcome { get; init; }

    /// <summary>True where nothing is left to do.</summary>
    [JsonIgnore]
    public bool HasEnded => State is TaskState.Done or TaskState.Skipped or TaskState.Waived or TaskState.Cancelled;

    /// <summary>What kind of work it is, in messages.</summary>
    protected abstract string KindName { get; }

    /// <summary>Its identity outside the ticket.</summary>
    internal static Guid IdOf(Guid ticket, string key) => DerivedId.From("task", ticket.ToString(), key);

    internal TicketTaskState Snapshot(Guid ticket) => new()
    {
        TaskId = IdOf(ticket, Key), Key = Key, Kind = KindName, Title = Title, State = Word(State),
        AssignmentGroup = AssignmentGroup, Assignee = Assignee, DueAt = DueAt, OpenedAt = OpenedAt, EndedAt = EndedAt,
    };

    /// <summary>A value as messages have it.</summary>
    protected static string Word<TEnum>(TEnum value)
        where TEnum : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}

/// <summary>A task of a kind of ticket whose tasks have nothing of their own.</summary>
public sealed record WorkTask : TicketTask
{
    /// <summary>What kind of work.</summary>
    public TaskKind Kind { get; init; }

    /// <inheritdoc/>
    protected override string KindName => Word(Kind);
}

/// <summary>What kind of work a task is.</summary>
public enum TaskKind
{
    /// <summary>Any work.</summary>
    General,

    /// <summary>Finding out what happened.</summary>
    Investigation,

    /// <summary>Removing the damage.</summary>
    Remediation,

    /// <summary>What remains to be done afterwards.</summary>
    FollowUp,
}
