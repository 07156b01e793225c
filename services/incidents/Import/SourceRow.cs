using System.Globalization;
using Itsm.Incidents.Domain;
using Itsm.Platform.Values;
using Itsm.Platform.WorkingTime;
using Itsm.Ticketing;

namespace Itsm.Incidents.Import;

/// <summary>A row with its columns: values by name, each of its kind or a reason to refuse it.</summary>
internal sealed class SourceRow(
    int line, IReadOnlyList<string> columns, IReadOnlyList<string> values, string zone, DateTimeOffset uploaded)
{
    /// <summary>How a source says that it does not know.</summary>
    public const string Unknown = "?";

    /// <summary>How far a source's clock may be ahead.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(5);
    private const string LocalForm = "dd-MM-yyyy HH:mm";
    private static readonly string[] LocalForms = [LocalForm, "dd-MM-yyyy HH:mm:ss"];
    private static readonly string[] OffsetForms = ["yyyy-MM-ddTHH:mmK", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK"];

    private static readonly Dictionary<string, (IncidentState State, HoldReason? Reason)> States = new()
    {
        ["new"] = (IncidentState.New, null),
        ["active"] = (IncidentState.InProgress, null),
        ["inprogress"] = (IncidentState.InProgress, null),
        ["onhold"] = (IncidentState.OnHold, HoldReason.Caller),
        ["awaitinguserinfo"] = (IncidentState.OnHold, HoldReason.Caller),
        ["awaitingevidence"] = (IncidentState.OnHold, HoldReason.Caller),
        ["awaitingproblem"] = (IncidentState.OnHold, HoldReason.Problem),
        ["awaitingvendor"] = (IncidentState.OnHold, HoldReason.Vendor),
        ["awaitingchange"] = (IncidentState.OnHold, HoldReason.Change),
        ["resolved"] = (IncidentState.Resolved, null),
        ["closed"] = (IncidentState.Closed, null),
        ["canceled"] = (IncidentState.Cancelled, null),
        ["cancelled"] = (IncidentState.Cancelled, null),
    };

    private static readonly Dictionary<string, Channel> Channels = new()
    {
        ["phone"] = Channel.Phone,
        ["ivr"] = Channel.Phone,
        ["email"] = Channel.Mail,
        ["mail"] = Channel.Mail,
        ["selfservice"] = Channel.Portal,
        ["directopening"] = Channel.Portal,
        ["portal"] = Channel.Portal,
        ["chat"] = Channel.Chat,
        ["monitoring"] = Channel.Monitoring,
    };

    /// <summary>Where it begins in the file.</summary>
    public int Line => line;

    /// <summary>The text; null where the column is not there, empty or unknown.</summary>
    public string? Text(string column)
    {
        for (var index = 0; index < columns.Count; index++)
        {
            if (columns[index] == column)
            {
                return values[index] is { Length: > 0 } value and not Unknown ? value : null;
            }
        }

        return null;
    }

    /// <summary>As <see cref="Text(string)"/>, of at most this many characters.</summary>
    public string? Text(string column, int most) =>
        Text(column) is not { } text
            ? null
            : text.Length <= most ? text
            : throw Refused(column, $"has {text.Length} characters; at most {most} are possible");

    /// <summary>The name of a person, group or thing: runs of spaces count as one.</summary>
    public string? Name(string column) =>
        Text(column, 200) is { } text ? string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)) : null;

    /// <summary>The text, which must be there.</summary>
    public string Required(string column) => Text(column) ?? throw Refused(column, $"is missing");

    /// <summary>A count from 0; null where unknown.</summary>
    public int? Count(string column) => Text(column) is not { } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count
        : throw Refused(column, $"{Short(text)} is not a whole number from 0");

    /// <summary>Impact or urgency, by digit or word; medium where unknown.</summary>
    public Level LevelOf(string column) => Text(column) is not { } text ? Level.Medium
        : Digit(text) is { } digit and >= 1 and <= 3 ? (Level)digit
        : Enum.GetNames<Level>().FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } name
        ? Enum.Parse<Level>(name)
        : throw Refused(column, $"{Short(text)} is not a level; possible: 1 - High, 2 - Medium, 3 - Low");

    /// <summary>The priority by its digit; null where unknown.</summary>
    public int? Priority(string column) => Text(column) is not { } text ? null
        : Digit(text) is { } digit and >= 1 and <= 5 ? digit
        : throw Refused(column, $"{Short(text)} is not a priority; possible: 1 (critical) to 5 (planning)");

    /// <summary>The state, and for whom it waits.</summary>
    public (IncidentState State, HoldReason? Reason) StateOf(string column)
    {
        var text = Required(column);
        return States.TryGetValue(Word(text), out var state) ? state : throw Refused(column,
            $"the state {Short(text)} is unknown; possible: New, Active, Awaiting User Info, Awaiting Evidence, Awaiting Problem, Awaiting "
            + $"Vendor, Awaiting Change, Resolved, Closed, Canceled");
    }

    /// <summary>How it came in; by the portal where unknown.</summary>
    public Channel ChannelOf(string column) => Text(column) is not { } text ? Channel.Portal
        : Channels.TryGetValue(Word(text), out var channel) ? channel
        : throw Refused(column,
            $"the channel {Short(text)} is unknown; possible: Phone, IVR, Email, Self service, Direct opening, Chat, Monitoring");

    /// <summary>The instant, which must be there.</summary>
    public DateTimeOffset RequiredTime(string column) => Time(column) ?? throw Refused(column, $"is missing");

    /// <summary>The instant; null where unknown.</summary>
    public DateTimeOffset? Time(string column) => Text(column) is not { } text ? null
        : Parse(column, text) is var at && at <= uploaded + Ahead ? at
        : throw Refused(column, $"{Short(text)} lies ahead of the upload");

    private DateTimeOffset Parse(string column, string text)
    {
        if (DateTime.TryParseExact(text, LocalForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
        {
            return LocalDates.InstantOf(local, zone);
        }

        return DateTimeOffset.TryParseExact(text, OffsetForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at)
            && (text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > 10)
            ? new DateTimeOffset(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero)
            : throw Refused(column, $"{Short(text)} is not a time; possible: {LocalForm}, or RFC 3339 with an offset");
    }

    /// <summary>Why this row is refused.</summary>
    public RefusedException Refused(string column, Sentence reason) => new($"Line {line}, column {column}: {reason}.");

    private static int? Digit(string text) =>
        text is [>= '0' and <= '9', ..] && (text.Length == 1 || text[1] == ' ') ? text[0] - '0' : null;

    private static string Word(string text) => string.Concat(text.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    private static string Short(string text) => text.Length > 60 ? text[..60] + "…" : text;
}
