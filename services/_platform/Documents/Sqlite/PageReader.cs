namespace Itsm.Platform.Documents.Sqlite;

/// <summary>Reads a page by the way that costs least: which one that is shows by counting the rows of each, up to some, and where all have
/// more, by going them side by side until one arrives. So a page costs little more than by the best way, whatever the documents
/// are.</summary>
internal static class PageReader
{
    /// <summary>How far the first way may go alone, in pages: mostly it arrives.</summary>
    private const int Ahead = 3;

    public static IReadOnlyList<StoredDocument> Read(
        SqliteSession session, CollectionTable table, DocumentQuery query, IReadOnlyList<QueryPlan> ordered,
        IReadOnlyList<CountPlan> unordered, CancellationToken ct)
    {
        if (ordered[0].Residual.Length == 0 || ordered.Count + unordered.Count == 1)
        {
            return Finish([new OrderedWalk(session, table, ordered[0], query)], query.Limit, ct);
        }

        var rows = ordered.Select(plan => plan.Range).Concat(unordered).Select(range => DocumentCounter.Rows(session, range, table.Few, ct))
            .ToList();
        var (least, number) = rows.Select((count, index) => (count, index)).Min();
        IEnumerable<Func<Walk>> ways = [
            .. ordered.Select(plan => (Func<Walk>)(() => new OrderedWalk(session, table, plan, query))),
            .. unordered.Select(plan => (Func<Walk>)(() => new UnorderedWalk(session, table, plan, query))),
        ];
        return Finish([.. (least < table.Few ? ways.Skip(number).Take(1) : ways).Select(way => way())], query.Limit, ct);
    }

    private static IReadOnlyList<StoredDocument> Finish(List<Walk> walks, int limit, CancellationToken ct)
    {
        try
        {
            var alone = walks.Count == 1 ? int.MaxValue : limit * Ahead;
            for (var step = 0; ; step++)
            {
                if (step % 1024 == 1023)
                {
                    ct.ThrowIfCancellationRequested();
                }

                if (walks[step < alone ? 0 : step % walks.Count] is var walk && !walk.Step())
                {
                    return walk.Page;
                }
            }
        }
        finally
        {
            walks.ForEach(walk => walk.Dispose());
        }
    }
}

/// <summary>One way to a page, a row at a time.</summary>
internal abstract class Walk(SqliteSession session, CollectionTable table, FieldTest[] residual) : IDisposable
{
    private readonly SqliteStatement _find = session.Rent(table.Find);

    protected SqliteSession Session => session;

    /// <summary>The page, once there is no next step.</summary>
    public abstract IReadOnlyList<StoredDocument> Page { get; }

    /// <summary>Looks at the next row; false where the page is complete.</summary>
    public abstract bool Step();

    public virtual void Dispose() => session.Return(_find);

    /// <summary>The document, where it passes what the index can't answer and <paramref name="stands"/> of its body.</summary>
    protected StoredDocument? Read(Guid id, BodyTest? stands = null)
    {
        try
        {
            _find.Bind(1, id).Step();
            var body = _find.Bytes(1);
            foreach (var test in residual)
            {
                if (!test.Field.Any(body, test))
                {
                    return null;
                }
            }

            return stands?.Invoke(body) == false ? null : new StoredDocument(id, _find.Int64(0), body.ToArray());
        }
        finally
        {
            _find.Reset();
        }
    }

    protected delegate bool BodyTest(ReadOnlySpan<byte> body);
}

/// <summary>A place in the order of a page.</summary>
internal readonly record struct Place(IndexValue Key, Guid Id) : IComparable<Place>
{
    public static Comparer<Place> Forwards { get; } = Comparer<Place>.Create((one, other) => one.CompareTo(other));

    public static Comparer<Place> Backwards { get; } = Comparer<Place>.Create((one, other) => other.CompareTo(one));

    public int CompareTo(Place other) => Key.CompareTo(other.Key) is var keys and not 0 ? keys : Id.CompareTo(other.Id);
}

/// <summary>Walks the ranges of an index side by side, always taking the next in order, until the page is full.</summary>
internal sealed class OrderedWalk : Walk
{
    // Shorter than every UUID's 16 bytes and greater than every UUID: so no document stands exactly on a bound made of them.
    private static readonly byte[] BeforeAll = [0];
    private static readonly byte[] AfterAll = [.. Enumerable.Repeat((byte)0xFF, 17)];
    private readonly QueryPlan _plan;
    private readonly FieldTest[] _carried;
    private readonly DocumentQuery _query;
    private readonly Comparer<Place> _order;
    private readonly PriorityQueue<SqliteStatement, Place> _heads;
    private readonly List<StoredDocument> _page;
    private Place? _previous;

    public OrderedWalk(SqliteSession session, CollectionTable table, QueryPlan plan, DocumentQuery query)
        : base(session, table, plan.Open)
    {
        (_plan, _carried, _query, _order) = (plan, plan.Carried, query, query.Descending ? Place.Backwards : Place.Forwards);
        (_heads, _page) = (new(_order), new(Math.Min(query.Limit, 256)));
        foreach (var prefix in QueryPlan.Combinations(plan.Prefix))
        {
            Open(prefix);
        }
    }

    public override IReadOnlyList<StoredDocument> Page => _page;

    public override bool Step()
    {
        if (_page.Count == _query.Limit || !_heads.TryDequeue(out var range, out var place))
        {
            return false;
        }

        if ((_previous is not { } last || _order.Compare(last, place) != 0)
            && (_carried.Length == 0 || IndexTable.Passes(_carried, range.Bytes(2)))
            && Read(place.Id) is { } document)
        {
            _page.Add(document);
        }

        _previous = place;
        Advance(range);
        return true;
    }

    public override void Dispose()
    {
        base.Dispose();
        while (_heads.TryDequeue(out var range, out _))
        {
            Session.Return(range);
        }
    }

    private void Open(IndexValue[] prefix)
    {
        if (_plan.Last?.Values is { } values)
        {
            foreach (var value in values)
            {
                Open(prefix, (value, BeforeAll), (value, AfterAll));
            }
        }
        else if (_plan.Last is { } test)
        {
            Open(prefix, (test.Low, test.LowIncluded ? BeforeAll : AfterAll), (test.High, test.HighIncluded ? AfterAll : BeforeAll));
        }
        else
        {
            Open(prefix, (IndexValue.Null, BeforeAll), (IndexValue.Greatest, AfterAll));
        }
    }

    private void Open(IndexValue[] prefix, (IndexValue Key, byte[] Id) low, (IndexValue Key, byte[] Id) high)
    {
        if (_query.After is { } after)
        {
            var start = (Key: IndexValue.Of(after.Value), Id: after.Id.ToByteArray(bigEndian: true));
            (low, high) = _query.Descending
                ? (low, Compare(start, high) < 0 ? start : high)
                : (Compare(start, low) > 0 ? start : low, high);
        }

        if (Compare(low, high) >= 0)
        {
            return;
        }

        var range = Session.Rent(_query.Descending ? _plan.Index.Descending : _plan.Index.Ascending);
        for (var number = 0; number < prefix.Length; number++)
        {
            range.Bind(number + 1, prefix[number]);
        }

        range.Bind(prefix.Length + 1, low.Key).Bind(prefix.Length + 2, low.Id).Bind(prefix.Length + 3, high.Key)
            .Bind(prefix.Length + 4, high.Id);
        Advance(range);
    }

    private void Advance(SqliteStatement range)
    {
        if (range.Step())
        {
            _heads.Enqueue(range, new Place(range.Value(0), range.Guid(1)));
        }
        else
        {
            Session.Return(range);
        }
    }

    private static int Compare((IndexValue Key, byte[] Id) one, (IndexValue Key, byte[] Id) other) =>
        one.Key.CompareTo(other.Key) is var keys and not 0 ? keys : one.Id.AsSpan().SequenceCompareTo(other.Id);
}

/// <summary>Looks at all rows of an index that narrows, whatever its order, and keeps the first of the page's order.</summary>
internal sealed class UnorderedWalk : Walk
{
    private readonly DocumentQuery _query;
    private readonly FieldPath _sort;
    private readonly Comparer<Place> _order;
    private readonly Place? _after;
    private readonly IEnumerator<Guid> _ids;
    private readonly HashSet<Guid>? _seen;
    private readonly BodyTest _stands;
    private Place _place;

    /// <summary>The last of the order on top.</summary>
    private readonly PriorityQueue<StoredDocument, Place> _kept;

    public UnorderedWalk(SqliteSession session, CollectionTable table, CountPlan plan, DocumentQuery query)
        : base(session, table, plan.Open)
    {
        (_query, _sort) = (query, table.Field(query.Sort));
        (_order, var reverse) = query.Descending ? (Place.Backwards, Place.Forwards) : (Place.Forwards, Place.Backwards);
        _after = query.After is { } after ? new Place(IndexValue.Of(after.Value), after.Id) : null;
        (_ids, _seen, _kept) = (DocumentCounter.Ids(session, plan).GetEnumerator(), plan.Repeats(null) ? [] : null, new(reverse));
        _stands = Stands;
    }

    public override IReadOnlyList<StoredDocument> Page
    {
        get
        {
            var page = new StoredDocument[_kept.Count];
            for (var last = page.Length - 1; last >= 0; last--)
            {
                page[last] = _kept.Dequeue();
            }

            return page;
        }
    }

    public override bool Step()
    {
        if (!_ids.MoveNext())
        {
            return false;
        }

        if (_seen?.Add(_ids.Current) != false && Read(_ids.Current, _stands) is { } document)
        {
            _kept.Enqueue(document, _place);
            if (_kept.Count > _query.Limit)
            {
                _kept.Dequeue();
            }
        }

        return true;
    }

    public override void Dispose()
    {
        base.Dispose();
        _ids.Dispose();
    }

    /// <summary>True where it belongs among the first after the place where the page begins, as far as is known.</summary>
    private bool Stands(ReadOnlySpan<byte> body)
    {
        _place = new Place(_sort.First(body), _ids.Current);
        return (_after is not { } after || _order.Compare(_place, after) > 0)
            && (_kept.Count < _query.Limit || (_kept.TryPeek(out _, out var last) && _order.Compare(_place, last) < 0));
    }
}
