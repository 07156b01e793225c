using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using MongoDB.Bson;

namespace Itsm.Ticketing.Bulk;

/// <summary>Where a bulk job stands.</summary>
public enum BulkState
{
    /// <summary>Not begun.</summary>
    Queued,

    /// <summary>Under way.</summary>
    Running,

    /// <summary>Each thing has its result.</summary>
    Done,

    /// <summary>Stopped by somebody; what was done is done.</summary>
    Cancelled,
}

/// <summary>What came of one thing.</summary>
/// <param name="Target">As it was named.</param>
/// <param name="Status">HTTP status that the same request gives alone.</param>
/// <param name="Code">Of the refusal.</param>
/// <param name="Detail">Of the refusal, in the language in which the job was asked for.</param>
public sealed record BulkResult(string Target, int Status, string? Code, string? Detail);

/// <summary>One action over many things of this type, done in the name of who asked for it: each as if they had sent its request. Only they
/// see it: it tells what they wrote, and of things that others may not see.</summary>
public sealed class BulkJob<T> : Aggregate
    where T : Aggregate
{
    /// <summary>How many things at most.</summary>
    public const int MostTargets = 1_000;

    /// <summary>Works on it, a slice at a time.</summary>
    internal const string RunTimer = "run";

    /// <summary>What is done to each, as single reads list it: <c>assign</c>.</summary>
    public required string Action { get; init; }

    /// <summary>The body of each request.</summary>
    public required BsonValue With { get; init; }

    /// <summary>Where it stands.</summary>
    public BulkState State { get; private set; }

    /// <summary>How many things there are.</summary>
    public required int Total { get; init; }

    /// <summary>Of how many it is done.</summary>
    public int Succeeded { get; private set; }

    /// <summary>How many were refused.</summary>
    public int Failed { get; private set; }

    /// <summary>Who asked for it.</summary>
    public required Guid CreatedBy { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the last result came, or it was cancelled; null before.</summary>
    public DateTimeOffset? FinishedAt { get; private set; }

    /// <summary>So far, in the order of the things.</summary>
    [AtMost(MostTargets)]
    [Unaudited]
    public IReadOnlyList<BulkResult> Results { get; private set; } = [];

    /// <summary>Ids or numbers.</summary>
    [Hidden, AtMost(MostTargets)]
    public required IReadOnlyList<string> Targets { get; init; }

    /// <summary>Tag of the language in which it was asked for, and refusals are written; null where an earlier version began it, in
    /// English.</summary>
    [Hidden]
    public string? Language { get; private init; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<BulkJob<T>> Definition { get; } =
        new("bulk-jobs", null, new IndexDefinition("readers", "createdAt"), new("state", "createdAt")) { Noun = "bulk job" };

    internal static ListDefinition Lists { get; } = new()
    {
        Filters = [Filter.OneOf<BulkState>("state")], Sorts = ["createdAt"], DefaultSort = "-createdAt",
        Summary = new HashSet<string>(
            ["version", "action", "state", "total", "succeeded", "failed", "createdBy", "createdAt", "finishedAt"]),
        Expandable = ["createdBy"],
    };

    /// <summary>True once nothing more is done.</summary>
    internal bool HasEnded => State is BulkState.Done or BulkState.Cancelled;

    /// <summary>A job that runs at once.</summary>
    internal static BulkJob<T> Queue(
        string action, BsonValue with, IReadOnlyList<string> targets, Caller caller, Language language, DateTimeOffset now)
    {
        var job = new BulkJob<T>
        {
            Id = Guid.CreateVersion7(now), Action = action, With = with, Targets = targets, Total = targets.Count,
            CreatedBy = caller.Person, CreatedAt = now, Language = language.Tag,
            Readers = [ReaderToken.Person(caller.Person)],
        };
        job.SetTimer(RunTimer, now);
        return job;
    }

    /// <summary>Notes what came of the next things; a slower twin of the run says nothing new.</summary>
    /// <param name="from">The first of them.</param>
    /// <param name="results">In order.</param>
    /// <param name="now">When.</param>
    internal void Note(int from, IReadOnlyList<BulkResult> results, DateTimeOffset now)
    {
        // What was under way when it was cancelled is done.
        if (from != Results.Count || State == BulkState.Done)
        {
            return;
        }

        Results = [.. Results, .. results];
        (Succeeded, Failed) = (Results.Count(one => one.Status < 400), Results.Count(one => one.Status >= 400));
        if (State != BulkState.Cancelled)
        {
            (State, FinishedAt) = Results.Count == Total ? (BulkState.Done, now) : (BulkState.Running, (DateTimeOffset?)null);
        }
    }

    /// <summary>Goes on in a new slice, so that other timers get their turn.</summary>
    internal void Continue(DateTimeOffset now)
    {
        if (!HasEnded)
        {
            SetTimer(RunTimer, now);
        }
    }

    /// <summary>Stops it.</summary>
    /// <exception cref="RuleViolationException"><c>bulk.ended</c>.</exception>
    internal void Cancel(DateTimeOffset now)
    {
        if (HasEnded)
        {
            throw new RuleViolationException("bulk.ended", $"The job has ended already.");
        }

        (State, FinishedAt) = (BulkState.Cancelled, now);
        CancelTimer(RunTimer);
    }
}
