namespace Itsm.Platform.Documents.Sqlite;

/// <summary>A way to a page in the query's order: the values that the leading fields of an index are matched with, the test its last field
/// is scanned by, and the conditions that only the bodies can answer.</summary>
/// <param name="Index">Ends with the order.</param>
/// <param name="Prefix">Values for all its fields but the last.</param>
/// <param name="Last">Bounds the order; null for all of it.</param>
/// <param name="Residual">What is left to the bodies.</param>
/// <param name="Range">The same rows without an order, to count them.</param>
internal sealed record QueryPlan(IndexTable Index, IndexValue[][] Prefix, FieldTest? Last, FieldTest[] Residual, CountPlan Range)
{
    private const int MostRanges = 4096;

    /// <summary>The ways to a page, those that leave less to the bodies first: in order, or from indexes in other orders that narrow
    /// differently, all of whose rows must be looked at.</summary>
    public static (IReadOnlyList<QueryPlan> Ordered, IReadOnlyList<CountPlan> Unordered) For(
        CollectionDefinition collection, CollectionTable table, DocumentQuery query)
    {
        var tests = query.Where.Select(condition => new FieldTest(table.Field(condition.Field), condition)).ToArray();
        var usable = table.Whole.Where(index => tests.Length > 0 && Usable(index, tests)).ToList();
        var fitting = usable.Where(index => index.Fields[^1].Name == query.Sort)
            .Select(index => TryPlan(index, tests)).OfType<QueryPlan>()
            .OrderBy(plan => plan.Residual.Length).ThenBy(plan => plan.Ranges).ToList();
        if (fitting.Count == 0 && DeclaredIndexes.IsByIds(collection, query))
        {
            fitting.Add(new QueryPlan(table.Ids, [], Array.Find(tests, test => test.Field.Name == query.Sort && test.Values is [_]), tests,
                new CountPlan(table.Ids, [], null, tests)));
        }

        if (fitting.Count == 0)
        {
            throw new UndeclaredIndexException(
                $"{collection.Name}: no index ends with {query.Sort} and begins with "
                + $"{string.Join(", ", query.Where.Select(condition => condition.Field).Distinct())}.");
        }

        var ordered = new List<QueryPlan>();
        foreach (var plan in fitting.Where(plan => plan.Ranges <= MostRanges))
        {
            if (!ordered.Exists(better => LeavesNoMore(better.Residual, plan.Residual)))
            {
                ordered.Add(plan);
            }
        }

        if (ordered.Count == 0)
        {
            throw new ArgumentException($"{collection.Name}: the query combines {fitting[0].Ranges} values; at most {MostRanges} are read "
                + "at once.", nameof(query));
        }

        var unordered = new List<CountPlan>();
        foreach (var plan in usable.Select(index => CountPlan.Of(index, tests)).OrderBy(plan => plan.Residual.Length))
        {
            if (plan.Residual.Length < tests.Length && !ordered.Exists(better => LeavesNoMore(better.Residual, plan.Residual))
                && !unordered.Exists(better => LeavesNoMore(better.Residual, plan.Residual)))
            {
                unordered.Add(plan);
            }
        }

        return (ordered, unordered);
    }

    /// <summary>An index that leaves documents out can't answer for those.</summary>
    public static bool Usable(IndexTable index, FieldTest[] tests) => !index.LeavesOut || index.Holds(tests);

    /// <summary>The shortest list of values that a condition, or else the domain, gives a field.</summary>
    public static IndexValue[]? Values(IndexTable index, FieldPath field, FieldTest[] tests, out FieldTest? used)
    {
        used = tests.Where(test => test.Field == field && test.Values is not null).MinBy(test => test.Values!.Length);
        return used?.Values
            ?? (index.Definition.Domains.TryGetValue(field.Name, out var domain) ? [.. domain.Select(IndexValue.Of).Distinct()] : null);
    }

    /// <summary>All combinations of one value for each field.</summary>
    public static IEnumerable<IndexValue[]> Combinations(IndexValue[][] values) => values.Aggregate(
        (IEnumerable<IndexValue[]>)[[]], (heads, field) => heads.SelectMany(head => field.Select(value => (IndexValue[])[.. head, value])));

    /// <summary>Tests that the rows answer by what they carry.</summary>
    public FieldTest[] Carried => Array.FindAll(Residual, Index.Carries);

    /// <summary>Tests that only bodies answer.</summary>
    public FieldTest[] Open => Array.FindAll(Residual, test => !Index.Carries(test));

    private long Ranges =>
        Prefix.Aggregate(Last?.Values?.LongLength ?? 1L, (product, values) => Math.Min(product * values.Length, int.MaxValue));

    /// <summary>True where the tests that one way leaves to the bodies are among those that the other leaves.</summary>
    public static bool LeavesNoMore(FieldTest[] one, FieldTest[] other) => Array.TrueForAll(one, test => Array.IndexOf(other, test) >= 0);

    private static QueryPlan? TryPlan(IndexTable index, FieldTest[] tests)
    {
        var used = new List<FieldTest>();
        var prefix = new IndexValue[index.Fields.Length - 1][];
        for (var number = 0; number < prefix.Length; number++)
        {
            if (Values(index, index.Fields[number], tests, out var test) is not { } values)
            {
                return null;
            }

            prefix[number] = values;
            used.AddRange(test is null ? [] : [test]);
        }

        var own = tests.Where(test => test.Field == index.Fields[^1]);
        var combinations = prefix.Aggregate(1L, (product, values) => Math.Min(product * Math.Max(1, values.Length), int.MaxValue));
        var last = own.FirstOrDefault(test => test.Values is not null && test.Values.Length * combinations <= MostRanges)
            ?? own.FirstOrDefault(test => test.Values is null);
        used.AddRange(last is null ? [] : [last]);
        return new QueryPlan(index, prefix, last, [.. tests.Except(used)], CountPlan.Of(index, tests));
    }
}
