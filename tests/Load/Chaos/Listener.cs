using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Itsm.Load.Chaos;

/// <summary>A front end that follows the live stream through all breaks, always from the last id on.</summary>
internal sealed class Listener(Caller caller)
{
    private readonly ConcurrentDictionary<string, int> _seen = new();
    private string? _lastId;

    public int Connections;

    public int Resets;

    public int Count => _seen.Values.Sum();

    /// <summary>Completes when the first connection stands.</summary>
    public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How often an event came.</summary>
    public int Times(string what) => _seen.GetValueOrDefault(what);

    public async Task RunAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(end);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                // Broken off: come back from the last id on.
            }

            await Task.Delay(200, CancellationToken.None);
        }
    }

    private async Task FollowAsync(CancellationToken end)
    {
        using var request = caller.Request("agent1", HttpMethod.Get, "stream?types=ticket,comment");
        if (_lastId is not null)
        {
            request.Headers.Add("Last-Event-ID", _lastId);
        }

        using var response = await caller.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, end);
        if (!response.IsSuccessStatusCode)
        {
            return;
        }

        Connections++;
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(end));
        var (type, id, data) = ("", _lastId, "");
        while (await reader.ReadLineAsync(end) is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                type = line[7..];
            }
            else if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                id = line[4..];
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                data = line[6..];
            }
            else if (line.Length == 0)
            {
                _lastId = id;
                Note(type, data);
                (type, data) = ("", "");
            }
        }
    }

    private void Note(string type, string data)
    {
        switch (type)
        {
            case "ready":
                Begun.TrySetResult();
                break;
            case "reset":
                Resets++;
                break;
            case "ticket" or "comment":
                var json = JsonNode.Parse(data)!;
                _seen.AddOrUpdate(
                    type == "ticket" ? $"{json["ticket"]} {json["version"]}" : $"{json["comment"]}", 1, (_, count) => count + 1);
                break;
        }
    }
}
