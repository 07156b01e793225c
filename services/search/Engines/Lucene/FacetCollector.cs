using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Util;

namespace Itsm.Search.Engines.Lucene;

/// <summary>Counts everything that is found by the values of columns: exact, for it looks at each hit.</summary>
internal sealed class FacetCollector(IReadOnlyList<string> fields) : ICollector
{
    private readonly Dictionary<string, long>[] _counts = [.. fields.Select(_ => new Dictionary<string, long>())];
    private readonly SortedDocValues?[] _columns = new SortedDocValues?[fields.Count];
    private readonly int[][] _segment = new int[fields.Count][];

    public bool AcceptsDocsOutOfOrder => true;

    public void SetScorer(Scorer scorer)
    {
        // Counts don't depend on scores.
    }

    public void Collect(int doc)
    {
        for (var index = 0; index < _columns.Length; index++)
        {
            if (_columns[index]?.GetOrd(doc) is >= 0 and var ord)
            {
                _segment[index][ord]++;
            }
        }
    }

    public void SetNextReader(AtomicReaderContext context)
    {
        Merge();
        for (var index = 0; index < _columns.Length; index++)
        {
            _columns[index] = context.AtomicReader.GetSortedDocValues(LuceneDocuments.Facet + fields[index]);
            _segment[index] = new int[_columns[index]?.ValueCount ?? 0];
        }
    }

    /// <summary>For each field: how many there are of each value, the most frequent first.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> Counts()
    {
        Merge();
        Array.Clear(_columns);
        return fields.Select((field, index) => (field, counts: _counts[index])).ToDictionary(pair => pair.field, pair => (IReadOnlyDictionary<string, long>)pair.counts);
    }

    private void Merge()
    {
        var value = new BytesRef();
        for (var index = 0; index < _columns.Length; index++)
        {
            for (var ord = 0; _columns[index] is { } column && ord < column.ValueCount; ord++)
            {
                if (_segment[index][ord] is > 0 and var count)
                {
                    column.LookupOrd(ord, value);
                    var name = value.Utf8ToString();
                    _counts[index][name] = _counts[index].GetValueOrDefault(name) + count;
                }
            }
        }
    }
}
