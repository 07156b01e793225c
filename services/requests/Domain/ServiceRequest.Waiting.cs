using Itsm.Contracts.Ticketing;
using Itsm.Platform.Documents;
using Itsm.Platform.Values;
using Itsm.Platform.WorkingTime;
using Itsm.Ticketing.Tasks;

namespace Itsm.Requests.Domain;

/// <summary>In plain words, for the person who asked.</summary>
public sealed partial class ServiceRequest
{
    private const int MostNames = 5;

    private WaitingFor? Explain() => State switch
    {
        RequestState.Draft => Waits($"It is a draft: submit it when it is complete."),
        RequestState.WaitingForApproval => ExplainApproval(),
        RequestState.Approved => Waits($"It is approved; the work is about to begin."),
        RequestState.InFulfillment => ExplainWork(),
        RequestState.OnHold => Waits(HoldReason switch
        {
            RequestHoldReason.Requester => $"It waits for your answer.",
            RequestHoldReason.Vendor => $"It waits for a supplier.",
            _ => $"It is on hold.",
        }),
        RequestState.Fulfilled when LocalDates.Of(ClosesAt!.Value, Surroundings?.TimeZone) is var day =>
            Waits($"It is done. Confirm that, or reopen it; it closes by itself on {day:yyyy-MM-dd}."),
        _ => null,
    };

    private WaitingFor Waits(Sentence text) => WaitingFor.Of(text, [], StateSince);

    private WaitingFor ExplainApproval()
    {
        var waiting = Approval!.Approvals.Where(approval => approval.State == ApprovalState.Requested).ToList();
        var names = waiting.Select(approval => approval.ApproverName).ToList();
        if (waiting.Count == 0)
        {
            return Waits($"It waits for approval.");
        }

        var (missing, stage, number, stages) = (Approval.Missing(), waiting[0].StageName, Approval.Stage + 1, Approval.Stages.Count);
        var by = missing > 1 && missing < names.Count ? $"{missing} of {All(names)}" : missing > 1 ? All(names) : Any(names);
        return WaitingFor.Of(
            stages > 1 ? $"It waits for approval by {by}: {stage} (stage {number} of {stages})."
                : (Sentence)$"It waits for approval by {by}: {stage}.",
            names, waiting.Min(approval => approval.RequestedAt));
    }

    private WaitingFor ExplainWork()
    {
        var open = Tasks.Where(task =>
            task is { State: TaskState.Open or TaskState.InProgress or TaskState.Failed, Kind: not StepKind.Deactivate })
            .OrderBy(task => task.OpenedAt).ToList();
        if (open.Count == 0)
        {
            return Tasks.FirstOrDefault(task => task is { Kind: StepKind.Deactivate, HasEnded: false }) is { } end
                ? Waits($"All else is done; it waits for the last working moment: “{end.Title}”.")
                : GroupName is null ? Waits($"It waits for somebody to take it.")
                : WaitingFor.Of($"{GroupName} works on it.", [GroupName], StateSince);
        }

        if (open.FirstOrDefault(task => task.State == TaskState.Failed) is { } failed)
        {
            var by = failed.GroupName ?? GroupName;
            return WaitingFor.Of(
                by is null ? $"“{failed.Title}” did not work; an agent looks after it."
                    : (Sentence)$"“{failed.Title}” did not work; {by} looks after it.",
                by is null ? [] : [by], failed.OpenedAt ?? StateSince);
        }

        List<Sentence> hands = [.. open.Select(HandsOf).OfType<Sentence>().DistinctBy(one => one.ToString())];
        List<string> names = [.. hands.Select(one => one.ToString())];
        var (first, since) = (open[0].Title, open[0].OpenedAt ?? StateSince);
        if (open.Count == 1)
        {
            return WaitingFor.Of(
                hands is [var only, ..] ? $"It waits for “{first}” by {only}." : (Sentence)$"It waits for “{first}”.", names, since);
        }

        var (ended, all) = (Tasks.Count(task => task.HasEnded), Tasks.Count);
        return WaitingFor.Of(
            hands.Count > 0 ? $"{open.Count} tasks are under way with {All(hands)}; {ended} of {all} are done."
                : (Sentence)$"{open.Count} tasks are under way; {ended} of {all} are done.",
            names, since);
    }

    /// <summary>Who or what has a task; null where nobody has.</summary>
    private Sentence? HandsOf(RequestTask task) =>
        task.GroupName is { } group ? Sentence.Verbatim(group)
        : task.RequestNumber is { } number ? $"request {number}"
        : task.Kind == StepKind.Call ? $"an automatic step"
        : GroupName is null ? null : Sentence.Verbatim(GroupName);

    private static Sentence All(IEnumerable<string> names) => All([.. names.Select(Sentence.Verbatim)]);

    private static Sentence All(List<Sentence> names)
    {
        var (first, last, others) = Divide(names);
        return others > 0 ? $"{first.Listed} and {others} others"
            : names.Count > 1 ? (Sentence)$"{first.Listed} and {last}" : names[0];
    }

    private static (IEnumerable<T> First, T Last, int Others) Divide<T>(List<T> names) =>
        (names.Take(names.Count > MostNames ? MostNames : names.Count - 1), names[^1], names.Count - MostNames);

    private static Sentence Any(List<string> names)
    {
        var (first, last, others) = Divide(names);
        return others > 0 ? $"{first.Listed} or {others} others"
            : names.Count > 1 ? (Sentence)$"{first.Listed} or {last}" : Sentence.Verbatim(names[0]);
    }
}

/// <summary>What a request waits for.</summary>
public sealed record WaitingFor : StoredSentence
{
    /// <summary>Names of the people or groups.</summary>
    public required IReadOnlyList<string> On { get; init; }

    /// <summary>Since when.</summary>
    public required DateTimeOffset Since { get; init; }

    internal static WaitingFor Of(Sentence text, IReadOnlyList<string> on, DateTimeOffset since) => new()
    {
        Text = text.ToString(), Template = TemplateOf(text), Arguments = ArgumentsOf(text), On = on, Since = since,
    };
}
