using Itsm.Contracts.Directory;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;

namespace Itsm.Incidents.Import;

/// <summary>One uploaded file on its way into the service.</summary>
public sealed class ImportJob : Aggregate
{
    /// <summary>Works on the file, a slice at a time.</summary>
    internal const string RunTimer = "run";

    private const int MostEntriesAMessage = 200;

    /// <summary>The system that the file comes from; with an incident's number there, unique.</summary>
    public required string Source { get; init; }

    /// <summary>IANA name of the zone of times without an offset.</summary>
    public required string TimeZone { get; init; }

    /// <summary>Which of the two forms the file has.</summary>
    public required ImportForm Form { get; init; }

    /// <summary>Where it stands.</summary>
    public ImportState State { get; private set; }

    /// <summary>How many incidents the file has.</summary>
    public required int Total { get; init; }

    /// <summary>How many of them this import brought in, so far.</summary>
    public int Imported { get; private set; }

    /// <summary>How many an earlier import had brought in; nothing was changed.</summary>
    public int Unchanged { get; private set; }

    /// <summary>How many were refused, each with a reason.</summary>
    public int Refused { get; private set; }

    /// <summary>Id of the person who uploaded it.</summary>
    public required Guid CreatedBy { get; init; }

    /// <summary>When it was uploaded.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the work began; null before.</summary>
    public DateTimeOffset? StartedAt { get; private set; }

    /// <summary>When the last incident was dealt with; null before.</summary>
    public DateTimeOffset? FinishedAt { get; private set; }

    /// <summary>The file's header, for the rows in the items.</summary>
    [Hidden]
    [AtMost(1_000)]
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<ImportJob> Definition { get; } =
        new("imports", null, new IndexDefinition("readers", "createdAt"), new("state", "createdAt")) { Noun = "import" };

    internal static ListDefinition Lists { get; } = new()
    {
        Filters = [Filter.OneOf<ImportState>("state")], Sorts = ["createdAt"], DefaultSort = "-createdAt",
    };

    /// <summary>A job whose items are stored already; it runs at once.</summary>
    internal static ImportJob Queue(Guid id, CsvFile file, string source, string timeZone, AuditContext audit)
    {
        var job = new ImportJob
        {
            Id = id, Source = source, TimeZone = timeZone, Form = file.Form, Columns = file.Columns, Total = file.Incidents.Count,
            CreatedBy = audit.By.Person!.Value, CreatedAt = audit.At, Readers = ReadersOf(audit.By.Person.Value),
        };
        job.SetTimer(RunTimer, audit.At);
        return job;
    }

    internal static IReadOnlyList<string> ReadersOf(Guid creator) =>
        [ReaderToken.Role(KnownRoles.Administrator), ReaderToken.Person(creator)];

    /// <summary>Tells the directory of people and groups that it may not know.</summary>
    internal void Announce(IReadOnlyList<FoundEntry> people, IReadOnlyList<FoundEntry> groups)
    {
        foreach (var chunk in people.Chunk(MostEntriesAMessage))
        {
            Raise(new DirectoryEntriesFound { Source = Source, People = chunk, Groups = [] });
        }

        foreach (var chunk in groups.Chunk(MostEntriesAMessage))
        {
            Raise(new DirectoryEntriesFound { Source = Source, People = [], Groups = chunk });
        }
    }

    /// <summary>Begins the work, once.</summary>
    internal void Start(DateTimeOffset now)
    {
        if (State == ImportState.Queued)
        {
            (State, StartedAt) = (ImportState.Running, now);
        }
    }

    /// <summary>Says how far it got.</summary>
    internal void Progress(ImportCounts counts)
    {
        // A slower twin of the run must not take back what the faster one said.
        if (State != ImportState.Done)
        {
            (Imported, Unchanged, Refused) = (counts.Imported, counts.Unchanged, counts.Refused);
        }
    }

    /// <summary>Goes on in a new slice: a timer's lease is shorter than a large file.</summary>
    internal void Continue(ImportCounts counts, DateTimeOffset now)
    {
        Progress(counts);
        SetTimer(RunTimer, now);
    }

    /// <summary>Ends the work, once.</summary>
    internal void Finish(ImportCounts counts, DateTimeOffset now)
    {
        Progress(counts);
        if (State != ImportState.Done)
        {
            (State, FinishedAt) = (ImportState.Done, now);
        }
    }
}

/// <summary>Where an import stands.</summary>
public enum ImportState
{
    /// <summary>Not begun.</summary>
    Queued,

    /// <summary>Under way.</summary>
    Running,

    /// <summary>Every incident of the file has its result.</summary>
    Done,
}

/// <summary>The forms of files that can be imported.</summary>
public enum ImportForm
{
    /// <summary>A row for each event of an incident: its whole state after that event.</summary>
    EventLog,

    /// <summary>A row for each incident.</summary>
    Plain,
}

/// <summary>Results so far.</summary>
internal sealed record ImportCounts(int Imported, int Unchanged, int Refused);
