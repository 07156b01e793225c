using System.Globalization;
using Itsm.Platform.Documents;
using Itsm.Platform.WorkingTime;
using Itsm.Ticketing.Forms;
using Itsm.Ticketing.Tasks;
using MongoDB.Bson.Serialization.Attributes;

namespace Itsm.Requests.Domain;

/// <summary>A piece of work for a request: a step of its plan, or something that a leaver holds.</summary>
public sealed record RequestTask : TicketTask
{
    /// <summary>What kind of work.</summary>
    public required StepKind Kind { get; init; }

    /// <summary>Working time from its beginning until it should be done; null where it has a date, or none.</summary>
    public TimeSpan? Within { get; init; }

    /// <summary>Key of the calendar on which that time is counted; null for all the time.</summary>
    public string? Calendar { get; init; }

    /// <summary>The answers to its own form.</summary>
    public IReadOnlyList<Answer> Answers { get; init; } = [];

    /// <summary>What is answered when it is completed; only where the task alone is read.</summary>
    [BsonIgnore]
    public Form? Form { get; init; }

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

    /// <inheritdoc/>
    protected override string KindName => Word(Kind);

    /// <summary>The id of the request that this run of the task orders: the same whoever computes it, so that it is ordered once.</summary>
    internal Guid ChildIn(Guid request) =>
        DerivedId.From("request", request.ToString(), Key, Run.ToString(CultureInfo.InvariantCulture));

    /// <summary>The id of the call of this run: the same for all its tries.</summary>
    internal Guid CallIn(Guid request) =>
        DerivedId.From("request-call", request.ToString(), Key, Run.ToString(CultureInfo.InvariantCulture));
}

/// <summary>Something that a person holds.</summary>
/// <param name="Kind">An access grant, an asset, or something that a request handed out.</param>
/// <param name="Id">Of the grant, the asset or the request.</param>
/// <param name="Name">As people know it.</param>
public sealed record Holding(HoldingKind Kind, Guid Id, string Name);

/// <summary>What a person can hold.</summary>
public enum HoldingKind
{
    /// <summary>An access grant.</summary>
    AccessGrant,

    /// <summary>What a fulfilled request handed out.</summary>
    Request,

    /// <summary>An asset that is checked out to them.</summary>
    Asset,
}

/// <summary>Working time on the calendars of a request's tasks.</summary>
/// <param name="closeAfter">How long the request may be reopened, where the last task fulfills it.</param>
/// <param name="schedules">By key of the calendar.</param>
internal sealed class Deadlines(TimeSpan closeAfter, IReadOnlyDictionary<string, WorkingSchedule>? schedules = null)
    : TaskDeadlines(closeAfter)
{
    /// <inheritdoc/>
    public override TicketTask Open(TicketTask task, DateTimeOffset at)
    {
        var opened = (RequestTask)base.Open(task, at);
        return opened with
        {
            NextCallAt = opened.Kind == StepKind.Call ? at : null,
            DueAt = opened.DueAt
                ?? (opened.Within is { } within
                    ? (opened.Calendar is { } key && schedules?.TryGetValue(key, out var schedule) == true
                        ? schedule
                        : WorkingSchedule.Always).Add(at, within)
                    : null),
        };
    }
}
