using System.Runtime.CompilerServices;
using Itsm.Search.Domain;
using Itsm.Search.Queries;
using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Search.Similarities;
using Lucene.Net.Store;
using Lucene.Net.Util;

namespace Itsm.Search.Engines.Lucene;

/// <summary>One generation of the embedded index: a folder with a writer and the searchers on it.</summary>
internal sealed class LuceneGeneration : IDisposable
{
    private const double BufferMegabytes = 48;
    private const double ViewSeconds = 120;
    private readonly FSDirectory _directory;
    private readonly IndexWriter _writer;
    private readonly SearcherManager _searchers;
    private readonly SearcherLifetimeManager _views = new();
    private readonly Unrefreshed _newest;
    private readonly ConditionalWeakTable<object, StrongBox<long>> _newestOfSegments = [];
    private readonly LuceneQueries _queries;
    private readonly SemaphoreSlim _gate = new(1);
    private readonly TimeSpan _refreshEvery;
    private readonly System.Threading.Lock _refreshing = new();

    /// <summary>How often something was written, as of now, and as of what searches find; and when that was.</summary>
    private long _written;
    private long _findable;
    private long _refreshed;

    /// <summary>True where a refresh has failed: what was written since the one before is not known by its id until one succeeds.</summary>
    private volatile bool _forgot;

    /// <param name="folder">Where it is, or is made.</param>
    /// <param name="analysis">How texts become words.</param>
    /// <param name="queries">How requests become queries.</param>
    /// <param name="refreshEvery">How old what a search finds may be.</param>
    public LuceneGeneration(string folder, LuceneAnalysis analysis, LuceneQueries queries, TimeSpan refreshEvery)
    {
        (Folder, _queries, _refreshEvery) = (folder, queries, refreshEvery);
        _directory = FSDirectory.Open(folder);
        _writer = new IndexWriter(_directory, new IndexWriterConfig(LuceneAnalysis.Version, analysis.ByField)
        {
            Similarity = new BM25Similarity(), RAMBufferSizeMB = BufferMegabytes, OpenMode = OpenMode.CREATE_OR_APPEND,
            Codec = LuceneCodec.Instance,
        });
        _writer.Commit();
        _searchers = new SearcherManager(_writer, true, new Similar());
        _newest = new Unrefreshed(_searchers);
    }

    public string Folder { get; }

    /// <summary>See <see cref="ISearchEngine.ApplyAsync"/>.</summary>
    public async Task<int> ApplyAsync(IReadOnlyList<DocumentChange> changes, CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        try
        {
            var changed = new List<(SearchDocument Document, bool IsNew)>();
            foreach (var ofOne in changes.GroupBy(change => change.Id))
            {
                var known = Find(ofOne.Key);
                if (ofOne.Aggregate(known, (current, change) => change.Change(current) ?? current) is { } next
                    && !ReferenceEquals(next, known))
                {
                    changed.Add((next, known is null && !_forgot));
                }
            }

            // By one thread: each that writes makes a segment of its own with every refresh, and searches pay for those.
            foreach (var (document, isNew) in changed)
            {
                if (isNew)
                {
                    // An update looks in every segment for what it replaces.
                    _writer.AddDocument(LuceneDocuments.Of(document));
                }
                else
                {
                    _writer.UpdateDocument(IdOf(document.Id), LuceneDocuments.Of(document));
                }

                _newest.Add(document.Id, document);
            }

            Interlocked.Add(ref _written, changed.Count);
            return changed.Count;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The newest document with this id, or null.</summary>
    public SearchDocument? Find(Guid id) => _newest.Get(id);

    public SearchResult Search(SearchRequest request)
    {
        RefreshIfOld();
        var view = request.After?.View is { } name && long.TryParse(name, out var token) ? _views.Acquire(token) : null;
        var searcher = view ?? _searchers.Acquire();
        try
        {
            return Search(request, searcher);
        }
        finally
        {
            if (view is not null)
            {
                _views.Release(view);
            }
            else
            {
                _searchers.Release(searcher);
            }
        }
    }

    public IReadOnlyDictionary<string, long> Count() => OnNewest(searcher =>
    {
        var facets = new FacetCollector([SearchFields.Kind]);
        searcher.Search(new MatchAllDocsQuery(), facets);
        return facets.Counts()[SearchFields.Kind];
    });

    /// <summary>See <see cref="ISearchEngine.WithoutMeaningAsync"/>.</summary>
    public (IReadOnlyList<Guid> Some, long Count) WithoutMeaning(string model, int limit) => OnNewest(searcher =>
    {
        var found = searcher.Search(LuceneQueries.WithoutMeaning(model), limit);
        return ((IReadOnlyList<Guid>)[.. found.ScoreDocs.Select(hit => Read(searcher, hit.Doc).Id)], (long)found.TotalHits);
    });

    /// <summary>See <see cref="ISearchEngine.IndexedUntilAsync"/>.</summary>
    public DateTimeOffset? IndexedUntil() => OnNewest(searcher => searcher.IndexReader.Leaves
        .Select(segment => _newestOfSegments.GetValue(segment.AtomicReader.CoreCacheKey, _ => new(NewestOf(segment.AtomicReader))).Value)
        .DefaultIfEmpty().Max()) is var newest and > 0
            ? DateTimeOffset.FromUnixTimeMilliseconds(newest)
            : null;

    /// <summary>Makes what was written findable; nothing where nothing was.</summary>
    public void Refresh()
    {
        lock (_refreshing)
        {
            var (written, now) = (Volatile.Read(ref _written), TimeProvider.System.GetTimestamp());
            if (written != _findable)
            {
                _forgot = true;
                _searchers.MaybeRefreshBlocking();
                _forgot = false;
                Volatile.Write(ref _refreshed, now);
                Volatile.Write(ref _findable, written);
            }
        }

        _views.Prune(new SearcherLifetimeManager.PruneByAge(ViewSeconds));
    }

    /// <summary>Puts what was written on disk.</summary>
    public void Commit()
    {
        if (_writer.HasUncommittedChanges())
        {
            _writer.Commit();
        }
    }

    public void Dispose()
    {
        _newest.Dispose();
        _views.Dispose();
        _searchers.Dispose();
        _writer.Dispose();
        _directory.Dispose();
        _gate.Dispose();
    }

    private T OnNewest<T>(Func<IndexSearcher, T> ask)
    {
        RefreshIfOld();
        var searcher = _searchers.Acquire();
        try
        {
            return ask(searcher);
        }
        finally
        {
            _searchers.Release(searcher);
        }
    }

    /// <summary>Also of what was replaced since, by what is newer.</summary>
    private static long NewestOf(AtomicReader segment) =>
        segment.GetNumericDocValues(SearchFields.ChangedAt) is { } values ? Enumerable.Range(0, segment.MaxDoc).Max(values.Get) : 0;

    // Each refresh makes a segment, which is merged with others later: that costs more than the writing where nobody searches.
    private void RefreshIfOld()
    {
        if (Volatile.Read(ref _written) != Volatile.Read(ref _findable)
            && TimeProvider.System.GetElapsedTime(Volatile.Read(ref _refreshed)) >= _refreshEvery)
        {
            Refresh();
        }
    }

    private SearchResult Search(SearchRequest request, IndexSearcher searcher)
    {
        var query = _queries.Build(request, searcher.IndexReader);
        if (request is { Limit: 0, Facets.Count: 0 })
        {
            // Whoever only counts pays for no scores.
            var counted = new TotalHitCountCollector();
            searcher.Search(query, counted);
            return new SearchResult([], counted.TotalHits, new Dictionary<string, IReadOnlyDictionary<string, long>>());
        }

        var byScore = request.Sort == SearchRequest.Relevance;
        var sort = new Sort(byScore ? SortField.FIELD_SCORE : SortOf(request), new SortField(SearchFields.Id, SortFieldType.STRING));
        var facets = new FacetCollector(request.Facets);
        var found = TopFieldCollector.Create(sort, Math.Max(1, request.Limit), request.After is { } after ? After(after) : null, true,
            byScore, false, false);
        searcher.Search(query, MultiCollector.Wrap(found, request.Facets.Count > 0 ? facets : null));
        var top = found.GetTopDocs().ScoreDocs.Take(request.Limit).Cast<FieldDoc>().ToList();
        var view = byScore && top.Count > 0 && top.Count == request.Limit
            ? _views.Record(searcher).ToString(System.Globalization.CultureInfo.InvariantCulture)
            : null;
        var hits = top.Select(hit =>
        {
            var document = Read(searcher, hit.Doc);
            var value = hit.Fields[0] is BytesRef text
                ? text.Utf8ToString()
                : hit.Fields[0] is J2N.Numerics.Number number ? byScore ? number.ToDouble() : (object)number.ToInt64()
                : hit.Fields[0];
            return new SearchHit(document, byScore ? hit.Score : 0, new SearchPosition(value, document.Id, view))
            {
                Explanation = request.Clauses?.Explain(Scores(searcher, request.Clauses, hit.Doc)),
            };
        }).ToList();
        return request.Near is null ? new SearchResult(hits, found.TotalHits, facets.Counts())
            : SearchResult.Of([.. hits.Where(hit => hit.Score >= Meaning.Alike)]);

        FieldDoc After(SearchPosition position)
        {
            object? value = position.Value switch
            {
                double score => J2N.Numerics.Single.GetInstance((float)score),
                long number => J2N.Numerics.Int64.GetInstance(number),
                string text => new BytesRef(text),
                var other => other,
            };
            return new FieldDoc(int.MaxValue, 0, [value, new BytesRef(position.Id.ToString())]);
        }
    }

    private static Dictionary<int, double> Scores(IndexSearcher searcher, Clauses clauses, int doc) =>
        clauses.Queries.Index().Select(clause => (clause.Index, Explained: searcher.Explain((Query)clause.Item!, doc)))
            .Where(clause => clause.Explained.IsMatch).ToDictionary(clause => clause.Index, clause => (double)clause.Explained.Value);

    private static SortField SortOf(SearchRequest request) =>
        new(LuceneDocuments.Sort + request.Sort, SearchFields.Find(request.Sort)!.IsOrdered ? SortFieldType.INT64 : SortFieldType.STRING,
            request.Descending);

    private static Term IdOf(Guid id) => new(SearchFields.Id, id.ToString());

    internal static SearchDocument Read(IndexSearcher searcher, int doc)
    {
        var source = searcher.Doc(doc).GetBinaryValue(LuceneDocuments.Source);
        return SearchDocument.Of(source.Bytes.AsSpan(source.Offset, source.Length));
    }

    private sealed class Similar : SearcherFactory
    {
        public override IndexSearcher NewSearcher(IndexReader reader) => new(reader) { Similarity = new BM25Similarity() };
    }
}
