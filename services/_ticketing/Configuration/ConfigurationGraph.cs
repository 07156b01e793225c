using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Itsm.Contracts.Assets;

namespace Itsm.Ticketing.Configuration;

/// <summary>All configuration items and their relations, also those that have ended, in memory: some 80 bytes for each of them. Fed by
/// <see cref="ConfigurationItemChanged"/> in any order; asked by the views of callers. For any number of threads.</summary>
/// <remarks>Nodes and relations are numbered places in two arrays; a node keeps its place, that of a removed relation is used again.
/// Words that many share (types, sets of readers) are kept once, and for good.</remarks>
public sealed class ConfigurationGraph : IDisposable
{
    private const long Unknown = long.MinValue;
    private const int DictionaryEntry = 32;
    private const int ObjectHeader = 24;
    private readonly ReaderWriterLockSlim _lock = new();
    private readonly Dictionary<Guid, int> _places = [];
    private readonly Dictionary<int, ItemPeriod[]> _periods = [];
    private readonly Dictionary<RelationKind, int> _kindPlaces = [];
    private readonly Dictionary<string, int> _names = [];
    private readonly Dictionary<string, int> _readerPlaces = [];
    private readonly Dictionary<string, int> _classPlaces = [];
    private GraphNode[] _nodes = [];
    private GraphRelation[] _relations = [];
    private RelationKind[] _kinds = [];
    private string[][] _readers = [];
    private string[] _classes = [];
    private int _used;
    private int _free = GraphNode.None;

    /// <summary>How many items have told of themselves.</summary>
    public int Items { get; private set; }

    /// <summary>How many relations are held, also those that have ended.</summary>
    public int Relations { get; private set; }

    /// <summary>Estimate of the memory in use, spare room included.</summary>
    public long Bytes => Read(() =>
        ((long)_nodes.Length * Unsafe.SizeOf<GraphNode>()) + ((long)_relations.Length * Unsafe.SizeOf<GraphRelation>())
        + ((long)(_places.Capacity + _periods.Capacity + _readerPlaces.Capacity + _names.Capacity) * DictionaryEntry)
        + ((long)(_kinds.Length + (2 * _kindPlaces.Capacity)) * Unsafe.SizeOf<RelationKind>())
        + _kindPlaces.Keys.Sum(kind => SizeOf(kind.Type) + SizeOf(kind.Alternatives ?? ""))
        + _readerPlaces.Keys.Sum(key => 2 * SizeOf(key))
        + _periods.Values.Sum(periods => (long)periods.Length * (ObjectHeader + (2 * ObjectHeader))));

    internal GraphNode[] Nodes => _nodes;

    internal GraphRelation[] Links => _relations;

    internal RelationKind[] Kinds => _kinds;

    internal string[][] Readers => _readers;

    internal string[] Classes => _classes;

    /// <summary>Takes over what a message says of its item, unless the same or a newer version is held.</summary>
    /// <returns>False where nothing changed.</returns>
    public bool Apply(ConfigurationItemChanged item) =>
        Apply(item.Id, item.Version, item.Class, item.Readers, item.Present, item.Relations);

    /// <summary>Takes over how an item is, as <see cref="ConfigurationItemChanged"/> names it, unless the same or a newer version is
    /// held.</summary>
    /// <returns>False where nothing changed.</returns>
    public bool Apply(Guid item, long version, string itemClass, IReadOnlyList<string> readers, IReadOnlyList<ItemPeriod> present,
        IReadOnlyList<ItemRelation> relations)
    {
        _lock.EnterWriteLock();
        try
        {
            var place = PlaceOf(item);
            if (_nodes[place].Version >= version)
            {
                return false;
            }

            Relate(place, relations);
            SetPresent(place, present);
            ref var node = ref _nodes[place];
            Items += node.Version == Unknown ? 1 : 0;
            (node.Version, node.Readers, node.Class) = (version, PlaceOf(readers), PlaceOf(itemClass));
            return true;
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    /// <summary>The version that is held of an item; null where none is.</summary>
    public long? VersionOf(Guid item) =>
        Read(() => Find(item) is var place and >= 0 && _nodes[place].Version is var version and not Unknown ? version : (long?)null);

    /// <summary>The graph as a caller sees it.</summary>
    /// <param name="tokens">The caller's reader tokens; null for all that there is.</param>
    /// <param name="at">As of when; null for now: what has not ended.</param>
    public GraphView View(IReadOnlySet<string>? tokens, DateTimeOffset? at) => new(this, tokens, at);

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    /// <summary>Reads while nothing is written.</summary>
    internal T Read<T>(Func<T> read)
    {
        _lock.EnterReadLock();
        try
        {
            return read();
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    internal int Find(Guid item) => _places.TryGetValue(item, out var place) ? place : GraphNode.None;

    internal bool IsPresent(int place, long at)
    {
        ref readonly var node = ref _nodes[place];
        return node.From != GraphNode.Several ? node.From <= at && at < node.To : WasPresent(_periods[place], at);
    }

    private static bool WasPresent(ItemPeriod[] periods, long at) =>
        Array.Exists(periods, period => period.From.UtcTicks <= at && at < End(period.To));

    private static long End(DateTimeOffset? to) => to?.UtcTicks ?? long.MaxValue;

    private static long SizeOf(string text) => ObjectHeader + (2L * text.Length);

    private static void Room<T>(ref T[] array, int place)
    {
        if (place == array.Length)
        {
            Array.Resize(ref array, Math.Max(16, place + (place / 2)));
        }
    }

    private int PlaceOf(Guid item)
    {
        ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, item, out var known);
        if (!known)
        {
            place = _places.Count - 1;
            Room(ref _nodes, place);
            _nodes[place] = new()
            {
                Id = item, Version = Unknown, Readers = GraphNode.None, FirstOut = GraphNode.None, FirstIn = GraphNode.None,
            };
        }

        return place;
    }

    private int PlaceOf(RelationKind kind)
    {
        ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(_kindPlaces, kind, out var known);
        if (!known)
        {
            place = _kindPlaces.Count - 1;
            Room(ref _kinds, place);
            ref var name = ref CollectionsMarshal.GetValueRefOrAddDefault(_names, kind.Alternatives ?? "", out var named);
            name = named ? name : _names.Count;
            _kinds[place] = kind with { Name = name };
        }

        return place;
    }

    private int PlaceOf(IReadOnlyList<string> readers)
    {
        ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(_readerPlaces, string.Join('\n', readers), out var known);
        if (!known)
        {
            place = _readerPlaces.Count - 1;
            Room(ref _readers, place);
            _readers[place] = [.. readers];
        }

        return place;
    }

    private int PlaceOf(string itemClass)
    {
        ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(_classPlaces, itemClass, out var known);
        if (!known)
        {
            place = _classPlaces.Count - 1;
            Room(ref _classes, place);
            _classes[place] = itemClass;
        }

        return place;
    }

    private void SetPresent(int place, IReadOnlyList<ItemPeriod> periods)
    {
        ref var node = ref _nodes[place];
        (node.From, node.To) = periods.Count switch
        {
            0 => (long.MaxValue, long.MaxValue),
            1 => (periods[0].From.UtcTicks, End(periods[0].To)),
            _ => (GraphNode.Several, 0),
        };
        _periods.Remove(place);
        if (periods.Count > 1)
        {
            _periods[place] = [.. periods];
        }
    }

    /// <summary>Writes the relations of a message over those held, one by one: messages append, so that most stay as they are.</summary>
    private void Relate(int source, IReadOnlyList<ItemRelation> relations)
    {
        var (last, next) = (GraphNode.None, _nodes[source].FirstOut);
        foreach (var relation in relations)
        {
            var target = PlaceOf(relation.Target);
            var kind = PlaceOf(new RelationKind(relation.Type, relation.Impact, relation.Alternatives, relation.Needs));
            var place = next;
            if (place == GraphNode.None)
            {
                place = Add(source, target);
                NextOf(source, last) = place;
            }
            else if (_relations[place].Target != target)
            {
                Leave(place);
                Enter(place, target);
            }

            ref var held = ref _relations[place];
            (held.Kind, held.From, held.To) = (kind, relation.From.UtcTicks, End(relation.To));
            (last, next) = (place, held.NextOut);
        }

        NextOf(source, last) = GraphNode.None;
        while (next != GraphNode.None)
        {
            Leave(next);
            var following = _relations[next].NextOut;
            (_relations[next].NextOut, _free) = (_free, next);
            next = following;
            Relations--;
        }
    }

    private ref int NextOf(int source, int last) =>
        ref last == GraphNode.None ? ref _nodes[source].FirstOut : ref _relations[last].NextOut;

    private int Add(int source, int target)
    {
        var place = _free;
        if (place == GraphNode.None)
        {
            place = _used++;
            Room(ref _relations, place);
        }
        else
        {
            _free = _relations[place].NextOut;
        }

        (_relations[place].Source, _relations[place].NextOut) = (source, GraphNode.None);
        Enter(place, target);
        Relations++;
        return place;
    }

    private void Enter(int place, int target)
    {
        ref var relation = ref _relations[place];
        ref var first = ref _nodes[target].FirstIn;
        (relation.Target, relation.NextIn, relation.PreviousIn) = (target, first, GraphNode.None);
        if (first != GraphNode.None)
        {
            _relations[first].PreviousIn = place;
        }

        first = place;
    }

    private void Leave(int place)
    {
        var relation = _relations[place];
        if (relation.PreviousIn == GraphNode.None)
        {
            _nodes[relation.Target].FirstIn = relation.NextIn;
        }
        else
        {
            _relations[relation.PreviousIn].NextIn = relation.NextIn;
        }

        if (relation.NextIn != GraphNode.None)
        {
            _relations[relation.NextIn].PreviousIn = relation.PreviousIn;
        }
    }
}
