using Itsm.Contracts.Directory;
using Itsm.Contracts.Platform;
using Itsm.Contracts.Requests;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;

namespace Itsm.Search.Domain;

/// <summary>What the index is compared with its sources for, and how that goes. There is one: so one comparison runs at a time, whoever
/// starts it.</summary>
public sealed class IndexState : Aggregate
{
    /// <summary>Takes the next step of a comparison.</summary>
    internal const string StepTimer = "step";

    /// <summary>Begins the next comparison.</summary>
    internal const string CompareTimer = "compare";

    /// <summary>The one there is.</summary>
    internal static readonly Guid TheOne = DerivedId.From("search", "index");

    private const int MostRounds = 10;
    private static readonly TimeSpan BetweenRounds = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestStep = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(5);

    /// <summary>The kinds of tickets that services have declared, and which service owns each.</summary>
    [AtMost(100)]
    public IReadOnlyDictionary<string, string> Kinds { get; private set; } = new Dictionary<string, string>();

    /// <summary>The comparison under way; null where none is.</summary>
    public Comparison? Current { get; private set; }

    /// <summary>The last one that ended.</summary>
    public Comparison? Last { get; private set; }

    /// <summary>The source whose next page is compared next; null where the round is over.</summary>
    internal Source? NextSource => Current?.Sources.FirstOrDefault(source => !source.Done);

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<IndexState> Definition { get; } = new("index", null) { Noun = "index" };

    /// <summary>The one there is, new.</summary>
    internal static IndexState Create(AuditContext audit, TimeSpan compareEvery)
    {
        var state = new IndexState { Id = TheOne, Readers = [ReaderToken.Role(KnownRoles.Administrator)] };
        state.SetTimer(CompareTimer, audit.At + compareEvery);
        return state;
    }

    /// <summary>Begins a comparison.</summary>
    /// <param name="generation">What is compared with the sources, and repaired.</param>
    /// <param name="swap">True to let that generation serve once it holds all that the sources have.</param>
    /// <param name="audit">Who and when.</param>
    /// <param name="instead">True to give up the one that runs.</param>
    /// <exception cref="RuleViolationException"><c>search.comparison-running</c> while one runs that has moved in the last five
    /// minutes.</exception>
    internal void Start(int generation, bool swap, AuditContext audit, bool instead = false)
    {
        if (!instead)
        {
            RequireIdle(audit);
        }

        Current = new Comparison
        {
            ComparisonId = Guid.CreateVersion7(audit.At), Generation = generation, Swap = swap, StartedAt = audit.At, MovedAt = audit.At,
            By = audit.By, Reason = audit.Reason,
        };
        NextRound(audit);
    }

    /// <summary>Takes down a kind of tickets.</summary>
    /// <returns>True where it was not known, so that the index may lack its tickets.</returns>
    internal bool Learn(string kind, string service)
    {
        if (Kinds.GetValueOrDefault(kind) == service)
        {
            return false;
        }

        Kinds = new Dictionary<string, string>(Kinds) { [kind] = service };
        return true;
    }

    /// <exception cref="RuleViolationException"><c>search.comparison-running</c> while a comparison runs that has moved in the last five
    /// minutes.</exception>
    internal void RequireIdle(AuditContext audit)
    {
        if (Current is { } running && audit.At - running.MovedAt < LongestSilence)
        {
            throw new RuleViolationException("search.comparison-running",
                $"A comparison of generation {running.Generation} has been under way since {running.StartedAt:yyyy-MM-ddTHH:mm:ssZ}.");
        }
    }

    /// <summary>Why a comparison does not get on, as a sentence for <c>/health</c>; null where it does.</summary>
    internal string? Complaint(DateTimeOffset now)
    {
        if (Current is { } current)
        {
            return now - current.MovedAt < LongestStep ? null
                : $"The {current.Noun} of generation {current.Generation} has not moved since {current.MovedAt:yyyy-MM-ddTHH:mm:ssZ}: "
                + (current.IsRoundEnded || NextSource is not { } source ? "its next step has not been taken."
                    : $"no answer of {source.Service} on its {source.Message} was taken in, or one could not be: see failed messages.");
        }

        return Last is { Swap: true, Sources: var sources } last && sources.Sum(source => source.Different) is > 0 and var different
            ? $"The rebuild of generation {last.Generation} ended without serving: {different} things still differed in round {last.Round}."
            : null;
    }

    /// <summary>Sets when the index is compared next without being asked.</summary>
    internal void Schedule(DateTimeOffset next) => SetTimer(CompareTimer, next);

    /// <summary>Begins the next round: all sources from their first page.</summary>
    internal void NextRound(AuditContext audit)
    {
        if (Current is { } current && (current.Round == 0 || current.IsRoundEnded))
        {
            Current = current with { Round = current.Round + 1, IsRoundEnded = false, MovedAt = audit.At, Sources = Source.Of(Kinds) };
            SetTimer(StepTimer, audit.At);
        }
    }

    /// <summary>True where the page is the one that is waited for.</summary>
    internal bool Awaits(InventoryReported page) => Current is { } current && current.ComparisonId == page.Comparison
        && NextSource is { } source && source.Message == page.Message && source.Service == page.Source && source.After == page.After;

    /// <summary>Takes in what comparing a page gave.</summary>
    internal void Take(InventoryReported page, PageFigures figures, AuditContext audit)
    {
        if (!Awaits(page))
        {
            return;
        }

        Current = Current! with
        {
            MovedAt = audit.At,
            Sources = [.. Current.Sources.Select(source =>
                source.Message != page.Message || source.Service != page.Source ? source : source with
            {
                After = page.Next, Done = page.Next is null, Compared = source.Compared + page.Entries.Count,
                Different = source.Different + figures.Different, SourceDigest = Add(source.SourceDigest, figures.SourceDigest),
                IndexDigest = Add(source.IndexDigest, figures.IndexDigest),
            })],
        };
        SetTimer(StepTimer, audit.At);
    }

    /// <summary>Ends a round: what differs is being repaired, so it is compared again; where nothing does, the comparison ends.</summary>
    /// <param name="surplus">Documents of the generation that no source has.</param>
    /// <param name="audit">When.</param>
    internal void EndRound(long surplus, AuditContext audit)
    {
        if (Current is not { IsRoundEnded: false } || NextSource is not null)
        {
            return;
        }

        var different = Current.Sources.Sum(source => source.Different);
        Current = Current with { IsRoundEnded = true, Repaired = Current.Repaired + different, Drift = different + surplus,
            FirstDrift = Current.Round == 1 ? different + surplus : Current.FirstDrift };
        if (Current.Drift > 0 && Current.Round < MostRounds)
        {
            SetTimer(StepTimer, audit.At + BetweenRounds);
            return;
        }

        (Last, Current) = (Current with { EndedAt = audit.At }, null);
    }

    // Sums of hashes: the order of the pages does not matter.
    private static string Add(string one, string other) =>
        (ulong.Parse(one, System.Globalization.NumberStyles.HexNumber, null)
            + ulong.Parse(other, System.Globalization.NumberStyles.HexNumber, null))
            .ToString("x16", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A comparison of a generation with what the services have.</summary>
    public sealed record Comparison
    {
        /// <summary>Identity.</summary>
        public required Guid ComparisonId { get; init; }

        /// <summary>What is compared.</summary>
        public required int Generation { get; init; }

        /// <summary>True for a rebuild: the generation serves once it holds all that the sources have.</summary>
        public required bool Swap { get; init; }

        internal string Noun => Swap ? "rebuild" : "comparison";

        /// <summary>1 for the first look at all sources; later ones look whether what differed was repaired.</summary>
        public int Round { get; init; }

        /// <summary>True while the next round is waited for.</summary>
        public bool IsRoundEnded { get; init; }

        /// <summary>When it began.</summary>
        public required DateTimeOffset StartedAt { get; init; }

        /// <summary>When something last came of it.</summary>
        public required DateTimeOffset MovedAt { get; init; }

        /// <summary>When it ended; null while it runs.</summary>
        public DateTimeOffset? EndedAt { get; init; }

        /// <summary>Who began it.</summary>
        public required Contracts.Actor By { get; init; }

        /// <summary>Why; null where nobody said.</summary>
        public string? Reason { get; init; }

        /// <summary>What differed in the first round.</summary>
        public long FirstDrift { get; init; }

        /// <summary>What differed in the last round: 0 where the index is as the sources are.</summary>
        public long Drift { get; init; }

        /// <summary>Things that were said again because the index lacked them or had them older.</summary>
        public long Repaired { get; init; }

        /// <summary>Figures of the round, by source.</summary>
        public IReadOnlyList<Source> Sources { get; init; } = [];
    }

    /// <summary>One service that says one kind of message, and what comparing with it gave.</summary>
    public sealed record Source
    {
        private const string NoDigest = "0000000000000000";

        /// <summary>All sources: tickets and comments of each kind, the catalog where there are requests, and people.</summary>
        internal static IReadOnlyList<Source> Of(IReadOnlyDictionary<string, string> kinds) =>
        [
            .. kinds.OrderBy(kind => kind.Key, StringComparer.Ordinal).SelectMany(kind => new Source[]
            {
                new() { Message = nameof(TicketChanged), Service = kind.Value, Kind = kind.Key },
                new() { Message = nameof(TicketCommented), Service = kind.Value },
            }),
            .. kinds.TryGetValue("request", out var catalog)
                ? [new Source { Message = nameof(CatalogItemChanged), Service = catalog, Kind = SearchDocument.CatalogItem }]
                : Array.Empty<Source>(),
            new() { Message = nameof(PersonChanged), Service = "directory", Kind = SearchDocument.Person },
        ];

        /// <summary>Short name of the message.</summary>
        public required string Message { get; init; }

        /// <summary>Who says it.</summary>
        public required string Service { get; init; }

        /// <summary>The kind of the documents it makes; null where it adds to those of others.</summary>
        public string? Kind { get; init; }

        /// <summary>Where the next page begins; null for the first, and after the last.</summary>
        public string? After { get; init; }

        /// <summary>True where all pages are compared.</summary>
        public bool Done { get; init; }

        /// <summary>Things compared.</summary>
        public long Compared { get; init; }

        /// <summary>Things that the index lacked or had in an older version.</summary>
        public long Different { get; init; }

        /// <summary>Over ids and versions as the source has them.</summary>
        public string SourceDigest { get; init; } = NoDigest;

        /// <summary>The same over what the index has of them; equal where nothing differs.</summary>
        public string IndexDigest { get; init; } = NoDigest;
    }

    /// <summary>What comparing a page gave.</summary>
    internal sealed record PageFigures(long Different, string SourceDigest, string IndexDigest);
}
