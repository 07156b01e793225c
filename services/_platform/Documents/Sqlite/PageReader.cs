namespace Itsm.Platform.Documents.Sqlite;

/// <summary>Reads a page: walks the ranges of an index side by side, always taking the next in order, until the page is full.</summary>
internal static class PageReader
{
    // Shorter than every UUID's 16 bytes and greater than every UUID: so no document stands exactly on a bound made of them.
    private static readonly byte[] BeforeAll = [0];
    private static readonly byte[] AfterAll = [.. Enumerable.Repeat((byte)0xFF, 17)];

    public static IReadOnlyList<StoredDocument> Read(
        SqliteSession session, CollectionTable table, QueryPlan plan, DocumentQuery query, CancellationToken ct)
    {
        var order = query.Descending ? Backwards : Forwards;
        var heads = new PriorityQueue<SqliteStatement, Place>(order);
        var find = session.Rent(table.Find);
        try
        {
            foreach (var prefix in QueryPlan.Combinations(plan.Prefix))
            {
                Open(session, plan, prefix, query, heads);
            }

            var page = new List<StoredDocument>(Math.Min(query.Limit, 256));
            Place? previous = null;
            for (var rows = 0; page.Count < query.Limit && heads.TryDequeue(out var range, out var place); rows++)
            {
                if (rows % 1024 == 1023)
                {
                    ct.ThrowIfCancellationRequested();
                }

                if ((previous is not { } last || order.Compare(last, place) != 0) && TryRead(find, plan, place, out var document))
                {
                    page.Add(document);
                }

                previous = place;
                Advance(session, range, heads);
            }

            return page;
        }
        finally
        {
            session.Return(find);
            while (heads.TryDequeue(out var range, out _))
            {
                session.Return(range);
            }
        }
    }

    private static Comparer<Place> Forwards { get; } = Comparer<Place>.Create((one, other) => one.CompareTo(other));

    private static Comparer<Place> Backwards { get; } = Comparer<Place>.Create((one, other) => other.CompareTo(one));

    private static void Open(
        SqliteSession session, QueryPlan plan, IndexValue[] prefix, DocumentQuery query, PriorityQueue<SqliteStatement, Place> heads)
    {
        if (plan.Last?.Values is { } values)
        {
            foreach (var value in values)
            {
                Open(session, plan.Index, prefix, (value, BeforeAll), (value, AfterAll), query, heads);
            }
        }
        else if (plan.Last is { } test)
        {
            Open(session, plan.Index, prefix, (test.Low, test.LowIncluded ? BeforeAll : AfterAll),
                (test.High, test.HighIncluded ? AfterAll : BeforeAll), query, heads);
        }
        else
        {
            Open(session, plan.Index, prefix, (IndexValue.Null, BeforeAll), (IndexValue.Greatest, AfterAll), query, heads);
        }
    }

    private static void Open(
        SqliteSession session, IndexTable index, IndexValue[] prefix, (IndexValue Key, byte[] Id) low, (IndexValue Key, byte[] Id) high,
        DocumentQuery query, PriorityQueue<SqliteStatement, Place> heads)
    {
        if (query.After is { } after)
        {
            var start = (Key: IndexValue.Of(after.Value), Id: after.Id.ToByteArray(bigEndian: true));
            (low, high) = query.Descending ? (low, Compare(start, high) < 0 ? start : high) : (Compare(start, low) > 0 ? start : low, high);
        }

        if (Compare(low, high) >= 0)
        {
            return;
        }

        var range = session.Rent(query.Descending ? index.Descending : index.Ascending);
        for (var number = 0; number < prefix.Length; number++)
        {
            range.Bind(number + 1, prefix[number]);
        }

        range.Bind(prefix.Length + 1, low.Key).Bind(prefix.Length + 2, low.Id).Bind(prefix.Length + 3, high.Key)
            .Bind(prefix.Length + 4, high.Id);
        Advance(session, range, heads);
    }

    private static void Advance(SqliteSession session, SqliteStatement range, PriorityQueue<SqliteStatement, Place> heads)
    {
        if (range.Step())
        {
            heads.Enqueue(range, new Place(range.Value(0), range.Guid(1)));
        }
        else
        {
            session.Return(range);
        }
    }

    private static int Compare((IndexValue Key, byte[] Id) one, (IndexValue Key, byte[] Id) other) =>
        one.Key.CompareTo(other.Key) is var keys and not 0 ? keys : one.Id.AsSpan().SequenceCompareTo(other.Id);

    private static bool TryRead(SqliteStatement find, QueryPlan plan, in Place place, out StoredDocument document)
    {
        try
        {
            find.Bind(1, place.Id).Step();
            var body = find.Bytes(1);
            foreach (var test in plan.Residual)
            {
                if (!test.Field.Any(body, test))
                {
                    document = default;
                    return false;
                }
            }

            document = new StoredDocument(place.Id, find.Int64(0), body.ToArray());
            return true;
        }
        finally
        {
            find.Reset();
        }
    }

    private readonly record struct Place(IndexValue Key, Guid Id) : IComparable<Place>
    {
        public int CompareTo(Place other) => Key.CompareTo(other.Key) is var keys and not 0 ? keys : Id.CompareTo(other.Id);
    }
}
