using Itsm.Contracts.Assets;
using Itsm.Contracts.Platform;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;

namespace Itsm.Search.Domain;

/// <summary>What the index is compared with its sources for, and how that goes. There is one: so one comparison runs at a time, whoever
/// starts it.</summary>
public sealed partial class IndexState : Aggregate
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

    /// <summary>The kinds of tickets that services have declared, configuration items and assets where a service has them, and which
    /// service owns each.</summary>
    [AtMost(100)]
    public IReadOnlyDictionary<string, string> Kinds { get; private set; } = new Dictionary<string, string>();

    /// <summary>The comparison under way; null where none is.</summary>
    public Comparison? Current { get; private set; }

    /// <summary>The last one that ended.</summary>
    public Comparison? Last { get; private set; }

    /// <summary>The source whose next page is compared next; null where the round is over.</summary>
    internal Source? NextSource => Current?.Sources.FirstOrDefault(source => !source.Done);

    /// <summary>The messages of which no service has said yet that it publishes them, where it is time to ask: no comparison runs, or one
    /// begins. One that waited for a service that there is not would not end.</summary>
    internal IReadOnlyList<string> WithoutOwner =>
        Current is { Round: > 1 } || Current?.Sources.Any(source => source.Compared > 0) == true ? []
        : [.. Optional.Where(one => !Kinds.ContainsKey(one.Kind)).Select(one => one.Message)];

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

    /// <summary>Takes down a kind and who owns it.</summary>
    /// <returns>True where it was not known, so that the index may lack its things.</returns>
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

    /// <summary>Has asked who owns what has no owner yet.</summary>
    internal void LookForOwners(AuditContext audit)
    {
        if (Current is null && WithoutOwner.Count > 0)
        {
            SetTimer(StepTimer, audit.At);
        }
    }

    /// <summary>True where tickets come next, and not all items are known yet by whose names they are found. Not for ever: an item may be
    /// gone at its owner and not here.</summary>
    internal bool AwaitsNames(long known, DateTimeOffset now) => NextSource is { Message: nameof(TicketChanged), After: null }
        && now - Current!.MovedAt < LongestStep
        && Current.Sources.FirstOrDefault(source => source.Message == nameof(ConfigurationItemChanged)) is { } items
        && known < items.Compared;

    /// <summary>Takes the next step a little later.</summary>
    internal void StepLater(AuditContext audit) => SetTimer(StepTimer, audit.At + BetweenRounds);

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
}
