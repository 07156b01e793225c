namespace Itsm.Assets.Health;

/// <summary>The relations of one type, 32 bytes each, and the cycles among them.</summary>
internal sealed class Cycles
{
    private List<(Guid Source, Guid Target)> _edges = [];
    private ILookup<Guid, Guid>? _left;

    /// <summary>Takes in a relation.</summary>
    public void Add(Guid source, Guid target) => _edges.Add((source, target));

    /// <summary>The items of a cycle that this relation is part of; null where it is part of none.</summary>
    public IReadOnlyList<Guid>? Through(Guid source, Guid target)
    {
        _left ??= Peel();
        if (!_left[source].Contains(target))
        {
            return null;
        }

        var (before, ahead) = (new Dictionary<Guid, Guid> { [target] = source }, new Queue<Guid>([target]));
        while (ahead.TryDequeue(out var at))
        {
            if (at == source)
            {
                List<Guid> path = [source];
                while (path[^1] != target)
                {
                    path.Add(before[path[^1]]);
                }

                return path;
            }

            foreach (var next in _left[at].Where(next => before.TryAdd(next, at)))
            {
                ahead.Enqueue(next);
            }
        }

        return null;
    }

    /// <summary>What is left once all are taken away that nothing leads to, or that lead to nothing: cycles, and what is between
    /// them. Rounds are as many as the longest chain has items.</summary>
    private ILookup<Guid, Guid> Peel()
    {
        for (var before = -1; before != _edges.Count;)
        {
            before = _edges.Count;
            var sources = _edges.Select(edge => edge.Source).ToHashSet();
            _edges = [.. _edges.Where(edge => sources.Contains(edge.Target))];
            var targets = _edges.Select(edge => edge.Target).ToHashSet();
            _edges = [.. _edges.Where(edge => targets.Contains(edge.Source))];
        }

        return _edges.ToLookup(edge => edge.Source, edge => edge.Target);
    }
}
