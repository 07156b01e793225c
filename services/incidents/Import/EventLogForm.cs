using Itsm.Incidents.Domain;

namespace Itsm.Incidents.Import;

/// <summary>The form of ServiceNow's audit log: a row for each event of an incident, with its whole state after that event.</summary>
internal static class EventLogForm
{
    /// <summary>The column that tells this form from the other.</summary>
    public const string Mark = "sys_mod_count";

    public static readonly string[] Required = ["number", "incident_state", Mark, "caller_id", "opened_at", "sys_updated_at"];

    public static readonly HashSet<string> Known =
    [
        "number", "incident_state", "active", "reassignment_count", "reopen_count", Mark, "made_sla", "caller_id", "opened_by", "opened_at",
        "sys_created_by", "sys_created_at", "sys_updated_by", "sys_updated_at", "contact_type", "location", "category", "subcategory",
        "u_symptom", "cmdb_ci", "impact", "urgency", "priority", "assignment_group", "assigned_to", "knowledge", "u_priority_confirmation",
        "notify", "problem_id", "rfc", "vendor", "caused_by", "closed_code", "resolved_by", "resolved_at", "closed_at", "short_description",
        "description", "close_notes",
    ];

    private static readonly (string Column, string Kind)[] Links = [("problem_id", "problem"), ("rfc", "change"), ("caused_by", "change"),
        ("vendor", "vendor")];

    /// <summary>The incident that these rows tell of.</summary>
    /// <exception cref="RefusedException">A value is missing or unknown; the message names line and column.</exception>
    public static SourceIncident Read(string number, IReadOnlyList<SourceRow> rows, string source)
    {
        var events = rows.Select(row => Read(row, number, source)).OrderBy(read => read.Count).ThenBy(read => read.Event.At).ToList();
        var first = events[0].Row;
        return new SourceIncident
        {
            Number = number, OpenedAt = first.RequiredTime("opened_at"), OpenedBy = first.Name("opened_by") ?? first.Name("sys_created_by"),
            Channel = first.ChannelOf("contact_type"), Events = [.. Resolve(events, source)],
        };
    }

    private static Recorded Read(SourceRow row, string number, string source)
    {
        var (state, reason) = row.StateOf("incident_state");
        var count = row.Count(Mark) ?? throw row.Refused(Mark, $"is missing");
        return new Recorded(row, count, new SourceEvent
        {
            Label = $"update {count}", At = row.RequiredTime("sys_updated_at"), By = row.Name("sys_updated_by"), State = state,
            HoldReason = reason, Title = TitleOf(row, number, source), Description = DescriptionOf(row),
            Requester = row.Name("caller_id")
                ?? throw row.Refused("caller_id", $"the caller is unknown; an incident is always for somebody"),
            Group = row.Name("assignment_group"), Assignee = row.Name("assigned_to"), Impact = row.LevelOf("impact"),
            Urgency = row.LevelOf("urgency"), Priority = row.Priority("priority"), Category = row.Name("category"),
            Subcategory = row.Name("subcategory"), ConfigurationItems = row.Name("cmdb_ci") is { } item ? [item] : [],
            Links = [.. Links.Select(link => (link.Kind, Target: row.Name(link.Column))).Where(link => link.Target is not null)
                .Select(link => new RecordedLink(link.Kind, link.Target!)).Distinct()],
            ReopenCount = row.Count("reopen_count") ?? 0,
        });
    }

    /// <summary>Who resolved it and when: every row has the words of the last resolution, so that earlier ones have the event's own
    /// time.</summary>
    private static IEnumerable<SourceEvent> Resolve(List<Recorded> events, string source)
    {
        var lastOpen = events.FindLastIndex(read => !IsResolved(read.Event.State));
        SourceResolution? resolution = null;
        for (var index = 0; index < events.Count; index++)
        {
            var (row, _, one) = events[index];
            resolution = !IsResolved(one.State) ? null : resolution ?? (index > lastOpen
                ? new SourceResolution(NotesOf(row, source), row.Name("resolved_by") ?? one.By, row.Time("resolved_at") ?? one.At)
                : new SourceResolution($"Resolved in {source}; it was reopened later.", one.By, one.At));
            yield return one with { Resolution = resolution,
                ClosedAt = one.State is IncidentState.Closed or IncidentState.Cancelled ? row.Time("closed_at") ?? one.At : null };
        }
    }

    private static bool IsResolved(IncidentState state) => state is IncidentState.Resolved or IncidentState.Closed;

    private static string NotesOf(SourceRow row, string source) => string.Join('\n',
        new[] { row.Name("closed_code") is { } code ? $"Closed code in {source}: {code}." : $"{source} has no closed code.",
            row.Text("close_notes", 4000) }.OfType<string>());

    private static string TitleOf(SourceRow row, string number, string source)
    {
        var title = row.Text("short_description") is { } text
            ? string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            : string.Join(", ", new[] { row.Name("category"), row.Name("subcategory"), row.Name("u_symptom") }.OfType<string>());
        return title.Length switch
        {
            0 => $"{number} of {source}",
            > PlainForm.LongestTitle => title[..(PlainForm.LongestTitle - 1)] + "…",
            _ => title,
        };
    }

    private static string? DescriptionOf(SourceRow row)
    {
        string?[] parts =
        [
            row.Text("description", PlainForm.LongestDescription),
            row.Name("u_symptom") is { } symptom ? $"Symptom: {symptom}" : null,
            row.Name("location") is { } location ? $"Location: {location}" : null,
        ];
        return parts.OfType<string>().ToList() is { Count: > 0 } known ? string.Join('\n', known) : null;
    }

    private sealed record Recorded(SourceRow Row, int Count, SourceEvent Event);
}
