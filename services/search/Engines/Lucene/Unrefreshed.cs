using System.Runtime.CompilerServices;
using Itsm.Search.Domain;
using Itsm.Search.Queries;
using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Util;

namespace Itsm.Search.Engines.Lucene;

/// <summary>Documents by id, also those that were written after the last refresh.</summary>
internal sealed class Unrefreshed(SearcherManager searchers) : LiveFieldValues<IndexSearcher, SearchDocument?>(searchers, Deleted)
{
    // Documents are not deleted one by one; but null would be taken for a deleted one.
    private static readonly SearchDocument Deleted = new() { Id = Guid.Empty, Kind = "" };

    private static readonly BytesRef AfterAll = new("g");

    /// <summary>The greatest id of each segment.</summary>
    private readonly ConditionalWeakTable<object, BytesRef> _last = [];

    public void Add(Guid id, SearchDocument document) => Add(id.ToString(), document);

    public SearchDocument? Get(Guid id) => Get(id.ToString());

    protected override SearchDocument? LookupFromSearcher(IndexSearcher s, string id)
    {
        // No query: of most there is none yet, and nothing is to be scored.
        var term = new Term(SearchFields.Id, id);
        foreach (var segment in s.IndexReader.Leaves)
        {
            // Most ids grow with time: what is new comes after all that stands in a segment, and need not be looked for there.
            var reader = segment.AtomicReader;
            if (_last.GetValue(reader.CoreCacheKey, _ => LastOf(reader)).CompareTo(term.Bytes) >= 0
                && reader.GetTermDocsEnum(term) is { } found && found.NextDoc() is var doc and not DocIdSetIterator.NO_MORE_DOCS)
            {
                return LuceneGeneration.Read(s, segment.DocBase + doc);
            }
        }

        return null;
    }

    private static BytesRef LastOf(AtomicReader segment)
    {
        if (segment.GetSortedDocValues(SearchFields.Id) is not { ValueCount: > 0 } ids)
        {
            return AfterAll;
        }

        var last = new BytesRef();
        ids.LookupOrd(ids.ValueCount - 1, last);
        return BytesRef.DeepCopyOf(last);
    }
}
