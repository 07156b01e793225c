using System.Buffers.Binary;
using Itsm.Assets.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Values;
using Itsm.Ticketing.Configuration;

namespace Itsm.Assets.Health;

/// <summary>The checks of one run: first all items are noted, then each is looked at. Holds of all items only hashes of what they are
/// recognised by, and relations of types that allow no cycles.</summary>
internal sealed class HealthChecks(
    AggregateStore<ConfigurationItem> items, IReadOnlyDictionary<string, ConfigurationClass> classes,
    IReadOnlyDictionary<string, RelationType> types, DateTimeOffset now)
{
    private const int MostAlike = 200;
    private static readonly TimeSpan StaleAfter = TimeSpan.FromDays(30);
    private readonly HashSet<long> _met = [];
    private readonly HashSet<long> _twice = [];
    private readonly Dictionary<string, Cycles> _cycles = types.Values.Where(type => type.Acyclic).ToDictionary(
        type => type.Key, _ => new Cycles());

    /// <summary>Takes down what the checks of other items need of this one.</summary>
    public void Note(ConfigurationItem item)
    {
        foreach (var hash in item.Identities.Distinct().Select(identity => HashOf(item.Class, identity)).Where(hash => !_met.Add(hash)))
        {
            _twice.Add(hash);
        }

        foreach (var relation in item.Relations)
        {
            _cycles.GetValueOrDefault(relation.Type)?.Add(item.Id, relation.Target);
        }
    }

    /// <summary>What is required of an item, and whether it is there.</summary>
    public IReadOnlyList<(string Field, bool IsThere)> RequiredOf(ConfigurationItem item) =>
    [
        .. classes.TryGetValue(item.Class, out var of)
            ? of.Attributes.Required.Select(key => ("attributes." + key, item.Attributes.ContainsKey(key))) : [],
        ("owner", item.Owner is not null), ("supportGroup", item.SupportGroup is not null),
        .. item.Class == ConfigurationClass.ItService ? new[] { ("criticality", item.Criticality is not null) } : [],
    ];

    /// <summary>What is wrong with an item.</summary>
    /// <param name="item">The item.</param>
    /// <param name="view">Of all that there is.</param>
    /// <param name="ct">Ends the look.</param>
    public async ValueTask<IReadOnlyList<Found>> FindAsync(ConfigurationItem item, GraphView view, CancellationToken ct)
    {
        var (found, edges) = (new List<Found>(), view.Neighbours(item.Id));
        if (RequiredOf(item).Where(one => !one.IsThere).Select(one => one.Field).ToList() is { Count: > 0 } missing)
        {
            found.Add(new(HealthCheck.Incomplete, $"Missing: {missing.Listed}.", item.Readers));
        }

        if (item.Class == ConfigurationClass.ItService)
        {
            if (item.Owner is null)
            {
                found.Add(new(HealthCheck.OwnerlessService, $"Nobody answers for {item.Number}.", item.Readers));
            }
        }
        else if (item.State != ConfigurationState.Planned && item.Relations.Count == 0 && edges.Count == 0)
        {
            found.Add(new(HealthCheck.Orphan, $"{item.Number} is related to nothing.", item.Readers));
        }

        if (item.SeenAt is { } seen && now - seen > StaleAfter)
        {
            found.Add(new(HealthCheck.Stale, $"No source has reported {item.Number} since {seen:yyyy-MM-dd}.", item.Readers));
        }

        await AddDuplicatesAsync(item, found, ct);
        await AddBrokenAsync(item, view, found, ct);
        await AddCountsAsync(item, view, edges, found, ct);
        return found;
    }

    private static long HashOf(string of, Guid identity)
    {
        Span<byte> bytes = stackalloc byte[16];
        DerivedId.From(of, identity.ToString()).TryWriteBytes(bytes);
        return BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }

    private async ValueTask AddDuplicatesAsync(ConfigurationItem item, List<Found> found, CancellationToken ct)
    {
        foreach (var identity in item.Identities.Distinct().Where(one => _twice.Contains(HashOf(item.Class, one))))
        {
            // Hashes may be the same by chance, and what was noted may have changed.
            var alike = (await items.Documents.QueryAsync(new DocumentQuery(
                [Condition.In("identities", BsonMapping.Value(identity)), Condition.In("class", item.Class)], "number", false, null,
                MostAlike), ct)).Select(AggregateStore<ConfigurationItem>.Load)
                .Where(other => other.Id != item.Id && other.State != ConfigurationState.Retired).ToList();
            if (alike.Count > 0)
            {
                found.Add(new(HealthCheck.Duplicate, $"{item.Number} is recognised by the same as another item of the class {item.Class}.",
                    [.. alike.SelectMany(other => CommonReaders.Of(item.Readers, other.Readers)).Distinct()], identity.ToString(),
                    DerivedId.From("duplicates", item.Class, identity.ToString())) { Others = [.. alike.Select(other => other.Id)] });
            }
        }
    }

    /// <summary>Adds what is wrong with single relations.</summary>
    private async ValueTask AddBrokenAsync(ConfigurationItem item, GraphView view, List<Found> found, CancellationToken ct)
    {
        foreach (var relation in item.Relations)
        {
            var (type, of) = (types.GetValueOrDefault(relation.Type), view.ClassOf(relation.Target));
            var cycle = _cycles.GetValueOrDefault(relation.Type)?.Through(item.Id, relation.Target);
            if (of is not null && cycle is null && Allows(type?.SourceClasses, item.Class) && Allows(type?.TargetClasses, of))
            {
                continue;
            }

            if (await items.FindAsync(relation.Target, ct) is not { } target)
            {
                continue;
            }

            var readers = CommonReaders.Of(item.Readers, target.Readers);
            if (target.State == ConfigurationState.Retired)
            {
                Add($"{target.Number} is retired.", "retired", readers, [target.Id]);
            }

            if (type is not null && !Allows(type.SourceClasses, item.Class))
            {
                var sources = string.Join(", ", type.SourceClasses);
                Add($"Relations of type {type.Key} lead from: {sources}; {item.Number} is of the class {item.Class}.", "from", readers,
                    [target.Id]);
            }

            if (type is not null && !Allows(type.TargetClasses, target.Class))
            {
                var targets = string.Join(", ", type.TargetClasses);
                Add($"Relations of type {type.Key} lead to: {targets}; {target.Number} is of the class {target.Class}.", "to", readers,
                    [target.Id]);
            }

            if (cycle is not null)
            {
                Add($"{item.Number} leads back to itself by relations of type {relation.Type}.", "cycle",
                    await ReadersAsync(item, cycle, ct), cycle);
            }

            void Add(Sentence detail, string key, IReadOnlyList<string> who, IReadOnlyList<Guid> others) =>
                found.Add(new(HealthCheck.RuleBroken, detail, who, $"{key} {relation.Type} {relation.Target}") { Others = others });
        }
    }

    /// <summary>Adds where there are too many relations, or too few.</summary>
    private async ValueTask AddCountsAsync(
        ConfigurationItem item, GraphView view, IReadOnlyList<GraphEdge> edges, List<Found> found, CancellationToken ct)
    {
        foreach (var (key, targets) in item.Relations.GroupBy(one => one.Type)
            .Select(of => (of.Key, of.Select(one => one.Target).ToList())))
        {
            if (types.GetValueOrDefault(key)?.MostTargets is { } most && targets.Count is var count && count > most)
            {
                found.Add(new(HealthCheck.RuleBroken,
                    $"{item.Number} has {count} relations of type {key}; at most {most} are allowed.",
                    await ReadersAsync(item, targets, ct), "targets " + key) { Others = targets });
            }
        }

        foreach (var (key, sources) in edges.Where(edge => edge.Target == item.Id).GroupBy(edge => edge.Type)
            .Select(of => (of.Key, of.Select(edge => edge.Source).ToList())))
        {
            if (types.GetValueOrDefault(key)?.MostSources is { } most && sources.Count is var count && count > most)
            {
                found.Add(new(HealthCheck.RuleBroken,
                    $"{count} relations of type {key} lead to {item.Number}; at most {most} are allowed.",
                    await ReadersAsync(item, sources, ct), "sources " + key) { Others = sources });
            }
        }

        foreach (var (name, needs, targets) in item.Relations.Where(one => one.Alternatives is not null).GroupBy(one => one.Alternatives!)
            .Select(of => (of.Key, of.Max(one => one.Needs), of.Select(one => one.Target).Distinct().ToList())))
        {
            if (targets.Count(view.Contains) is var left && left < needs)
            {
                found.Add(new(HealthCheck.RuleBroken, $"Of {name.Quoted} {needs} must work, and {left} are left.",
                    await ReadersAsync(item, targets, ct), "alternatives " + name) { Others = targets });
            }
        }
    }

    private static bool Allows(IReadOnlyList<string>? allowed, string of) => allowed is null or [] || allowed.Contains(of);

    private async ValueTask<IReadOnlyList<string>> ReadersAsync(ConfigurationItem item, IEnumerable<Guid> others, CancellationToken ct)
    {
        var readers = item.Readers;
        foreach (var id in others.Distinct())
        {
            readers = await items.FindAsync(id, ct) is { } other ? CommonReaders.Of(readers, other.Readers) : readers;
        }

        return readers;
    }
}
