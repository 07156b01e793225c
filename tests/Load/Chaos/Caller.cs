using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Itsm.Gateway;

namespace Itsm.Load.Chaos;

/// <summary>Sends requests as people of the demo organisation, again and again until they are answered.</summary>
internal sealed class Caller(string address, DevelopmentTokens tokens, Ledger ledger, CancellationToken giveUp) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private readonly HttpClient _http =
        new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(1) }) { Timeout = TimeSpan.FromSeconds(20) };
    private readonly Dictionary<string, string> _tokens = new[] { "admin", "agent1", "agent2", "employee1", "employee2", "manager1" }
        .ToDictionary(name => name, name => tokens.Issue(name, TimeProvider.System.GetUtcNow()).AccessToken);

    /// <summary>For requests without a time limit, such as the stream.</summary>
    public HttpClient Http => _http;

    /// <summary>Carries out a write under a key until it is acknowledged.</summary>
    /// <returns>The answer; null where it was refused, which is noted.</returns>
    public async Task<JsonObject?> WriteAsync(string person, string path, JsonObject body, string key)
    {
        Silence[] silences = [ledger.AnySilence, ledger.Silences[path.Split('/')[0]]];
        Array.ForEach(silences, silence => silence.Begin());
        JsonObject? answer = null;
        try
        {
            return answer = await UntilAnsweredAsync(person, path, body, key);
        }
        finally
        {
            Array.ForEach(silences, silence => silence.End(answer is not null));
        }
    }

    /// <summary>Reads until there is an answer.</summary>
    public async Task<JsonObject?> ReadAsync(string person, string path)
    {
        while (true)
        {
            var (status, text) = await TryAsync(person, HttpMethod.Get, path, null, null);
            if (status == HttpStatusCode.OK)
            {
                Interlocked.Increment(ref ledger.Reads);
                return JsonNode.Parse(text)!.AsObject();
            }

            if (!IsPassing(status, text))
            {
                return null;
            }

            await Task.Delay(Pause, giveUp);
        }
    }

    public void Dispose() => _http.Dispose();

    public HttpRequestMessage Request(string person, HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, $"{address}/api/v1/{path}");
        request.Headers.Authorization = new("Bearer", _tokens[person]);
        return request;
    }

    private async Task<JsonObject?> UntilAnsweredAsync(string person, string path, JsonObject body, string key)
    {
        var (started, tries) = (Stopwatch.GetTimestamp(), 0);
        while (true)
        {
            tries++;
            var sent = Stopwatch.GetTimestamp();
            var (status, text) = await TryAsync(person, HttpMethod.Post, path, body, key);
            if (status is HttpStatusCode.OK or HttpStatusCode.Created)
            {
                ledger.Succeed(Stopwatch.GetElapsedTime(started), tries > 1);
                return JsonNode.Parse(text)!.AsObject();
            }

            if (!IsPassing(status, text))
            {
                ledger.Wrong("refused", $"{person} POST {path} {body.ToJsonString()}: {(int)status} {text}");
                return null;
            }

            ledger.Refused(Kind(status, text), Stopwatch.GetElapsedTime(sent));
            await Task.Delay(Pause, giveUp);
        }
    }

    private async Task<(HttpStatusCode Status, string Text)> TryAsync(
        string person, HttpMethod method, string path, JsonObject? body, string? key)
    {
        try
        {
            using var request = Request(person, method, path);
            if (body is not null)
            {
                request.Headers.Add("Idempotency-Key", key);
                request.Headers.TryAddWithoutValidation("If-Match", "*");
                request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
            }

            using var answer = await _http.SendAsync(request, giveUp);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(giveUp));
        }
        catch (Exception e) when (!giveUp.IsCancellationRequested && e is HttpRequestException or TaskCanceledException or IOException)
        {
            return (HttpStatusCode.ServiceUnavailable, e.GetType().Name);
        }
    }

    /// <summary>Status and last word of the problem's type, or the failure that came in the place of an answer.</summary>
    private static string Kind(HttpStatusCode status, string text) =>
        text.StartsWith('{') ? $"{(int)status} {JsonNode.Parse(text)!["type"]?.GetValue<string>().Split('/')[^1]}" : text;

    // Nobody knows the people of the demo organisation until their copies have come; a write that lost every race may be sent again.
    private static bool IsPassing(HttpStatusCode status, string text) =>
        (int)status >= 500
            || status == HttpStatusCode.TooManyRequests
            || (status == HttpStatusCode.Conflict && text.Contains("concurrent-change", StringComparison.Ordinal));
}
