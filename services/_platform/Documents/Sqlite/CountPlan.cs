namespace Itsm.Platform.Documents.Sqlite;

/// <summary>Which index counts: values for its leading fields, an interval for the field after them, and what only bodies can answer.
/// Without an index every document is looked at.</summary>
internal sealed record CountPlan(IndexTable? Index, IndexValue[][] Equal, FieldTest? Interval, FieldTest[] Residual)
{
    private const int MostRanges = 4096;

    /// <summary>The plans, those that leave less to the bodies first, and, to group by a field, the one whose index has it.</summary>
    public static (IReadOnlyList<CountPlan> Narrow, CountPlan? Grouped) For(
        string collection, CollectionTable table, IReadOnlyList<Condition> where, string? group)
    {
        var tests = where.Select(condition => new FieldTest(table.Field(condition.Field), condition)).ToArray();
        List<CountPlan> plans = [.. table.Whole.Where(index => QueryPlan.Usable(index, tests)).Select(index => Of(index, tests))
            .OrderBy(plan => plan.Residual.Length).ThenByDescending(plan => plan.Has(group)).ThenBy(plan => plan.Ranges)];
        var grouped = group is null ? null : plans.Find(plan => plan.Has(group));
        var narrow = new List<CountPlan>();
        foreach (var plan in plans.Where(plan => plan.Residual.Length < tests.Length))
        {
            if (!narrow.Exists(better => QueryPlan.LeavesNoMore(better.Residual, plan.Residual)))
            {
                narrow.Add(plan);
            }
        }

        return narrow.Count > 0 ? (narrow, grouped)
            : tests.Length == 0 ? ([grouped ?? new CountPlan(null, [], null, [])], grouped)
            : throw new UndeclaredIndexException($"{collection}: no index begins with "
                + $"{string.Join(" or ", where.Select(condition => condition.Field))}.");
    }

    /// <summary>The plan that answers a test by an index alone, or null.</summary>
    public static CountPlan? Answering(CollectionTable table, FieldTest test) => table.Whole.FirstOrDefault(
        index => index.Fields[0] == test.Field && QueryPlan.Usable(index, [test])) is { } found ? Of(found, [test]) : null;

    /// <summary>The statement that reads these columns of the rows.</summary>
    public Sql Select(string columns) => Index!.Select(Equal.Length,
        Interval is { } interval ? 5 + (interval.LowIncluded ? 2 : 0) + (interval.HighIncluded ? 8 : 0) : 0, columns);

    /// <summary>Tests that the rows answer by what they carry.</summary>
    public FieldTest[] Carried => Index is { Carried.Length: > 0 } ? Array.FindAll(Residual, Index.Carries) : [];

    /// <summary>Tests that only bodies answer.</summary>
    public FieldTest[] Open => Index is { Carried.Length: > 0 } ? Array.FindAll(Residual, test => !Index.Carries(test)) : Residual;

    /// <summary>Binds one combination of the values, and the interval.</summary>
    public void Bind(SqliteStatement statement, IndexValue[] values)
    {
        for (var number = 0; number < values.Length; number++)
        {
            statement.Bind(number + 1, values[number]);
        }

        if (Interval is { } interval)
        {
            statement.Bind(values.Length + 1, interval.Low).Bind(values.Length + 2, interval.High);
        }
    }

    /// <summary>True where a document can stand in the ranges several times; asked once the state that is read is fixed.</summary>
    public bool Repeats(FieldPath? except) => Index!.Fields.Index().Any(field => field.Item != except && field.Item.Several
        && (field.Index >= Equal.Length || Equal[field.Index].Length > 1));

    private long Ranges => Equal.Aggregate(1L, (product, values) => Math.Min(product * values.Length, int.MaxValue));

    private bool Has(string? field) => Array.Exists(Index!.Fields, candidate => candidate.Name == field);

    /// <summary>How an index counts what passes these tests.</summary>
    public static CountPlan Of(IndexTable index, FieldTest[] tests)
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
