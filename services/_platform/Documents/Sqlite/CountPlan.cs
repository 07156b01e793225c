namespace Itsm.Platform.Documents.Sqlite;

/// <summary>Which index counts: values for its leading fields, an interval for the field after them, and what only bodies can answer.
/// Without an index every document is looked at.</summary>
internal sealed record CountPlan(IndexTable? Index, IndexValue[][] Equal, FieldTest? Interval, FieldTest[] Residual)
{
    private const int MostRanges = 4096;

    public static CountPlan For(string collection, CollectionTable table, IReadOnlyList<Condition> where, string? group)
    {
        var tests = where.Select(condition => new FieldTest(table.Field(condition.Field), condition)).ToArray();
        var best = table.Indexes.Where(index => QueryPlan.Usable(index, tests)).Select(index => Plan(index, tests))
            .Where(plan => plan.Residual.Length < tests.Length || (tests.Length == 0 && plan.Has(group)))
            .OrderBy(plan => plan.Residual.Length).ThenByDescending(plan => plan.Has(group)).ThenBy(plan => plan.Ranges)
            .FirstOrDefault();
        return best is null && tests.Length > 0
            ? throw new UndeclaredIndexException($"{collection}: no index begins with "
                + $"{string.Join(" or ", where.Select(condition => condition.Field))}.")
            : best ?? new CountPlan(null, [], null, []);
    }

    /// <summary>True where a document can stand in the ranges several times; asked once the state that is read is fixed.</summary>
    public bool Repeats(FieldPath? except) => Index!.Fields.Index().Any(field => field.Item != except && field.Item.Several
        && (field.Index >= Equal.Length || Equal[field.Index].Length > 1));

    private long Ranges => Equal.Aggregate(1L, (product, values) => Math.Min(product * values.Length, int.MaxValue));

    private bool Has(string? field) => Array.Exists(Index!.Fields, candidate => candidate.Name == field);

    private static CountPlan Plan(IndexTable index, FieldTest[] tests)
    {
        var (equal, used, ranges) = (new List<IndexValue[]>(), new List<FieldTest?>(), 1L);
        foreach (var field in index.Fields)
        {
            if (QueryPlan.Values(index, field, tests, out var test) is not { } values
                || (equal.Count > 0 && ranges * values.Length > MostRanges))
            {
                break;
            }

            equal.Add(values);
            used.Add(test);
            ranges *= values.Length;
        }

        var interval = IntervalOn(index, equal.Count, tests);
        while (interval is null && used is [.., null])
        {
            equal.RemoveAt(equal.Count - 1);
            used.RemoveAt(used.Count - 1);
            interval = IntervalOn(index, equal.Count, tests);
        }

        return new CountPlan(index, [.. equal], interval, [.. tests.Where(test => test != interval && !used.Contains(test))]);
    }

    private static FieldTest? IntervalOn(IndexTable index, int number, FieldTest[] tests) => number == index.Fields.Length
        ? null
        : Array.Find(tests, test => test.Values is null && test.Field == index.Fields[number]);
}
