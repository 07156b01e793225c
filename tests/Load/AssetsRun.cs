using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Itsm.Load;

/// <summary>Configuration items under load: how fast a source's report is taken in, and how fast the graph answers once it is large.</summary>
/// <remarks>The items are a tree of seven branches, each needing its parent and connected to three others: four relations each.</remarks>
internal sealed class AssetsRun(Suite suite, Options options)
{
    private const int Branches = 7;
    private const int Connections = 3;
    private const int OfReport = 1_000;
    private const int Reporters = 4;
    private const int Readers = 2;
    private const int ManyDependants = 10_000;
    private const double LeastImported = 3_000;
    private const double Megabyte = 1024 * 1024;
    private readonly Client[] _clients = [.. Enumerable.Range(0, Readers).Select(number => new Client(suite, number))];
    private readonly string[] _ids = new string[options.Incidents];

    /// <summary>Fills, measures and prints.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        var before = suite.Figures().Resident;
        var start = Stopwatch.GetTimestamp();
        for (int first = 0, size = 1; first < _ids.Length; first += size, size *= Branches)
        {
            await LevelAsync(first, Math.Min(size, _ids.Length - first), ct);
        }

        var rate = _ids.Length / Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine($"{Judge(rate >= LeastImported)}  reported: {_ids.Length:n0} items with {Connections + 1} relations each, "
            + $"{rate:n0}/s (≥ {LeastImported:n0})");
        var filled = suite.Figures().Resident;
        start = Stopwatch.GetTimestamp();
        using var root = await suite.SendAsync(HttpMethod.Get, $"/api/v1/configuration-items/{_ids[0]}/impact?limit=1", null, ct);
        Console.WriteLine($"      the first look at the graph: {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s; resident "
            + $"{before / Megabyte:n0} MB before, {filled / Megabyte:n0} MB filled, {suite.Figures().Resident / Megabyte:n0} MB after it");
        var at = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        var (level, of) = Wide();
        await MeasureAsync("neighbours", 10, random => $"{Any(random)}/relations", ct);
        await MeasureAsync($"impact with some {of:n0} dependants", 50,
            random => $"{_ids[level + random.Next(LevelSize(level))]}/impact", ct);
        await MeasureAsync("requirements", 50, random => $"{Any(random)}/requirements", ct);
        await MeasureAsync("an item's neighbourhood as of an instant", 50, random => $"{Any(random)}/surroundings?hops=1&at={at}", ct);
        await MeasureAsync("changes around an item", 50, random => $"{Any(random)}/changes-around?hops=1", ct);
    }

    private static string Judge(bool met) => met ? "PASS" : "FAIL";

    private static string ExternalId(int item) => "item-" + item.ToString(CultureInfo.InvariantCulture);

    private string Any(Random random) => _ids[random.Next(_ids.Length)];

    /// <summary>The first item of the level whose items have about as many below them as are asked for, and how many that is.</summary>
    private (int First, int Below) Wide()
    {
        var (first, size) = (0, 1);
        while (_ids.Length / (size * Branches) > ManyDependants / 2 && first + size < _ids.Length)
        {
            (first, size) = (first + size, size * Branches);
        }

        return (first, _ids.Length / size);
    }

    private int LevelSize(int first) => Math.Min((first * (Branches - 1)) + 1, _ids.Length - first);

    private async Task LevelAsync(int first, int count, CancellationToken ct)
    {
        var next = first;
        await Task.WhenAll(Enumerable.Range(0, Reporters).Select(number => Task.Run(async () =>
        {
            var random = new Random(first + number);
            for (int from; (from = Interlocked.Add(ref next, OfReport) - OfReport) < first + count;)
            {
                await ReportAsync(from, Math.Min(OfReport, first + count - from), first, random, ct);
            }
        }, ct)));
    }

    private async Task ReportAsync(int from, int count, int level, Random random, CancellationToken ct)
    {
        var report = new StringBuilder("""{"source":"bench","items":[""");
        for (var item = from; item < from + count; item++)
        {
            report.Append(CultureInfo.InvariantCulture,
                $$"""{{(item > from ? "," : "")}}{"externalId":"{{ExternalId(item)}}","class":"server","name":"Item {{item}}","attributes":{"hostname":"host-{{item}}"},"relations":[""");
            if (level > 0)
            {
                var parent = ExternalId((item - 1) / Branches);
                report.Append(CultureInfo.InvariantCulture, $$"""{"type":"depends-on","externalId":"{{parent}}"}""");
                foreach (var other in Enumerable.Range(0, Connections).Select(_ => random.Next(level)).Distinct())
                {
                    report.Append(CultureInfo.InvariantCulture, $$""",{"type":"connects-to","externalId":"{{ExternalId(other)}}"}""");
                }
            }

            report.Append("]}");
        }

        report.Append("]}");
        using var answer = await suite.SendAsync(HttpMethod.Post, "/api/v1/configuration-items/reports", report.ToString(), ct);
        foreach (var (index, result) in answer.RootElement.GetProperty("items").EnumerateArray().Index())
        {
            if (result.GetProperty("outcome").GetString() is var outcome and not "created")
            {
                throw new InvalidOperationException($"{ExternalId(from + index)} was {outcome}: {result.GetProperty("reason")}");
            }

            _ids[from + index] = result.GetProperty("item").GetProperty("id").GetString()!;
        }
    }

    private async Task MeasureAsync(string name, double most, Func<Random, string> path, CancellationToken ct)
    {
        var latencies = Client.NewHistogram();
        foreach (var (warm, seconds) in new[] { (true, 3.0), (false, options.Seconds) })
        {
            var end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
            await Task.WhenAll(_clients.Select(client => Task.Run(async () =>
            {
                client.Begin(name);
                while (Stopwatch.GetTimestamp() < end)
                {
                    await client.GetAsync(suite.Admin, new Uri(suite.Address, "/api/v1/configuration-items/" + path(client.Random)), ct);
                }
            }, ct)));
            foreach (var client in warm ? [] : _clients)
            {
                latencies.Add(client.Latencies);
            }
        }

        var p99 = latencies.GetValueAtPercentile(99) / 1000.0;
        Console.WriteLine($"{Judge(p99 < most)}  {name}: p50 {latencies.GetValueAtPercentile(50) / 1000.0:0.0} ms, p99 {p99:0.0} ms (< "
            + $"{most} ms), {latencies.TotalCount / (double)options.Seconds:0}/s");
    }
}
