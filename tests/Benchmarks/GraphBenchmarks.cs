using BenchmarkDotNet.Attributes;
using Itsm.Contracts.Assets;
using Itsm.Ticketing.Configuration;

namespace Itsm.Benchmarks;

/// <summary>The configuration graph: 500,000 items with four relations each. They are 50 landscapes of 10,000 that hang on one item each,
/// and lie scattered among each other; an item needs one alone and one of two, and is near any other.</summary>
[MemoryDiagnoser]
public class GraphBenchmarks
{
    private const int Items = 500_000;
    private const int Landscapes = 50;
    private const int Imported = 100_000;
    private static readonly DateTimeOffset Since = new(2026, 10, 5, 8, 30, 0, TimeSpan.Zero);
    private static readonly string[] Readers = ["role:agent", "group:7"];
    private static readonly HashSet<string> Agent = ["everyone", "role:agent"];
    private readonly ConfigurationItemChanged[] _messages = [.. Enumerable.Range(0, Imported).Select(Item)];
    private GraphView _view = null!;
    private int _next;

    /// <summary>The graph, and what it weighs.</summary>
    [GlobalSetup]
    public void Load()
    {
        var before = GC.GetTotalMemory(true);
        var graph = new ConfigurationGraph();
        for (var number = 0; number < Items; number++)
        {
            graph.Apply(Item(number));
        }

        Console.WriteLine($"{graph.Items} items, {graph.Relations} relations: {graph.Bytes:N0} bytes by its own estimate, "
            + $"{GC.GetTotalMemory(true) - before:N0} on the heap");
        _view = graph.View(Agent, null);
    }

    /// <summary>A message of a new item.</summary>
    [Benchmark(OperationsPerInvoke = Imported)]
    public int Apply()
    {
        var graph = new ConfigurationGraph();
        foreach (var message in _messages)
        {
            graph.Apply(message);
        }

        return graph.Items;
    }

    /// <summary>Who suffers of an item on which 9,999 depend.</summary>
    [Benchmark]
    public int Impact() => _view.Impact([Id(Next() % Landscapes)]).Hits.Count;

    /// <summary>What an item needs: some 20 others.</summary>
    [Benchmark]
    public int Requirements() => _view.Requirements(Id(Next())).Hits.Count;

    /// <summary>What is two hops away: some 100 items.</summary>
    [Benchmark]
    public int Around() => _view.Around(Id(Next()), 2).Hits.Count;

    private static Guid Id(int number) => new((int)(number * 2_654_435_761L), (short)number, 0, [0, 0, 0, 0, 0, 0, 0, 0]);

    private static ConfigurationItemChanged Item(int number)
    {
        var (landscape, place) = (number % Landscapes, number / Landscapes);
        ItemRelation Needs(string type, int target, string? alternatives = null, int? needs = null) =>
            new(type, RelationImpact.OnSource, Id((target * Landscapes) + landscape), alternatives, needs, Since, null);
        return new()
        {
            Id = Id(number), Version = 1, Number = "CI", Name = "Item", Class = "server", State = "in-use", Present = [new(Since, null)],
            At = Since, Readers = Readers,
            Relations =
            [
                new("near", RelationImpact.None, Id((int)(number * 48_271L % Items)), null, null, Since, null),
                .. place == 0 ? [] : new[]
                {
                    Needs("depends-on", (place - 1) / 2), Needs("runs-on", (place - 1) / 3, "nodes", 1),
                    Needs("runs-on", (place - 1) / 4, "nodes", 1),
                },
            ],
        };
    }

    private int Next() => _next = (int)((_next + 48_271L) % Items);
}
