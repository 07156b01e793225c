using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using HdrHistogram;

namespace Itsm.Load;

/// <summary>The search under load: how fast it answers, how soon it knows, how long an index takes to build.</summary>
internal sealed class SearchRun(Suite suite, Options options)
{
    private const int CommentsEach = 3;
    private const int Readers = 2;
    private const int ChangesPerSecond = 300;
    private const int Probes = 200;
    private const double LeastIndexed = 5_000;
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ProbePause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);
    private readonly Client[] _clients = [.. Enumerable.Range(0, options.Clients).Select(number => new Client(suite, number))];

    private static string Search => "/api/v1/search";

    /// <summary>Fills, measures and prints.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        await FillAsync(ct);
        await QuietAsync(ct);
        await RebuildAsync(ct);

        // The merges that a rebuild leaves behind are not the searches'.
        await QuietAsync(ct);
        foreach (var (name, most, ask) in new (string, double, Func<Client, ValueTask<bool>>)[]
        {
            ("search, words", 50, client =>
                GetAsync(client,
                    $"{Search}?q={Vocabulary.Word(client.Random)}%20{Vocabulary.Word(client.Random)}&facets=state,priority,assignmentGroup,assignee&count=true",
                    ct)),
            ("search, one frequent word", 50, client =>
                GetAsync(client,
                    $"{Search}?q={Vocabulary.Frequent(client.Random)}&facets=state,priority,assignmentGroup,assignee&count=true", ct)),
            ("search, everything newest first", 50, client =>
                GetAsync(client, $"{Search}?state=new&facets=state,priority,assignmentGroup,assignee&count=true", ct)),
            ("search, phrase, prefix and fields", 50, client =>
                GetAsync(client,
                    $"{Search}?q=%22{Vocabulary.Word(client.Random)}%20{Vocabulary.Word(client.Random)}%22%20OR%20{Vocabulary.Word(client.Random)[..3]}*%20priority:%3C3%20-group:none&facets=state,priority",
                    ct)),
            ("suggestions", 15, client =>
                GetAsync(client, $"{Search}/suggestions?q={Vocabulary.Word(client.Random)[..client.Random.Next(1, 4)]}", ct)),
            ("similar", 100, client => PostAsync(client, ct)),
        })
        {
            await MeasureAsync(name, most, ask, ct);
        }

        await QuietAsync(ct);
        await LagAsync(ct);
    }

    private async Task MeasureAsync(string name, double most, Func<Client, ValueTask<bool>> ask, CancellationToken ct)
    {
        var latencies = Client.NewHistogram();
        foreach (var (warm, seconds) in new[] { (true, options.WarmUp), (false, options.Seconds) })
        {
            var end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
            await Task.WhenAll(_clients.Take(Readers).Select(client => Task.Run(async () =>
            {
                client.Begin(name);
                while (Stopwatch.GetTimestamp() < end)
                {
                    await ask(client);
                }
            }, ct)));
            foreach (var client in _clients.Take(warm ? 0 : Readers))
            {
                latencies.Add(client.Latencies);
            }
        }

        var p99 = latencies.GetValueAtPercentile(99) / 1000.0;
        Console.WriteLine($"{Judge(p99 < most)}  {name}: p50 {latencies.GetValueAtPercentile(50) / 1000.0:0.0} ms, p99 {p99:0.0} ms (< "
            + $"{most} ms), {latencies.TotalCount / (double)options.Seconds:0}/s");
    }

    private async Task FillAsync(CancellationToken ct)
    {
        var (next, start) = (-1, Stopwatch.GetTimestamp());
        await Task.WhenAll(_clients.Select(client => Task.Run(async () =>
        {
            client.Begin("fill");
            while (Interlocked.Increment(ref next) < options.Incidents)
            {
                await Requests.CreateAsync(client, client.Random.Next(2) == 0 ? suite.Employee1 : suite.Agent1,
                    Vocabulary.Incident(client.Random), ct);
            }
        }, ct)));
        next = -1;
        await Task.WhenAll(_clients.Select(client => Task.Run(async () =>
        {
            for (int index; (index = Interlocked.Increment(ref next)) < options.Incidents * CommentsEach;)
            {
                var address = new Uri($"{suite.Incidents.OriginalString}/{suite.At(index % options.Incidents)}/comments");
                await client.PostAsync(suite.Agent1, address, Vocabulary.Comment(client.Random), HttpStatusCode.Created, ct);
            }
        }, ct)));
        Console.WriteLine($"      filled with {options.Incidents:n0} tickets and {options.Incidents * CommentsEach:n0} comments in "
            + $"{Stopwatch.GetElapsedTime(start).TotalSeconds:0} s");
    }

    // What the other services still make of the fill is not the search's.
    private async Task QuietAsync(CancellationToken ct)
    {
        for (TimeSpan before = TimeSpan.Zero, now; (now = suite.Figures().Cpu) - before > Quiet; before = now)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), ct);
        }
    }

    private async Task RebuildAsync(CancellationToken ct)
    {
        await IdleAsync(ct);
        var start = Stopwatch.GetTimestamp();
        using (await suite.SendAsync(HttpMethod.Post, $"{Search}/index/rebuild", """{"reason":"Measured"}""", ct))
        {
            var last = await IdleAsync(ct);
            var (seconds, things) = (Stopwatch.GetElapsedTime(start).TotalSeconds,
                last.GetProperty("sources").EnumerateArray().Sum(source => source.GetProperty("compared").GetInt64()));
            Console.WriteLine($"{Judge(things / seconds >= LeastIndexed)}  rebuild of {things:n0} things: {seconds:0.0} s with its "
                + $"comparisons, {things / seconds:n0}/s (≥ {LeastIndexed:n0}/s); drift {last.GetProperty("drift")}");
        }
    }

    private async Task<JsonElement> IdleAsync(CancellationToken ct)
    {
        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since) < Patience; await Task.Delay(Pause, ct))
        {
            using var status = await suite.SendAsync(HttpMethod.Get, $"{Search}/index", null, ct);
            if (!status.RootElement.TryGetProperty("current", out _) && status.RootElement.TryGetProperty("last", out var last))
            {
                return last.Clone();
            }
        }

        throw new InvalidOperationException($"The index was not compared within {Patience.TotalMinutes} minutes.");
    }

    private async Task LagAsync(CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var (next, begun) = (-1L, Stopwatch.GetTimestamp());
        var writing = Task.WhenAll(_clients.Skip(1).Select(client => Task.Run(async () =>
        {
            client.Begin("changes");
            while (!stop.IsCancellationRequested)
            {
                var wait = TimeSpan.FromSeconds(Interlocked.Increment(ref next) / (double)ChangesPerSecond) - Stopwatch.GetElapsedTime(
                    begun);
                await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, CancellationToken.None);
                await Requests.CreateAsync(client, suite.Agent1, Vocabulary.Incident(client.Random), CancellationToken.None);
            }
        }, CancellationToken.None)));
        var lags = new LongHistogram(600_000, 3);
        _clients[0].Begin("probe");
        for (var probe = 0; probe < Probes; probe++)
        {
            var word = $"probe{probe}x{Environment.ProcessId}";
            await Requests.CreateAsync(_clients[0], suite.Agent1, Encoding.UTF8.GetBytes($$"""{"title":"{{word}}"}"""), ct);
            var start = Stopwatch.GetTimestamp();
            while (!await IsFoundAsync(word, ct))
            {
                await Task.Delay(ProbePause, ct);
            }

            lags.RecordValue((long)Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        var rate = Interlocked.Read(ref next) / Stopwatch.GetElapsedTime(begun).TotalSeconds;
        await stop.CancelAsync();
        await writing;
        Console.WriteLine($"{Judge(lags.GetValueAtPercentile(99) < 500)}  from the answer to a change until it is found, at {rate:0} "
            + $"changes/s: p50 {lags.GetValueAtPercentile(50)} ms, p99 {lags.GetValueAtPercentile(99)} ms (< 500 ms)");
    }

    private async Task<bool> IsFoundAsync(string word, CancellationToken ct)
    {
        using var found = await suite.SendAsync(HttpMethod.Get, $"{Search}?q={word}&limit=1", null, ct);
        return found.RootElement.GetProperty("items").GetArrayLength() > 0;
    }

    private ValueTask<bool> GetAsync(Client client, string address, CancellationToken ct) =>
        client.GetAsync(client.Random.Next(2) == 0 ? suite.Agent1 : suite.Employee1, new Uri(suite.Address, address), ct);

    private async ValueTask<bool> PostAsync(Client client, CancellationToken ct) =>
        (await client.PostAsync(suite.Agent1, new Uri(suite.Address, $"{Search}/similar"), Vocabulary.Incident(client.Random),
            HttpStatusCode.OK, ct)).Expected;

    private static string Judge(bool met) => met ? "PASS" : "FAIL";
}

/// <summary>Texts of made-up words, of which few are frequent and most are rare, as in a language.</summary>
internal static class Vocabulary
{
    private const int Size = 20_000;
    private const int FrequentWords = 20;
    private static readonly string[] Syllables = ["ba", "de", "fi", "go", "ku", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "zo", "ran",
        "tel", "mon", "dis", "kor", "pra"];
    private static readonly string[] Words = [.. Enumerable.Range(0, Size).Select(Name)];

    /// <summary>A word, as often as its place says.</summary>
    public static string Word(Random random) => Words[(int)(Math.Pow(Size, random.NextDouble()) - 1)];

    /// <summary>A word that stands in many texts.</summary>
    public static string Frequent(Random random) => Words[random.Next(FrequentWords)];

    public static byte[] Incident(Random random) =>
        Encoding.UTF8.GetBytes($$"""{"title":"{{Text(random, 6)}}","description":"{{Text(random, 30)}}"}""");

    public static byte[] Comment(Random random) => Encoding.UTF8.GetBytes($$"""{"text":"{{Text(random, 20)}}"}""");

    private static string Text(Random random, int words) => string.Join(' ', Enumerable.Range(0, words).Select(_ => Word(random)));

    private static string Name(int index)
    {
        var name = new StringBuilder();
        for (var rest = index + Syllables.Length; rest > 0; rest /= Syllables.Length)
        {
            name.Append(Syllables[rest % Syllables.Length]);
        }

        return name.ToString();
    }
}
