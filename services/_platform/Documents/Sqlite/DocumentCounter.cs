using MongoDB.Bson;

namespace Itsm.Platform.Documents.Sqlite;

/// <summary>Counts documents: in the index alone where each stands there once, else by their ids, else by their bodies.</summary>
internal static class DocumentCounter
{
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
            ForEachDocument(session, table, plan, (_, _) => count++, false, ct);
        }

        return count;
    }

    public static IReadOnlyDictionary<BsonValue, long> Group(
        SqliteSession session, CollectionTable table, CountPlan plan, FieldPath field, CancellationToken ct)
    {
        var groups = new Dictionary<IndexValue, (BsonValue? Key, Guid Sample, long Count)>();
        var number = plan.Index is null ? -1 : Array.IndexOf(plan.Index.Fields, field);
        var whole = number >= 0 && plan.Residual.Length == 0
            && !(field.Several && (number < plan.Equal.Length || (number == plan.Equal.Length && plan.Interval is not null)));
        if (whole && !plan.Repeats(except: field))
        {
            ForEachRange(session, plan, $"k{number}, count(*), min(id) GROUP BY k{number}",
                row => Add(row.Value(0), row.Guid(2), row.Int64(1)), ct);
        }
        else if (whole)
        {
            var seen = new HashSet<(IndexValue, Guid)>();
            ForEachRange(session, plan, $"k{number}, id", row =>
            {
                var (value, id) = (row.Value(0), row.Guid(1));
                if (seen.Add((value, id)))
                {
                    Add(value, id, 1);
                }
            }, ct);
        }
        else if (plan.Index is not null)
        {
            ForEachDocument(session, table, plan, AddBody, true, ct);
        }
        else
        {
            ForEach(session, table.Bodies, [], plan, row => AddBody(default, row.Bytes(0)), ct);
        }

        return groups.ToDictionary(group => group.Value.Key ?? Original(session, table, field, group.Key, group.Value.Sample), group =>
            group.Value.Count);

        void Add(IndexValue value, Guid sample, long count) =>
            groups[value] = groups.TryGetValue(value, out var group) ? group with { Count = group.Count + count } : (null, sample, count);

        void AddBody(Guid id, ReadOnlySpan<byte> body)
        {
            byte[] copy = body.ToArray();
            foreach (var value in field.Read(copy))
            {
                groups.TryGetValue(value, out var group);
                groups[value] = (group.Key ?? field.Original(copy, value), id, group.Count + 1);
            }
        }
    }

    // An index table does not tell a date from a number; a document that has the value does.
    private static BsonValue Original(SqliteSession session, CollectionTable table, FieldPath field, IndexValue value, Guid sample)
    {
        if (value.IsNull)
        {
            return BsonNull.Value;
        }

        var find = session.Rent(table.Find);
        try
        {
            find.Bind(1, sample).Step();
            return field.Original(find.Bytes(1), value);
        }
        finally
        {
            session.Return(find);
        }
    }

    private delegate void DocumentAction(Guid id, ReadOnlySpan<byte> body);

    private static void ForEachDocument(
        SqliteSession session, CollectionTable table, CountPlan plan, DocumentAction audit, bool bodies, CancellationToken ct)
    {
        var seen = plan.Repeats(null) ? new HashSet<Guid>() : null;
        var find = session.Rent(table.Find);
        try
        {
            ForEachRange(session, plan, "id", row =>
            {
                var id = row.Guid(0);
                if (seen?.Add(id) == false)
                {
                    return;
                }

                if (!bodies && plan.Residual.Length == 0)
                {
                    audit(id, default);
                    return;
                }

                find.Bind(1, id).Step();
                var body = find.Bytes(1);
                if (Passes(plan, body))
                {
                    audit(id, body);
                }

                find.Reset();
            }, ct);
        }
        finally
        {
            session.Return(find);
        }
    }

    private static bool Passes(CountPlan plan, ReadOnlySpan<byte> body)
    {
        foreach (var test in plan.Residual)
        {
            if (!test.Field.Any(body, test))
            {
                return false;
            }
        }

        return true;
    }

    private static void ForEachRange(
        SqliteSession session, CountPlan plan, string columns, Action<SqliteStatement> audit, CancellationToken ct)
    {
        var bounds = plan.Interval is { } interval ? 5 + (interval.LowIncluded ? 2 : 0) + (interval.HighIncluded ? 8 : 0) : 0;
        var sql = plan.Index!.Select(plan.Equal.Length, bounds, columns);
        foreach (var values in QueryPlan.Combinations(plan.Equal))
        {
            ForEach(session, sql, values, plan, audit, ct);
        }
    }

    private static void ForEach(
        SqliteSession session, Sql sql, IndexValue[] values, CountPlan plan, Action<SqliteStatement> audit, CancellationToken ct)
    {
        var statement = session.Rent(sql);
        try
        {
            for (var number = 0; number < values.Length; number++)
            {
                statement.Bind(number + 1, values[number]);
            }

            if (plan.Interval is { } interval)
            {
                statement.Bind(values.Length + 1, interval.Low).Bind(values.Length + 2, interval.High);
            }

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
}
