using CsCheck;
using Itsm.Contracts.Assets;
using Itsm.Ticketing.Configuration;

namespace Itsm.Ticketing.Tests.Configuration;

/// <summary>Some items through time: relations begin and end, items retire and come back; each step is a version of one item.</summary>
internal sealed class GraphHistory
{
    private const int Hidden = 8;
    private const int Unknown = 9;
    private static readonly DateTimeOffset Start = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly string[][] Readers = [["everyone"], ["person:1", "role:agent"], ["role:agent"], ["role:auditor"]];
    private static readonly string[] Types = ["runs-on", "runs-on", "depends-on", "used-by", "near"];

    private static readonly Gen<Step> Steps = Gen.Select(
        Gen.Int[0, 19], Gen.Int[0, 7], Gen.Int[0, 7], Gen.Int[0, 4], Gen.Int[0, 3],
        Gen.Int[-1, 3].Select(most => Math.Max(1, most)), Gen.Int[0, 4],
        (what, item, target, type, alternatives, needs, after) => new Step(what, item, target, type, alternatives, needs, after));

    /// <summary>Of each kind of readers, and some of which no message ever comes.</summary>
    public static readonly Gen<GraphHistory> Any =
        Gen.Select(Gen.Int[0, Unknown].Array[2, 8], Steps.Array[0, 60], (kinds, steps) => new GraphHistory(kinds, steps));

    private GraphHistory(int[] kinds, Step[] steps)
    {
        Ids = [.. kinds.Select((_, index) => IdOf((index * 7) % 10))];
        var newest = Enumerable.Range(0, kinds.Length).Where(index => kinds[index] < Unknown).ToDictionary(index => index, index =>
            Item(Ids[index], [], readers: Readers[kinds[index] == Hidden ? 3 : kinds[index] % 3]) with { Present = [new(Start, null)] });
        Versions.AddRange(newest.Values);
        foreach (var step in steps)
        {
            End += TimeSpan.FromHours(step.After / 4);
            var place = step.Item % kinds.Length;
            if (newest.GetValueOrDefault(place) is { } item && Changed(item, step) is { } changed)
            {
                newest[place] = changed with { Version = item.Version + 1, At = End };
                Versions.Add(newest[place]);
            }
        }
    }

    public Guid[] Ids { get; }

    /// <summary>In the order in which they were made.</summary>
    public List<ConfigurationItemChanged> Versions { get; } = [];

    /// <summary>When the last was made.</summary>
    public DateTimeOffset End { get; private set; } = Start;

    public IEnumerable<DateTimeOffset> Hours =>
        Enumerable.Range(-1, (int)(End - Start).TotalHours + 3).Select(hour => Start.AddHours(hour));

    public List<ConfigurationItemChanged> Newest => Until(DateTimeOffset.MaxValue);

    public List<ConfigurationItemChanged> Until(DateTimeOffset at) =>
        [.. Versions.Where(one => one.At <= at).GroupBy(one => one.Id).Select(ones => ones.Last())];

    public static Guid IdOf(int number) => new(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]);

    public static ConfigurationGraph GraphOf(IEnumerable<ConfigurationItemChanged> messages)
    {
        var graph = new ConfigurationGraph();
        foreach (var message in messages)
        {
            graph.Apply(message);
        }

        return graph;
    }

    public static ConfigurationItemChanged Item(
        Guid id, IReadOnlyList<ItemRelation> relations, long version = 1, params string[] readers) =>
        new()
        {
            Id = id, Version = version, Number = "CI", Name = "Item", Class = "server", State = "in-use", Relations = relations,
            Present = [new(Start, null)], At = Start, Readers = readers.Length > 0 ? readers : ["everyone"],
        };

    public static ItemRelation Relation(string type, Guid target, string? alternatives = null, int? needs = null) =>
        new(type, GraphModel.Types[type], target, alternatives, needs, Start, null);

    private ConfigurationItemChanged? Changed(ConfigurationItemChanged item, Step step)
    {
        var open = item.Relations.Where(one => one.To is null).ToList();
        var there = item.Present[^1].To is null;
        return step.What switch
        {
            < 15 => item with
            {
                Relations = [.. item.Relations, Relation(Types[step.Type], Ids[step.Target % Ids.Length],
                    step.Alternatives == 0 ? null : $"{step.Alternatives / 2}", step.Alternatives == 0 ? null : step.Needs) with
                    {
                        From = End,
                    }],
            },
            15 or 16 when open.Count > 0 => item with
            {
                Relations = [.. item.Relations.Select(one =>
                    ReferenceEquals(one, open[step.Target % open.Count]) ? one with { To = End } : one)],
            },
            17 when there => item with { Present = [.. item.Present.SkipLast(1), item.Present[^1] with { To = End }] },
            > 17 when !there => item with { Present = [.. item.Present, new(End, null)] },
            _ => null,
        };
    }

    private sealed record Step(int What, int Item, int Target, int Type, int Alternatives, int Needs, int After);
}
