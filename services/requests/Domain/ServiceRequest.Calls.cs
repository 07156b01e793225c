using System.Net;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Webhooks;
using Itsm.Ticketing.Tasks;

namespace Itsm.Requests.Domain;

/// <summary>Calls to programs, and their calls back.</summary>
public sealed partial class ServiceRequest
{
    /// <summary>Tries a call, or gives up waiting for a call back.</summary>
    internal const string CallTimer = "calls";

    /// <summary>How long after each failed try the next one comes; after the last one the task has failed.</summary>
    private static readonly TimeSpan[] Pauses =
        [TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30),
            TimeSpan.FromHours(2), TimeSpan.FromHours(6)];

    private const int LongestOutcome = 4000;

    /// <summary>A process that dies while it calls leaves the call to another try after this.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>When the timer of calls is due.</summary>
    [Hidden, Unaudited]
    public DateTimeOffset? CallsAt { get; private set; }

    /// <summary>Hashes of the tokens with which programs may call back: one for each try of each call.</summary>
    [Hidden, Unaudited, UnusedByActions]
    [AtMost(5_000)]
    public IReadOnlyList<CallbackToken> Callbacks { get; private set; } = [];

    /// <summary>Keys of the tasks whose call is due.</summary>
    internal IReadOnlyList<string> CallsDue(DateTimeOffset now) =>
        State == RequestState.InFulfillment
            ? [.. Tasks.Where(task => task.NextCallAt <= now && !task.HasEnded).Select(task => task.Key)]
            : [];

    /// <summary>A try of a call begins.</summary>
    /// <returns>False where it is not due any more.</returns>
    internal bool BeginCall(string key, string tokenHash, AuditContext audit)
    {
        if (!CallsDue(audit.At).Contains(key))
        {
            return false;
        }

        var task = Tasks.First(one => one.Key == key);
        if (task.Attempts > Pauses.Length)
        {
            PutTask(task with { State = TaskState.Failed, NextCallAt = null, Outcome = "Its tries did not come to an end." }, audit);
            ScheduleCalls();
            return false;
        }

        Callbacks = [.. Callbacks, new CallbackToken(key, task.Run, tokenHash)];
        PutTask(task with { State = TaskState.InProgress, Attempts = task.Attempts + 1, NextCallAt = audit.At + Patience }, audit);
        ScheduleCalls();
        return true;
    }

    /// <summary>A try of a call ended; where its call back was faster, that counts. Of a try that was given up only the success
    /// counts.</summary>
    internal void EndCall(
        string key, int run, int attempt, WebhookAnswer answer, CallRule rule, TaskDeadlines deadlines, AuditContext audit)
    {
        if (Tasks.FirstOrDefault(one => one.Key == key) is not { State: TaskState.InProgress } task
            || task.Run != run
            || (!answer.IsSuccess && (task.Attempts != attempt || task.CallbackUntil is not null)))
        {
            return;
        }

        if (answer.IsSuccess)
        {
            PutTask(rule.EndsWith == CallEnd.Answer
                ? task with { State = TaskState.Done, NextCallAt = null, Outcome = Shorten(answer.Body) }
                : task with { NextCallAt = null, CallbackUntil = audit.At + rule.Timeout }, audit);
        }
        else if (answer.IsFinal
            || attempt > Pauses.Length
            || (answer.Status is { } status
                && (int)status < 500
                && status is not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests)))
        {
            PutTask(task with
            {
                State = TaskState.Failed, NextCallAt = null,
                Outcome = Shorten($"{answer.Failure} Tried {(attempt == 1 ? "once" : $"{attempt} times")}."),
            }, audit);
        }
        else
        {
            PutTask(task with { NextCallAt = audit.At + Pauses[attempt - 1], Outcome = answer.Failure }, audit);
        }

        Proceed(deadlines, audit);
    }

    /// <summary>Gives up calls back that did not come in time.</summary>
    internal void EndWaits(AuditContext audit)
    {
        var over = Tasks.Where(task => task.CallbackUntil <= audit.At && !task.HasEnded).ToList();
        foreach (var task in over)
        {
            PutTask(task with
            {
                State = TaskState.Failed, CallbackUntil = null, Outcome = "The call was taken, but nobody called back in time.",
            }, audit);
        }

        if (over.Count > 0)
        {
            ScheduleCalls();
        }
    }

    /// <summary>A program calls back; when it says the same again nothing happens.</summary>
    /// <exception cref="RuleViolationException"><c>callback.used</c> where its task does not wait for it any more.</exception>
    internal void TakeCallback(string tokenHash, bool succeeded, string? result, TaskDeadlines deadlines, AuditContext audit)
    {
        var token = Callbacks.First(one => one.Hash == tokenHash);
        if (token.Succeeded == succeeded)
        {
            return;
        }

        var task = Tasks.First(one => one.Key == token.Task);
        if (token.Succeeded is not null
            || task.State != TaskState.InProgress
            || task.Run != token.Run
            || State is not (RequestState.InFulfillment or RequestState.OnHold))
        {
            throw new RuleViolationException("callback.used", $"{task.Title} does not wait for a call back any more.");
        }

        Callbacks = [.. Callbacks.Select(one => one == token ? token with { Succeeded = succeeded } : one)];
        PutTask(task with { State = succeeded ? TaskState.Done : TaskState.Failed, NextCallAt = null, CallbackUntil = null,
            Outcome = result is null ? null : Shorten(result) }, audit);
        Proceed(deadlines, audit);
    }

    private static string Shorten(string text)
    {
        var clean = text.Replace("\0", "", StringComparison.Ordinal);
        return clean.Length <= LongestOutcome
            ? clean
            : clean[..(LongestOutcome - (char.IsHighSurrogate(clean[LongestOutcome - 2]) ? 2 : 1))] + "…";
    }

    private void ScheduleCalls()
    {
        // While the request is on hold no call is made; going on schedules them again.
        var next = Tasks.Where(task => !task.HasEnded)
            .SelectMany(task => new[] { State == RequestState.InFulfillment ? task.NextCallAt : null, task.CallbackUntil }).Min();
        if (next == CallsAt)
        {
            return;
        }

        CallsAt = next;
        if (next is { } due)
        {
            SetTimer(CallTimer, due);
        }
        else
        {
            CancelTimer(CallTimer);
        }
    }
}

/// <summary>A token with which a program may call back.</summary>
/// <param name="Task">Key of the task.</param>
/// <param name="Run">Run of the task: a token of an earlier one is good for nothing.</param>
/// <param name="Hash">SHA-256 of the token, in hex.</param>
/// <param name="Succeeded">What the program said; null while it has not called back.</param>
public sealed record CallbackToken(string Task, int Run, string Hash, bool? Succeeded = null);
