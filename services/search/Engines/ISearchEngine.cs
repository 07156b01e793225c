using Itsm.Search.Domain;
using Itsm.Search.Queries;

namespace Itsm.Search.Engines;

/// <summary>A search engine: the narrow port that both adapters implement. An index is filled in numbered generations, of which one
/// serves.</summary>
/// <remarks>Both pass the same contract tests. Where the engine does not answer, each member throws
/// <see cref="Platform.Documents.StoreUnavailableException"/>; where a generation is gone,
/// <see cref="GenerationMissingException"/>.</remarks>
internal interface ISearchEngine : IHostedService
{
    /// <summary>For people: <c>lucene</c>, <c>elasticsearch</c>.</summary>
    string Name { get; }

    /// <summary>True where a crash may have taken away the newest writes.</summary>
    bool MayHaveLost { get; }

    /// <summary>The generation that serves; null where none does.</summary>
    Task<int?> ServingAsync(CancellationToken ct);

    /// <summary>What keeps the engine from its work, as a sentence for <c>/health</c>; null where nothing does.</summary>
    Task<string?> ComplaintAsync(CancellationToken ct);

    /// <summary>The generations there are, in order.</summary>
    Task<IReadOnlyList<int>> GenerationsAsync(CancellationToken ct);

    /// <summary>Makes an empty generation; nothing where it is there.</summary>
    Task CreateAsync(int generation, CancellationToken ct);

    /// <summary>Lets a generation serve instead of the one before, at once for all.</summary>
    Task ServeAsync(int generation, CancellationToken ct);

    /// <summary>Removes a generation; nothing where it is gone.</summary>
    Task DropAsync(int generation, CancellationToken ct);

    /// <summary>Removes what earlier versions of the product have indexed in forms of their own.</summary>
    Task DropEarlierFormatsAsync(CancellationToken ct);

    /// <summary>Applies changes to documents, each to the newest state of its own, whatever others do at the same time.</summary>
    /// <param name="generation">Where.</param>
    /// <param name="changes">Several for one document are applied in their order.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>How many documents came out differently.</returns>
    Task<int> ApplyAsync(int generation, IReadOnlyList<DocumentChange> changes, CancellationToken ct);

    /// <summary>The newest documents with these ids, found or not yet to be found.</summary>
    Task<IReadOnlyDictionary<Guid, SearchDocument>> FindAsync(int generation, IReadOnlyCollection<Guid> ids, CancellationToken ct);

    /// <summary>What the generation that serves finds.</summary>
    Task<SearchResult> SearchAsync(SearchRequest request, CancellationToken ct);

    /// <summary>The newest <see cref="SearchDocument.ChangedAt"/> that the generation that serves finds, or found up to 250 ms ago; null
    /// where it holds none.</summary>
    Task<DateTimeOffset?> IndexedUntilAsync(CancellationToken ct);

    /// <summary>How many documents of each kind can be found in a generation.</summary>
    Task<IReadOnlyDictionary<string, long>> CountAsync(int generation, CancellationToken ct);

    /// <summary>Makes what was written until now findable.</summary>
    Task RefreshAsync(int generation, CancellationToken ct);

    /// <summary>Whether it finds by <see cref="SearchDocument.Meaning"/>.</summary>
    Task<bool> FindsMeaningsAsync(CancellationToken ct);

    /// <summary>Documents that can be found and have no <see cref="SearchDocument.Meaning"/> from a model, though they could; some of them, and
    /// how many there are in all.</summary>
    Task<(IReadOnlyList<Guid> Some, long Count)> WithoutMeaningAsync(int generation, string model, int limit, CancellationToken ct);
}

/// <summary>A change of one document.</summary>
/// <param name="Id">The document.</param>
/// <param name="Change">What comes of the document as it is (null: not there); null where nothing changes. May run again.</param>
internal sealed record DocumentChange(Guid Id, Func<SearchDocument?, SearchDocument?> Change);

/// <summary>A generation of the index is gone: somebody deleted it.</summary>
internal sealed class GenerationMissingException(int generation) : Exception($"Generation {generation} of the index is gone.");
