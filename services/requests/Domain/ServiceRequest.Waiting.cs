using Itsm.Contracts.Ticketing;
using Itsm.Platform.WorkingTime;
using Itsm.Ticketing.Tasks;

namespace Itsm.Requests.Domain;

/// <summary>In plain words, for the person who asked.</summary>
public sealed partial class ServiceRequest
{
    private const int MostNames = 5;

    private WaitingFor? Explain() => State switch
    {
        RequestState.Draft => new("It is a draft: submit it when it is complete.", [], StateSince),
        RequestState.WaitingForApproval => ExplainApproval(),
        RequestState.Approved => new("It is approved; the work is about to begin.", [], StateSince),
        RequestState.InFulfillment => ExplainWork(),
        RequestState.OnHold => new(HoldReason switch
        {
            RequestHoldReason.Requester => "It waits for your answer.",
            RequestHoldReason.Vendor => "It waits for a supplier.",
            _ => "It is on hold.",
        }, [], StateSince),
        RequestState.Fulfilled =>
            new("It is done. Confirm that, or reopen it; it closes by itself on "
                + $"{LocalDates.Of(ClosesAt!.Value, Surroundings?.TimeZone):yyyy-MM-dd}.", [], StateSince),
        _ => null,
    };

    private WaitingFor ExplainApproval()
    {
        var waiting = Approval!.Approvals.Where(approval => approval.State == ApprovalState.Requested).ToList();
        var stage = Approval.Stages.Count > 1 ? $" (stage {Approval.Stage + 1} of {Approval.Stages.Count})" : "";
        var names = waiting.Select(approval => approval.ApproverName).ToList();
        if (waiting.Count == 0)
        {
            return new("It waits for approval.", [], StateSince);
        }

        var missing = Approval.Missing();
        var by = missing > 1 && missing < names.Count ? $"{missing} of {Names(names, "and")}" : Names(names, missing > 1 ? "and" : "or");
        return new($"It waits for approval by {by}: {waiting[0].StageName}{stage}.", names, waiting.Min(approval => approval.RequestedAt));
    }

    private WaitingFor ExplainWork()
    {
        var open = Tasks.Where(task =>
            task is { State: TaskState.Open or TaskState.InProgress or TaskState.Failed, Kind: not StepKind.Deactivate })
            .OrderBy(task => task.OpenedAt).ToList();
        if (open.Count == 0)
        {
            if (Tasks.FirstOrDefault(task => task is { Kind: StepKind.Deactivate, HasEnded: false }) is { } end)
            {
                return new($"All else is done; it waits for the last working moment: “{end.Title}”.", [], StateSince);
            }

            return new(GroupName is null ? "It waits for somebody to take it." : $"{GroupName} works on it.",
                GroupName is null ? [] : [GroupName], StateSince);
        }

        var groups = open.Select(task =>
            task.GroupName
                ?? (task.RequestNumber is { } number ? $"request {number}" : task.Kind == StepKind.Call ? "an automatic step" : GroupName))
            .OfType<string>().Distinct().ToList();
        var failed = open.FirstOrDefault(task => task.State == TaskState.Failed);
        if (failed is not null)
        {
            var by = failed.GroupName ?? GroupName;
            return new($"“{failed.Title}” did not work; {by ?? "an agent"} looks after it.", by is null ? [] : [by],
                failed.OpenedAt ?? StateSince);
        }

        return new(open.Count == 1 ? $"It waits for “{open[0].Title}”{(groups.Count > 0 ? $" by {groups[0]}" : "")}."
            : $"{open.Count} tasks are under way{(groups.Count > 0 ? $" with {Names(groups, "and")}" : "")}; "
                + $"{Tasks.Count(task => task.HasEnded)} of {Tasks.Count} are done.", groups, open[0].OpenedAt ?? StateSince);
    }

    private static string Names(List<string> names, string last) =>
        names.Count > MostNames ? $"{string.Join(", ", names.Take(MostNames))} {last} {names.Count - MostNames} others"
        : names.Count > 1 ? $"{string.Join(", ", names.SkipLast(1))} {last} {names[^1]}" : names[0];
}

/// <summary>What a request waits for.</summary>
/// <param name="Text">In plain words.</param>
/// <param name="On">Names of the people or groups.</param>
/// <param name="Since">Since when.</param>
public sealed record WaitingFor(string Text, IReadOnlyList<string> On, DateTimeOffset Since);
