using Itsm.Contracts.Assets;
using Itsm.Contracts.Directory;
using Itsm.Contracts.Requests;
using Itsm.Contracts.Ticketing;

namespace Itsm.Search.Domain;

public sealed partial class IndexState
{
    /// <summary>What is found only where a service for it runs, and the message that tells of it.</summary>
    private static readonly (string Kind, string Message)[] Optional =
        [(SearchDocument.ConfigurationItem, nameof(ConfigurationItemChanged)), (SearchDocument.Asset, nameof(AssetChanged))];

    /// <summary>The kind that these messages tell of, where that of their service may be new.</summary>
    internal static string? KindOf(string message) => Optional.FirstOrDefault(one => one.Message == message).Kind;

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

        /// <summary>All sources: tickets and comments of each kind, the catalog where there are requests, configuration items and assets
        /// where there are, and people.</summary>
        internal static IReadOnlyList<Source> Of(IReadOnlyDictionary<string, string> kinds) =>
        [
            .. Optional.Where(one => kinds.ContainsKey(one.Kind))
                .Select(one => new Source { Message = one.Message, Service = kinds[one.Kind], Kind = one.Kind }),
            .. kinds.ExceptBy(Optional.Select(one => one.Kind), kind => kind.Key).OrderBy(kind => kind.Key, StringComparer.Ordinal)
                .SelectMany(kind => new Source[]
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
