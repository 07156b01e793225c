using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Itsm.Cluster.Tests;

/// <summary>Clients that create incidents, each reading its own and what other services have, every second one over a connection that it
/// keeps; and one that follows the stream, and goes on where it was when that ends.</summary>
internal sealed class Load : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    // Between a client's requests: the load shares its processors with the cluster.
    private static readonly TimeSpan Thinking = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(5);

    // One of each service that the load would not reach otherwise.
    private static readonly string[] Others =
        [
        "people?limit=5", "requests?limit=5", "search?q=client", "service-levels/clocks?limit=5", "operations/failed-messages?limit=5",
        "configuration-items?limit=5",
    ];

    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _stopStream = new();
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly ConcurrentQueue<string> _created = new();
    private readonly ConcurrentDictionary<string, byte> _seen = new();
    private readonly Task _clients;
    private readonly Task _follower;
    private int _answered;

    public Load(ClusterSuite suite, int clients)
    {
        _clients = Task.WhenAll(Enumerable.Range(0, clients).Select(number => WorkAsync(suite, number)));
        _follower = FollowAsync(suite);
    }

    /// <summary>Requests that were answered as they should.</summary>
    public int Answered => _answered;

    /// <summary>What failed, and how.</summary>
    public IReadOnlyCollection<string> Failures => _failures;

    /// <summary>Ids of the incidents whose creation was answered.</summary>
    public IReadOnlyCollection<string> Created => _created;

    /// <summary>Ids of the incidents of which the stream told.</summary>
    public ICollection<string> Seen => _seen.Keys;

    /// <summary>True where the stream said that events were missed.</summary>
    public bool WasReset { get; private set; }

    /// <summary>Ends the clients, not the stream.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _clients;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _stopStream.CancelAsync();
        await _follower;
        _stop.Dispose();
        _stopStream.Dispose();
    }

    private async Task WorkAsync(ClusterSuite suite, int number)
    {
        using var agent = suite.As("agent1", number % 2 == 0 ? null : Short);
        using var admin = suite.As("admin", number % 2 == 0 ? null : Short);
        for (var turn = number; !_stop.IsCancellationRequested; turn++)
        {
            if (await SendAsync(() => agent.PostAsJsonAsync("/api/v1/incidents", new { title = $"From client {number}" })) is { } incident)
            {
                _created.Enqueue(incident["id"]!.GetValue<string>());
                await SendAsync(() => agent.GetAsync("/api/v1/incidents/" + incident["id"]));
            }

            await SendAsync(() => admin.GetAsync("/api/v1/" + Others[turn % Others.Length]));
        }
    }

    private async Task<JsonNode?> SendAsync(Func<Task<HttpResponseMessage>> send)
    {
        await Task.Delay(Thinking);
        try
        {
            using var answer = await send();
            var text = await answer.Content.ReadAsStringAsync();
            if (answer.IsSuccessStatusCode)
            {
                Interlocked.Increment(ref _answered);
                return JsonNode.Parse(text);
            }

            _failures.Enqueue($"{(int)answer.StatusCode} {text}");
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            _failures.Enqueue(e.ToString());
        }

        return null;
    }

    private async Task FollowAsync(ClusterSuite suite)
    {
        using var client = suite.As("agent1");
        string? last = null, type = null;
        while (!_stopStream.IsCancellationRequested)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/stream?types=ticket");
                request.Headers.TryAddWithoutValidation("Last-Event-ID", last);
                using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _stopStream.Token);
                answer.EnsureSuccessStatusCode();
                using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(_stopStream.Token));
                while (await reader.ReadLineAsync(_stopStream.Token) is { } line)
                {
                    last = line.StartsWith("id: ", StringComparison.Ordinal) ? line[4..] : last;
                    type = line.StartsWith("event: ", StringComparison.Ordinal) ? line[7..] : type;
                    WasReset |= type == "reset";
                    if (type == "ticket" && line.StartsWith("data: ", StringComparison.Ordinal))
                    {
                        _seen.TryAdd(JsonNode.Parse(line[6..])!["ticket"]!.GetValue<string>(), 0);
                    }
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException && !_stopStream.IsCancellationRequested)
            {
                _failures.Enqueue("The stream: " + e);
                await Task.Delay(Pause);
            }
            catch (OperationCanceledException)
            {
                // The end.
            }
        }
    }
}
