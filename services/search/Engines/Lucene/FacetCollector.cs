using System.Runtime.CompilerServices;
using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Util;

namespace Itsm.Search.Engines.Lucene;

/// <summary>Counts everything that is found by the values of columns: exact, for it looks at each hit.</summary>
internal sealed class FacetCollector(IReadOnlyList<string> fields) : ICollector
{
    private static readonly ConditionalWeakTable<object, Dictionary<string, Column>> Known = [];
    private readonly Dictionary<string, long>[] _counts = [.. fields.Select(_ => new Dictionary<string, long>())];

    /// <summary>For each field: the column of the segment that is being looked at, and how often each of its values has come.</summary>
    private readonly (Column Column, int[] Counts)[] _segment = new (Column, int[])[fields.Count];

    public bool AcceptsDocsOutOfOrder => true;

    public void SetScorer(Scorer scorer)
    {
        // Counts don't depend on scores.
    }

    public void Collect(int doc)
    {
        foreach (var (column, counts) in _segment)
        {
            if (column.Single is { } single)
            {
                counts[single[doc]]++;
                continue;
            }

            for (int at = column.Starts[doc], end = column.Starts[doc + 1]; at < end; at++)
            {
                counts[column.Ordinals[at]]++;
            }
        }
    }

    public void SetNextReader(AtomicReaderContext context)
    {
        Merge();
        for (var index = 0; index < _segment.Length; index++)
        {
            var column = ColumnOf(context.AtomicReader, fields[index]);
            _segment[index] = (column, new int[column.Values.Length + 1]);
        }
    }

    /// <summary>For each field: how many there are of each value, the most frequent first.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> Counts()
    {
        Merge();
        return fields.Select((field, index) => (field, counts: _counts[index]))
            .ToDictionary(pair => pair.field, pair => (IReadOnlyDictionary<string, long>)pair.counts);
    }

    private void Merge()
    {
        for (var index = 0; index < _segment.Length; index++)
        {
            var (column, counts) = _segment[index];
            for (var value = 0; value < column?.Values.Length; value++)
            {
                if (counts[value + 1] is > 0 and var count)
                {
                    _counts[index][column.Values[value]] = _counts[index].GetValueOrDefault(column.Values[value]) + count;
                }
            }

            _segment[index] = default;
        }
    }

    // A segment never changes: its columns are unpacked once, and forgotten with it.
    private static Column ColumnOf(AtomicReader reader, string field)
    {
        var columns = Known.GetOrCreateValue(reader.CoreCacheKey);
        lock (columns)
        {
            return columns.TryGetValue(field, out var known) ? known : columns[field] = Read(reader, field);
        }
    }

    private static Column Read(AtomicReader reader, string field)
    {
        var (single, starts, ordinals) = (new int[reader.MaxDoc], new int[reader.MaxDoc + 1], new List<int>(reader.MaxDoc));
        if (reader.GetSortedSetDocValues(LuceneDocuments.Facet + field) is not { } packed)
        {
            return new Column(single, [], [], []);
        }

        var isSingle = true;
        for (var doc = 0; doc < reader.MaxDoc; doc++)
        {
            packed.SetDocument(doc);
            for (var ordinal = packed.NextOrd(); ordinal != SortedSetDocValues.NO_MORE_ORDS; ordinal = packed.NextOrd())
            {
                isSingle &= single[doc] == 0;
                single[doc] = (int)ordinal + 1;
                ordinals.Add(single[doc]);
            }

            starts[doc + 1] = ordinals.Count;
        }

        var (values, value) = (new string[packed.ValueCount], new BytesRef());
        for (var ordinal = 0; ordinal < values.Length; ordinal++)
        {
            packed.LookupOrd(ordinal, value);
            values[ordinal] = value.Utf8ToString();
        }

        return isSingle ? new Column(single, [], [], values) : new Column(null, starts, [.. ordinals], values);
    }

    /// <param name="Single">By document: its only value, as its index + 1, or 0; null where a document has several.</param>
    /// <param name="Starts">By document, where some have several: where its ordinals begin, and at the next one's, end.</param>
    /// <param name="Ordinals">Indices into the values, + 1.</param>
    /// <param name="Values">All values.</param>
    private sealed record Column(int[]? Single, int[] Starts, int[] Ordinals, string[] Values);
}
