using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Xunit;

namespace Itsm.Testing;

/// <summary>A client of the live stream: reads until it is closed, and keeps what came.</summary>
public sealed class EventStream : IAsyncDisposable
{
    private readonly CancellationTokenSource _closing = new();
    private readonly HttpResponseMessage _response;
    private readonly Contract? _contract;
    private readonly Task _reading;
    private readonly ConcurrentQueue<Event> _events = new();
    private string? _fault;
    private bool _disposed;

    private EventStream(HttpResponseMessage response)
    {
        (_response, _contract) = (response, ContractCheck.ContractOf(response));
        _reading = ReadAsync();
    }

    /// <summary>What came until now, in order; what comes later is not added.</summary>
    public IReadOnlyList<Event> Events => [.. _events];

    /// <summary>The last id that the server sent, as a browser would remember it.</summary>
    public string? LastId { get; private set; }

    /// <summary>True where the server has ended the stream.</summary>
    public bool HasEnded => _reading.IsCompleted;

    /// <summary>True where the connection broke before the server had ended the stream.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Connects, and waits for the stream to begin.</summary>
    /// <exception cref="HttpRequestException">Refused; has the status.</exception>
    public static async Task<EventStream> OpenAsync(HttpClient client, string query = "", string? lastId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/stream" + query);
        if (lastId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastId);
        }

        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException(await response.Content.ReadAsStringAsync(), null, response.StatusCode);
        }

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        var stream = new EventStream(response);
        await stream.UntilAsync(events => events.Any(one => one.Type == "ready"));
        return stream;
    }

    /// <summary>Waits until what came meets the condition.</summary>
    public async Task UntilAsync(Func<IReadOnlyCollection<Event>, bool> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        var started = TimeProvider.System.GetTimestamp();
        while (!condition(_events))
        {
            Assert.True(_fault is null, _fault);
            if (TimeProvider.System.GetElapsedTime(started) > Patience.Most)
            {
                Assert.Fail($"Not in the stream in time; there came: {string.Join(", ", _events.Select(one => $"{one.Type} {one.Data}"))}");
            }

            await timer.WaitForNextTickAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await _closing.CancelAsync();
        _response.Dispose();
        await _reading;
        _closing.Dispose();
        Assert.True(_fault is null, _fault);
    }

    private async Task ReadAsync()
    {
        try
        {
            using var reader = new StreamReader(await _response.Content.ReadAsStreamAsync(_closing.Token));
            var (type, id, data) = ("message", LastId, "");
            while (await reader.ReadLineAsync(_closing.Token) is { } line)
            {
                if (line.Length == 0)
                {
                    LastId = id;
                    if (data.Length > 0)
                    {
                        _fault ??= _contract?.FaultOfEvent(_response.RequestMessage!, type, data);
                        _events.Enqueue(new Event(id, type, JsonNode.Parse(data)!.AsObject()));
                    }

                    (type, data) = ("message", "");
                    continue;
                }

                var colon = line.IndexOf(':', StringComparison.Ordinal);
                var value = line[(colon + 1)..].TrimStart();
                switch (line[..colon])
                {
                    case "event":
                        type = value;
                        break;
                    case "id":
                        id = value;
                        break;
                    case "data":
                        data += value;
                        break;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or HttpRequestException or ObjectDisposedException)
        {
            IsBroken = !_closing.IsCancellationRequested;
        }
    }

    /// <summary>One event of the stream.</summary>
    public sealed record Event(string? Id, string Type, JsonObject Data);
}
