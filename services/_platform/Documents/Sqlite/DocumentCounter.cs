namespace Itsm.Platform.Documents.Sqlite;

/// <summary>Counts documents: in the index alone where each stands there once, else by their ids. What an index leaves open the bodies
/// answer where they are few, else the ids that another index gives.</summary>
internal static partial class DocumentCounter
{
    /// <summary>How many rows are looked at for each document of a count that ends, before another way is taken.</summary>
    private const int Ahead = 4;

    public static long Count(SqliteSession session, CollectionTable table, CountPlan plan, CancellationToken ct)
    {
        var count = 0L;
        if (plan.Index is null)
        {
            ForEach(session, table.Count, [], plan, row => count = row.Int64(0), ct);
        }
        else if (plan.Residual.Length == 0 && !plan.Repeats(null))
        {
            ForEachRange(session, plan, "count(*)", row => count += row.Int64(0), ct);
        }
        else
        {
            var rest = Rest.Of(session, table, plan.Open, HasMany(session, table, plan, ct), ct);
            ForEachDocument(session, table, plan, rest, (_, _) => count++, false, ct);
        }

        return count;
    }

    /// <summary>How many documents there are, at most <paramref name="most"/>: by rows alone where those of a plan answer all, else by the
    /// plan that has the fewest and, while they are few, by the bodies.</summary>
    public static long CountSome(
        SqliteSession session, CollectionTable table, IReadOnlyList<CountPlan> plans, long most, CancellationToken ct)
    {
        var least = plans.FirstOrDefault(plan => plan.Open.Length == 0)
            ?? plans.MinBy(plan => Rows(session, plan, most * Ahead, ct))!;
        if (least.Index is null)
        {
            return Math.Min(most, Count(session, table, least, ct));
        }

        if (least.Residual.Length == 0 && !least.Repeats(null))
        {
            return Rows(session, least, most, ct);
        }

        var (count, rows, rest, seen) = (0L, 0L, new Rest(null, least.Open), least.Repeats(null) ? new HashSet<Guid>() : null);
        var find = session.Rent(table.Find);
        try
        {
            foreach (var id in Ids(session, least))
            {
                if (rows % 1024 == 1023)
                {
                    ct.ThrowIfCancellationRequested();
                }

                if (++rows == most * Ahead && Rows(session, least, rows * Ahead, ct) == rows * Ahead)
                {
                    rest = Rest.Of(session, table, least.Open, true, ct);
                }

                if (seen?.Add(id) != false && rest.Has(id) && (rest.Tests.Length == 0 || Passes(id)) && ++count == most)
                {
                    break;
                }
            }

            return count;
        }
        finally
        {
            session.Return(find);
        }

        bool Passes(Guid id)
        {
            find.Bind(1, id).Step();
            var passes = rest.Passes(find.Bytes(1));
            find.Reset();
            return passes;
        }
    }

    /// <summary>How many rows a plan has, at most <paramref name="most"/>.</summary>
    public static long Rows(SqliteSession session, CountPlan plan, long most, CancellationToken ct)
    {
        var rows = 0L;
        foreach (var values in QueryPlan.Combinations(plan.Equal).TakeWhile(_ => rows < most))
        {
            ct.ThrowIfCancellationRequested();
            var statement = session.Rent(plan.Select(IndexTable.Some));
            try
            {
                plan.Bind(statement, values);
                statement.Bind(values.Length + 3, most - rows).Step();
                rows += statement.Int64(0);
            }
            finally
            {
                session.Return(statement);
            }
        }

        return rows;
    }

    /// <summary>The ids in the rows of a plan that pass what they answer; one that has several rows comes several times.</summary>
    public static IEnumerable<Guid> Ids(SqliteSession session, CountPlan plan)
    {
        var carried = plan.Carried;
        foreach (var values in QueryPlan.Combinations(plan.Equal))
        {
            var statement = session.Rent(plan.Select(carried.Length == 0 ? "id" : "id, carried"));
            try
            {
                plan.Bind(statement, values);
                while (statement.Step())
                {
                    if (carried.Length == 0 || IndexTable.Passes(carried, statement.Bytes(1)))
                    {
                        yield return statement.Guid(0);
                    }
                }
            }
            finally
            {
                session.Return(statement);
            }
        }
    }

    /// <summary>True where all rows of another index are read sooner than the bodies.</summary>
    private static bool HasMany(SqliteSession session, CollectionTable table, CountPlan plan, CancellationToken ct) =>
        Rows(session, plan, table.Few * 10, ct) == table.Few * 10;

    private delegate void DocumentAction(Guid id, ReadOnlySpan<byte> body);

    private static void ForEachDocument(
        SqliteSession session, CollectionTable table, CountPlan plan, Rest rest, DocumentAction audit, bool bodies, CancellationToken ct)
    {
        var seen = plan.Repeats(null) ? new HashSet<Guid>() : null;
        var find = session.Rent(table.Find);
        try
        {
            foreach (var (number, id) in Ids(session, plan).Index())
            {
                if (number % 1024 == 1023)
                {
                    ct.ThrowIfCancellationRequested();
                }

                if (seen?.Add(id) == false || !rest.Has(id))
                {
                    continue;
                }

                if (!bodies && rest.Tests.Length == 0)
                {
                    audit(id, default);
                    continue;
                }

                find.Bind(1, id).Step();
                var body = find.Bytes(1);
                if (rest.Passes(body))
                {
                    audit(id, body);
                }

                find.Reset();
            }
        }
        finally
        {
            session.Return(find);
        }
    }

    private static void ForEachRange(
        SqliteSession session, CountPlan plan, string columns, Action<SqliteStatement> audit, CancellationToken ct)
    {
        foreach (var values in QueryPlan.Combinations(plan.Equal))
        {
            ForEach(session, plan.Select(columns), values, plan, audit, ct);
        }
    }

    private static void ForEach(
        SqliteSession session, Sql sql, IndexValue[] values, CountPlan plan, Action<SqliteStatement> audit, CancellationToken ct)
    {
        var statement = session.Rent(sql);
        try
        {
            plan.Bind(statement, values);
            for (var rows = 1; statement.Step(); rows++)
            {
                audit(statement);
                if (rows % 1024 == 0)
                {
                    ct.ThrowIfCancellationRequested();
                }
            }
        }
        finally
        {
            session.Return(statement);
        }
    }

    /// <summary>What rows leave open.</summary>
    /// <param name="Ids">For each test that another index answers the ids that pass; null where there is none.</param>
    /// <param name="Tests">The tests that the bodies answer.</param>
    private readonly record struct Rest(List<HashSet<Guid>>? Ids, FieldTest[] Tests)
    {
        public static Rest Of(SqliteSession session, CollectionTable table, FieldTest[] open, bool many, CancellationToken ct)
        {
            var (ids, tests) = (new List<HashSet<Guid>>(), new List<FieldTest>());
            foreach (var test in open)
            {
                ct.ThrowIfCancellationRequested();
                if (many && CountPlan.Answering(table, test) is { } other)
                {
                    ids.Add([.. DocumentCounter.Ids(session, other)]);
                }
                else
                {
                    tests.Add(test);
                }
            }

            return new Rest(ids.Count == 0 ? null : ids, [.. tests]);
        }

        public bool Has(Guid id) => Ids?.TrueForAll(some => some.Contains(id)) != false;

        public bool Passes(ReadOnlySpan<byte> body)
        {
            foreach (var test in Tests)
            {
                if (!test.Field.Any(body, test))
                {
                    return false;
                }
            }

            return true;
        }
    }
}
