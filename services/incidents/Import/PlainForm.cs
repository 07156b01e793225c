using Itsm.Incidents.Domain;
using Itsm.Platform.Values;

namespace Itsm.Incidents.Import;

/// <summary>The form for everybody else: a row for each incident. Its history is what the row's times tell: opened, resolved,
/// closed.</summary>
internal static class PlainForm
{
    public const int LongestTitle = 200;
    public const int LongestDescription = 32_000;
    private const int ShortestTitle = 3;

    public static readonly string[] Required = ["number", "title", "state", "opened_at"];

    public static readonly HashSet<string> Known =
    [
        .. Required, "description", "impact", "urgency", "priority", "requester", "assignment_group", "assignee", "category", "channel",
        "resolved_at", "closed_at", "resolution_notes", "reopen_count",
    ];

    /// <summary>A header and three rows as they may be in a file.</summary>
    /// <param name="person">User name of somebody who is known.</param>
    public static IReadOnlyList<string[]> Sample(string person) =>
    [
        [.. Known],
        ["OLD-1001", "The printer on the second floor jams", "New", "2025-03-03T08:15:00Z", "Every tenth page.", "2 - Medium", "3 - Low",
            "", person, "", "", "hardware", "Phone", "", "", "", ""],
        ["OLD-1002", "No network in the meeting room", "Awaiting Vendor", "2025-03-04T13:40:00+01:00", "", "1 - High", "2 - Medium", "2",
            person, "", "", "network", "Monitoring", "", "", "", "1"],
        ["OLD-1003", "The mailbox is full", "Closed", "05-03-2025 09:30", "", "", "", "4", person, "", person, "", "Email",
            "05-03-2025 10:05", "12-03-2025 10:05", "Archived the mail of last year.", "0"],
    ];

    /// <summary>The incident that this row tells of.</summary>
    /// <exception cref="RefusedException">A value is missing, unknown or contradicts another; the message names line and
    /// column.</exception>
    public static SourceIncident Read(string number, IReadOnlyList<SourceRow> rows, string source)
    {
        if (rows.Count > 1)
        {
            var lines = rows.Select(one => one.Line);
            throw new RefusedException($"The number {number} is on several lines ({lines.Listed}); in this form an incident has one row.");
        }

        var row = rows[0];
        var (state, reason) = row.StateOf("state");
        var opened = row.RequiredTime("opened_at");
        var resolved = After(row, "resolved_at", opened, "opened_at", state is IncidentState.Resolved or IncidentState.Closed);
        var closed = After(row, "closed_at", resolved ?? opened, resolved is null ? "opened_at" : "resolved_at",
            state is IncidentState.Closed or IncidentState.Cancelled);
        var begun = new SourceEvent
        {
            Label = "opened", At = opened, State = IncidentState.New, Title = TitleOf(row),
            Description = row.Text("description", LongestDescription), Requester = row.Name("requester"),
            Group = row.Name("assignment_group"), Assignee = row.Name("assignee"), Impact = row.LevelOf("impact"),
            Urgency = row.LevelOf("urgency"), Priority = row.Priority("priority"), Category = row.Name("category"),
        };
        return new SourceIncident
        {
            Number = number, OpenedAt = opened, Channel = row.ChannelOf("channel"),
            Events = [.. Replay(begun, row, state, reason, resolved, closed, source)],
        };
    }

    private static IEnumerable<SourceEvent> Replay(
        SourceEvent begun, SourceRow row, IncidentState state, HoldReason? reason, DateTimeOffset? resolved, DateTimeOffset? closed,
        string source)
    {
        var reopened = row.Count("reopen_count") ?? 0;
        if (state is IncidentState.New or IncidentState.InProgress or IncidentState.OnHold)
        {
            yield return begun with { State = state, HoldReason = reason, ReopenCount = reopened };
            yield break;
        }

        yield return begun;
        var last = begun with { ReopenCount = reopened };
        if (state != IncidentState.Cancelled)
        {
            var at = resolved ?? closed ?? begun.At;
            last = last with
            {
                Label = "resolved", At = at, State = IncidentState.Resolved,
                Resolution = new SourceResolution(row.Text("resolution_notes", 4000) ?? $"{source} has no resolution notes.",
                    row.Name("assignee"), at),
            };
            yield return last;
        }

        if (state != IncidentState.Resolved)
        {
            var at = closed ?? last.At;
            yield return last with { Label = state == IncidentState.Closed ? "closed" : "cancelled", At = at, State = state,
                ClosedAt = at };
        }
    }

    private static DateTimeOffset? After(SourceRow row, string column, DateTimeOffset earliest, string name,
        bool fits) => row.Time(column) switch
    {
        null => null,
        _ when !fits && row.Text("state") is var state => throw row.Refused(column, $"there is a time, but the state is {state}"),
        { } at when at < earliest => throw row.Refused(column, $"it lies before {name}"),
        { } at => at,
    };

    private static string TitleOf(SourceRow row) =>
        row.Required("title") is var title && OneLine.Length(title) is < ShortestTitle or > LongestTitle
            ? throw row.Refused("title", $"it must have {ShortestTitle} to {LongestTitle} characters")
        : OneLine.WhyNot(title) is { } why ? throw row.Refused("title", $"it {why}") : title;
}
