using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Platform.Values;

namespace Itsm.Assets.Import;

/// <summary>A CSV file of configuration items on its way into the service.</summary>
public sealed class ItemImport : Aggregate
{
    /// <summary>Works on the file, a slice at a time.</summary>
    internal const string RunTimer = "run";

    /// <summary>Gives up what nobody applied.</summary>
    internal const string ExpireTimer = "expire";

    private static readonly TimeSpan KeptUnapplied = TimeSpan.FromDays(7);

    /// <summary>Key of the source that the rows are the word of.</summary>
    public required string Source { get; init; }

    /// <summary>Key of the class of rows that name none; null where all do.</summary>
    public string? Class { get; init; }

    /// <summary>Where it stands.</summary>
    public ItemImportState State { get; private set; }

    /// <summary>True while it only says what would happen.</summary>
    public bool Preview { get; private set; }

    /// <summary>How many rows the file has.</summary>
    public required int Total { get; init; }

    /// <summary>How many of them have each outcome, so far: of the preview until it is applied.</summary>
    [AtMost(20)]
    public Dictionary<string, int> Counts { get; private set; } = [];

    /// <summary>Id of the person who uploaded it, and in whose name it is done.</summary>
    public required Guid CreatedBy { get; init; }

    /// <summary>When it was uploaded.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the last row was dealt with, or it was given up; null before.</summary>
    public DateTimeOffset? FinishedAt { get; private set; }

    /// <summary>Rows that are dealt with.</summary>
    [Hidden]
    public int Done { get; private set; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<ItemImport> Definition { get; } =
        new("configuration-item-imports", null, new IndexDefinition("readers", "createdAt"), new("state", "createdAt"))
        {
            Noun = "import of configuration items",
        };

    internal static ListDefinition Lists { get; } = new()
    {
        Filters = [Filter.OneOf<ItemImportState>("state")], Sorts = ["createdAt"], DefaultSort = "-createdAt",
        Expandable = ["createdBy"],
    };

    /// <summary>True where nothing more is done.</summary>
    internal bool HasEnded => State is ItemImportState.Done or ItemImportState.Cancelled;

    /// <summary>An import whose file is stored already; it runs at once.</summary>
    internal static ItemImport Queue(Guid id, string source, string? of, int total, bool preview, AuditContext audit)
    {
        var import = new ItemImport
        {
            Id = id, Source = source, Class = of, Total = total, Preview = preview,
            CreatedBy = audit.By.Person!.Value, CreatedAt = audit.At,
            Readers = [ReaderToken.Role(KnownRoles.Administrator), ReaderToken.Person(audit.By.Person.Value)],
        };
        import.SetTimer(RunTimer, audit.At);
        return import;
    }

    /// <summary>Does what the preview said.</summary>
    /// <exception cref="RuleViolationException"><c>import.not-previewed</c>.</exception>
    internal void Apply(AuditContext audit)
    {
        if (WhyNotApply is { } why)
        {
            throw new RuleViolationException("import.not-previewed", why);
        }

        (State, Preview, Done) = (ItemImportState.Queued, false, 0);
        CancelTimer(ExpireTimer);
        SetTimer(RunTimer, audit.At);
    }

    /// <summary>Stops it; what was done is done.</summary>
    /// <exception cref="RuleViolationException"><c>import.ended</c>.</exception>
    internal void Cancel(AuditContext audit)
    {
        if (WhyNotCancel is { } why)
        {
            throw new RuleViolationException("import.ended", why);
        }

        (State, FinishedAt) = (ItemImportState.Cancelled, audit.At);
        CancelTimer(RunTimer);
        CancelTimer(ExpireTimer);
    }

    /// <summary>Takes down how far it got.</summary>
    /// <param name="preview">Of which run: a slower twin of the one before says nothing.</param>
    /// <param name="done">Rows dealt with.</param>
    /// <param name="counts">By outcome.</param>
    /// <param name="audit">When.</param>
    internal void Progress(bool preview, int done, Dictionary<string, int> counts, AuditContext audit)
    {
        if (HasEnded || preview != Preview || done < Done)
        {
            return;
        }

        (State, Done, Counts) = (ItemImportState.Running, done, counts);
        if (done < Total)
        {
            SetTimer(RunTimer, audit.At);
        }
        else if (Preview)
        {
            State = ItemImportState.Previewed;
            SetTimer(ExpireTimer, audit.At + KeptUnapplied);
        }
        else
        {
            (State, FinishedAt) = (ItemImportState.Done, audit.At);
        }
    }

    /// <inheritdoc/>
    protected override IEnumerable<ActionState> Actions(Caller caller) =>
    [
        new("apply", Permissions.ReportItems.Name, WhyNotApply), new("cancel", Permissions.ReportItems.Name, WhyNotCancel),
    ];

    private Sentence? WhyNotApply => State == ItemImportState.Previewed ? null : (Sentence)$"Only a finished preview can be applied.";

    private Sentence? WhyNotCancel => HasEnded ? (Sentence)$"The import has ended already." : null;
}

/// <summary>Where an import of configuration items stands.</summary>
public enum ItemImportState
{
    /// <summary>Not begun.</summary>
    Queued,

    /// <summary>Under way.</summary>
    Running,

    /// <summary>It says what would happen, and waits to be applied.</summary>
    Previewed,

    /// <summary>Every row has its result.</summary>
    Done,

    /// <summary>Stopped by somebody, or not applied for a week.</summary>
    Cancelled,
}
