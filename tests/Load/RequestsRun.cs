using System.Diagnostics;
using System.Net;
using HdrHistogram;

namespace Itsm.Load;

/// <summary>Service requests under load: how many orders with form and policy a second, and an approver's list among few and many open
/// approvals.</summary>
internal sealed class RequestsRun(Suite suite, Options options)
{
    private const int Few = 100;
    private const int WarmUp = 10_000;
    private const double LeastOrders = 500;
    private const double MostRatio = 1.3;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    // A form with conditions, and a policy that asks the manager: as the demo's catalog has them, in one item.
    private const string Item = """
        {"key":"bench","content":{"name":"Bench","assignmentGroup":"service-desk","form":{"properties":{
        "model":{"type":"string","enum":["standard","developer"]},
        "reason":{"type":"string","minLength":10,"maxLength":1000,"visibleWhen":[{"field":"model","in":["developer"]}]},
        "count":{"type":"integer","minimum":1,"maximum":10},
        "from":{"type":"string","format":"date"}},"required":["model","reason","count","from"]},
        "approval":{"rules":[{"when":[{"field":"count","atLeast":10}],"then":"reject"},{"then":"stages","stages":["manager"]}],
        "stages":[{"key":"manager","name":"Manager","approvers":[{"kind":"manager"}],"fallback":[{"kind":"group","of":"service-desk"}],"remindAfter":"PT8H","escalateAfter":"PT16H","expireAfter":"PT40H"}]},
        "plan":[{"key":"do","title":"Do it","group":"service-desk"}]}}
        """;

    private static readonly byte[] Order =
        """
        {"item":"bench","answers":{"model":"developer","reason":"The old one is too slow by now.","count":2,"from":"2030-01-31"}}
        """u8.ToArray();
    private readonly Client[] _clients = [.. Enumerable.Range(0, options.Clients).Select(number => new Client(suite, number))];
    private readonly Uri _orders = new(suite.Address, "/api/v1/requests");
    private readonly Uri _list = new(suite.Address, "/api/v1/approvals?approver=me&state=requested&limit=50");

    /// <summary>Measures and prints.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        using var created = await suite.SendAsync(HttpMethod.Post, "/api/v1/catalog/items", Item, ct);
        using var published = await suite.SendAsync(HttpMethod.Post, "/api/v1/catalog/items/bench/publish", "{}", ct);
        await OrderAsync(Few, ct);
        await ListedAsync(Few, ct);
        await ListAsync(ct);
        var few = await ListAsync(ct);

        // As in the other rows, what is measured has run before: compiled code is made better for a while.
        var warm = await OrderAsync(WarmUp, ct);
        var start = Stopwatch.GetTimestamp();
        var orders = await OrderAsync(int.MaxValue, ct, TimeSpan.FromSeconds(options.Seconds));
        var rate = orders.TotalCount / Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine($"{Judge(rate >= LeastOrders)}  orders with form and policy: {rate:n0}/s (≥ {LeastOrders}), p50 "
            + $"{orders.GetValueAtPercentile(50) / 1000.0:0.0} ms, p99 {orders.GetValueAtPercentile(99) / 1000.0:0.0} ms");
        var count = Few + (int)(warm.TotalCount + orders.TotalCount);
        if (count < options.Incidents)
        {
            await OrderAsync(options.Incidents - count, ct);
            count = options.Incidents;
        }

        await ListedAsync(count, ct);
        var many = await ListAsync(ct);
        var (small, large) = (few.GetValueAtPercentile(50) / 1000.0, many.GetValueAtPercentile(50) / 1000.0);
        Console.WriteLine($"{Judge(large < small * MostRatio)}  an approver's list: p50 {large:0.00} ms, p99 "
            + $"{many.GetValueAtPercentile(99) / 1000.0:0.00} ms among {count:n0} open approvals; p50 {small:0.00} ms, p99 "
            + $"{few.GetValueAtPercentile(99) / 1000.0:0.00} ms among {Few} (< {MostRatio})");
    }

    private async Task<LongHistogram> OrderAsync(int count, CancellationToken ct, TimeSpan? most = null)
    {
        var (next, start) = (-1, Stopwatch.GetTimestamp());
        await Task.WhenAll(_clients.Select(async client =>
        {
            client.Begin("order");
            while (Interlocked.Increment(ref next) < count
                && (most is null || Stopwatch.GetElapsedTime(start) < most)
                && client.Errors < Suite.MostErrors)
            {
                await client.PostAsync(suite.Employee1, _orders, Order, HttpStatusCode.Created, ct);
            }
        }));
        return Sum();
    }

    /// <summary>The list is a copy of what the requests say: waits until it is whole.</summary>
    private async Task ListedAsync(int count, CancellationToken ct)
    {
        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since) < Patience; await Task.Delay(200, ct))
        {
            using var page = await suite.SendAsync(HttpMethod.Get, "/api/v1/approvals?state=requested&limit=1&count=true", null, ct);
            if (page.RootElement.GetProperty("count").GetInt32() >= count)
            {
                return;
            }
        }

        throw new InvalidOperationException($"{count:n0} approvals were not in the list within {Patience.TotalMinutes} minutes.");
    }

    private async Task<LongHistogram> ListAsync(CancellationToken ct)
    {
        var client = _clients[0];
        client.Begin("approvals");
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(options.Seconds);)
        {
            await client.GetAsync(suite.Manager1, _list, ct);
        }

        var latencies = Client.NewHistogram();
        latencies.Add(client.Latencies);
        return latencies;
    }

    private LongHistogram Sum()
    {
        var sum = Client.NewHistogram();
        foreach (var client in _clients)
        {
            sum.Add(client.Latencies);
        }

        return sum;
    }

    private static string Judge(bool met) => met ? "PASS" : "FAIL";
}
