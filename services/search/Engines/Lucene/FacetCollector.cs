using System.Runtime.CompilerServices;
using Lucene.Net.Index;
using Lucene.Net.Search;
using Lucene.Net.Util;

namespace Itsm.Search.Engines.Lucene;

/// <summary>Counts everything that is found by the values of columns: exact, for it looks at each hit.</summary>
internal sealed class FacetCollector(IReadOnlyList<string> fields) : ICollector
{
    private static readonly ConditionalWeakTable<object, Dictionary<string, Column?>> Known = [];
    private readonly Dictionary<string, long>[] _counts = [.. fields.Select(_ => new Dictionary<string, long>())];
    private readonly Column?[] _columns = new Column?[fields.Count];
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
            for (var at = _columns[index]?.Starts[doc] ?? 0; at < _columns[index]?.Starts[doc + 1]; at++)
            {
                _segment[index][_columns[index]!.Ordinals[at]]++;
            }
        }
    }

    public void SetNextReader(AtomicReaderContext context)
    {
        Merge();
        for (var index = 0; index < _columns.Length; index++)
        {
            _columns[index] = ColumnOf(context.AtomicReader, fields[index]);
            _segment[index] = new int[_columns[index]?.Values.Length ?? 0];
        }
    }

    /// <summary>For each field: how many there are of each value, the most frequent first.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> Counts()
    {
        Merge();
        Array.Clear(_columns);
        return fields.Select((field, index) => (field, counts: _counts[index]))
            .ToDictionary(pair => pair.field, pair => (IReadOnlyDictionary<string, long>)pair.counts);
    }

    private void Merge()
    {
        for (var index = 0; index < _columns.Length; index++)
        {
            for (var ordinal = 0; _columns[index] is { } column && ordinal < column.Values.Length; ordinal++)
            {
                if (_segment[index][ordinal] is > 0 and var count)
                {
                    _counts[index][column.Values[ordinal]] = _counts[index].GetValueOrDefault(column.Values[ordinal]) + count;
                }
            }
        }
    }

    // A segment never changes: its columns are unpacked once, and forgotten with it.
    private static Column? ColumnOf(AtomicReader reader, string field)
    {
        var columns = Known.GetOrCreateValue(reader.CoreCacheKey);
        lock (columns)
        {
            return columns.TryGetValue(field, out var known) ? known : columns[field] = Read(reader, field);
        }
    }

    private static Column? Read(AtomicReader reader, string field)
    {
        if (reader.GetSortedSetDocValues(LuceneDocuments.Facet + field) is not { } packed)
        {
            return null;
        }

        var (starts, ordinals) = (new int[reader.MaxDoc + 1], new List<int>(reader.MaxDoc));
        for (var doc = 0; doc < reader.MaxDoc; doc++)
        {
            packed.SetDocument(doc);
            for (var ordinal = packed.NextOrd(); ordinal != SortedSetDocValues.NO_MORE_ORDS; ordinal = packed.NextOrd())
            {
                ordinals.Add((int)ordinal);
            }

            starts[doc + 1] = ordinals.Count;
        }

        var (values, value) = (new string[packed.ValueCount], new BytesRef());
        for (var ordinal = 0; ordinal < values.Length; ordinal++)
        {
            packed.LookupOrd(ordinal, value);
            values[ordinal] = value.Utf8ToString();
        }

        return new Column(starts, [.. ordinals], values);
    }

    /// <param name="Starts">By document: where its ordinals begin, and at the next one's, end.</param>
    /// <param name="Ordinals">Indices into the values.</param>
    /// <param name="Values">All values.</param>
    private sealed record Column(int[] Starts, int[] Ordinals, string[] Values);
}
