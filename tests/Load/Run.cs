using System.Diagnostics;
using System.Text.Json;
using HdrHistogram;

namespace Itsm.Load;

/// <summary>Measures rows and fills.</summary>
internal sealed class Run(Suite suite, Options options)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);
    private readonly Client[] _clients = ClientsOf(suite, options.Clients);
    private readonly Client[] _fillers = ClientsOf(suite, Math.Max(options.Clients, Options.Fillers));

    /// <summary>Warms up, then measures.</summary>
    public async Task<Result> MeasureAsync(Row row, int size)
    {
        var items = row.List is { } list ? await CheckAsync(row.Name, list) : (int?)null;
        await LoopAsync(row, TimeSpan.FromSeconds(options.WarmUp));
        var result = await LoopAsync(row, TimeSpan.FromSeconds(options.Seconds));
        return result with { Size = size, Items = items, Target = row.Target, IsList = row.IsList };
    }

    /// <summary>Lets the suite compile what a row needs: the rows measured first would else pay for it.</summary>
    public Task WarmUpAsync(Row row) => LoopAsync(row, TimeSpan.FromSeconds(options.WarmUp));

    /// <summary>Makes incidents until there are so many, as fast as it goes.</summary>
    public async Task<Result> FillAsync(int target)
    {
        var next = suite.Count - 1;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60 + (target / 100)));
        var result = await MeasureAsync("fill", _fillers, async client =>
        {
            for (int index;
                client.Errors < Suite.MostErrors / _fillers.Length
                    && !limit.IsCancellationRequested
                    && (index = Interlocked.Increment(ref next)) < target; )
            {
                client.Completed += await Requests.FillAsync(client, index, limit.Token) ? 1 : 0;
            }
        });
        return suite.Count >= target
            ? result with { Size = target }
            : throw new InvalidOperationException($"The fill came to {suite.Count:n0} of {target:n0} incidents.");
    }

    private async Task<Result> LoopAsync(Row row, TimeSpan duration)
    {
        var end = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        using var limit = new CancellationTokenSource(duration + Grace);
        var result = await MeasureAsync(row.Name, _clients, async client =>
        {
            while (Stopwatch.GetTimestamp() < end && client.Errors < Suite.MostErrors / _clients.Length && suite.HasRoom)
            {
                client.Completed += await row.Operation(client, limit.Token) ? 1 : 0;
            }
        });
        return suite.IsRunning ? result : throw new InvalidOperationException($"The suite ended during {row.Name}.");
    }

    private static Client[] ClientsOf(Suite suite, int count) =>
        [.. Enumerable.Range(0, count).Select(number => new Client(suite, number))];

    private async Task<Result> MeasureAsync(string name, Client[] clients, Func<Client, Task> work)
    {
        GC.Collect();
        var (from, before, own, start) = (suite.Count, await suite.WorkAsync(), Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        await Task.WhenAll(clients.Select(client => Task.Run(() =>
        {
            client.Begin(name);
            return work(client);
        })));
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var (busy, ownAfter) = (suite.Figures().Cpu.TotalSeconds - before.Cpu, Environment.CpuUsage.TotalTime);
        var (after, backlog) = await PublishedAsync(Stopwatch.GetTimestamp());
        var latencies = Client.NewHistogram();
        foreach (var client in clients)
        {
            latencies.Add(client.Latencies);
        }

        var completed = clients.Sum(client => client.Completed);
        return new Result
        {
            Name = name, Size = from, From = from, To = suite.Count, Rate = completed / seconds,
            Errors = clients.Sum(client => client.Errors),
            Latency = (Milliseconds(latencies, 50), Milliseconds(latencies, 95), Milliseconds(latencies, 99), Milliseconds(latencies, 100)),
            Bytes = (double)clients.Sum(client => client.Bytes) / Math.Max(1, completed),
            Each = (after - before) / Math.Max(1, completed), Backlog = backlog,
            SuiteCpu = busy / seconds, LoadCpu = (ownAfter - own).TotalSeconds / seconds,
        };
    }

    /// <summary>Waits until nothing waits to be published.</summary>
    private async Task<(Work Work, TimeSpan Backlog)> PublishedAsync(long start)
    {
        while (true)
        {
            var work = await suite.WorkAsync();
            if (work.Waiting <= 0 || !suite.IsRunning || Stopwatch.GetElapsedTime(start) > Grace)
            {
                return (work, Stopwatch.GetElapsedTime(start));
            }

            await Task.Delay(20);
        }
    }

    private static double Milliseconds(LongHistogram latencies, double percentile) =>
        latencies.TotalCount == 0 ? 0 : latencies.GetValueAtPercentile(percentile) / 1000.0;

    // A list that leaves out items is fast and wrong: look at it before it is measured.
    private async Task<int> CheckAsync(string name, List list)
    {
        var items = -1;
        var body = "";
        for (var attempt = 0; attempt < 20 && (items < list.Least || items > list.Most); attempt++)
        {
            await Task.Delay(attempt == 0 ? 0 : 250);
            using var limit = new CancellationTokenSource(Grace);
            using var request = new HttpRequestMessage(HttpMethod.Get, list.Address(suite));
            request.Headers.TryAddWithoutValidation("Authorization", list.Person(suite).Authorization);
            using var response = await suite.Http.SendAsync(request, limit.Token);
            body = await response.Content.ReadAsStringAsync(limit.Token);
            if (response.IsSuccessStatusCode)
            {
                using var answer = JsonDocument.Parse(body);
                items = answer.RootElement.GetProperty("items").GetArrayLength();
            }
        }

        if (items < list.Least || items > list.Most)
        {
            suite.Fail(name, $"expected {list.Least} items, not {items}", $"?{list.Query} → {body[..Math.Min(body.Length, 300)]}");
        }

        return items;
    }
}
