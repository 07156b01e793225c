using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Itsm.Gateway;

namespace Itsm.AppHost;

/// <summary>Tickets of the demo organisation in all states, opened and worked on through the API by its own people, and incidents of the
/// weeks before, which are imported. Loaded once: what is loaded last tells that all is there, and before that idempotency keys keep a
/// second try from opening anything twice.</summary>
public sealed partial class DemoTickets : IDisposable
{
    private const string Source = "demo";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Uri _gateway;
    private readonly DateTimeOffset _now;
    private readonly Dictionary<string, HttpClient> _clients = [];
    private readonly Dictionary<string, string> _ids = [];

    private DemoTickets(Uri gateway, DateTimeOffset now) => (_gateway, _now) = (gateway, now);

    /// <summary>Loads them into a suite in Development that has the demo organisation.</summary>
    /// <returns>False where they were there already, or the suite gives no tokens of its people.</returns>
    /// <exception cref="InvalidOperationException">Something was refused; the message says what and why.</exception>
    /// <exception cref="HttpRequestException">The suite does not answer.</exception>
    public static async Task<bool> LoadAsync(Uri gateway, DateTimeOffset now, CancellationToken ct)
    {
        using var tickets = new DemoTickets(gateway, now);
        if (!await tickets.SignInAsync(DevelopmentTokens.Administrator, ct) || await tickets.IsLoadedAsync(ct))
        {
            return false;
        }

        foreach (var ticket in JsonNode.Parse(await File.ReadAllTextAsync(PathOf("tickets.json"), ct))!.AsArray())
        {
            await tickets.PlayAsync(ticket!.AsObject(), ct);
        }

        await tickets.ImportAsync(ct);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }
    }

    private async Task<bool> IsLoadedAsync(CancellationToken ct) =>
        (await GetAsync(DevelopmentTokens.Administrator, "incidents/imports?limit=200&state=done", ct))["items"]!.AsArray()
            .Any(import => import!["source"]!.GetValue<string>() == Source);

    /// <summary>Opens a ticket and does what its steps say: who, which route below it, and the body.</summary>
    private async Task PlayAsync(JsonObject ticket, CancellationToken ct)
    {
        var (key, route) = (ticket["key"]!.GetValue<string>(), Filled(ticket["to"]!.GetValue<string>()));
        var opened = await PostAsync(ticket["as"]!.GetValue<string>(), route, Filled(ticket["body"]!.ToJsonString()), key, ct);
        _ids[key] = opened["id"]!.GetValue<string>();
        var path = $"{route.Split('/')[0]}/{_ids[key]}";
        foreach (var (index, step) in (ticket["then"]?.AsArray() ?? []).Index())
        {
            var (person, action) = (step![0]!.GetValue<string>(), step[1]!.GetValue<string>());
            var body = step.AsArray().Count > 2 ? step[2]!.AsObject() : [];
            if (action is "approve" or "reject")
            {
                await DecideAsync(person, path, _ids[key], action, body, ct);
            }
            else
            {
                await PostAsync(person, $"{path}/{action}", Filled(body.ToJsonString()), $"{key}-{index}", ct);
            }
        }
    }

    /// <summary>The approval is listed a moment after it is asked for; a decision is made once.</summary>
    private async Task DecideAsync(
        string person, string ticket, string id, string decision, JsonObject body, CancellationToken ct)
    {
        var asked = await UntilAsync(
            async () => (await GetAsync(person, $"approvals?approver=me&ticket={id}", ct))["items"]!.AsArray().FirstOrDefault(),
            found => found is not null, ct)
            ?? throw NotLoaded($"{person} was not asked about {ticket}.");
        if (asked["state"]!.GetValue<string>() == "requested")
        {
            body["digest"] = asked["digest"]!.DeepClone();
            var approval = $"{ticket}/approvals/{asked["id"]}";
            await PostAsync(person, $"{approval}/{decision}", body.ToJsonString(), $"{id}-{person}", ct);
        }
    }

    private async Task ImportAsync(CancellationToken ct)
    {
        var rows = Filled(await File.ReadAllTextAsync(PathOf("past-incidents.csv"), ct));
        using var file = new StringContent(rows, Encoding.UTF8, MediaTypeNames.Text.Csv);
        using var answer = await _clients[DevelopmentTokens.Administrator].PostAsync($"incidents/imports?source={Source}", file, ct);
        var started = await ReadAsync("incidents/imports", answer, ct);
        var done = await UntilAsync(
            () => GetAsync(DevelopmentTokens.Administrator, $"incidents/imports/{started["id"]}", ct),
            import => import["state"]!.GetValue<string>() == "done", ct);
        if (done["refused"]!.GetValue<int>() > 0)
        {
            throw NotLoaded($"import {done["id"]} refused incidents.");
        }
    }

    private async Task<bool> SignInAsync(string person, CancellationToken ct)
    {
        var client = _clients[person] = new HttpClient { BaseAddress = new Uri(_gateway, "/api/v1/") };
        using var issued = await client.PostAsJsonAsync(new Uri(_gateway, "/dev/token"), new { person }, ct);
        if (!issued.IsSuccessStatusCode)
        {
            return false;
        }

        var token = (await issued.Content.ReadFromJsonAsync<JsonObject>(ct))!["accessToken"]!.GetValue<string>();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        client.DefaultRequestHeaders.Add("If-Match", "*");
        return true;
    }

    private async Task<JsonObject> GetAsync(string person, string path, CancellationToken ct)
    {
        if (!_clients.ContainsKey(person) && !await SignInAsync(person, ct))
        {
            throw NotLoaded($"there is no token of {person}.");
        }

        using var answer = await _clients[person].GetAsync(path, ct);
        return await ReadAsync(path, answer, ct);
    }

    /// <summary>What a step needs may still be on its way: a plan that begins, a person who is told to a service.</summary>
    private async Task<JsonObject> PostAsync(string person, string path, string body, string key, CancellationToken ct)
    {
        if (!_clients.ContainsKey(person))
        {
            await SignInAsync(person, ct);
        }

        using var answer = await UntilAsync(async () =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path);
            request.Content = new StringContent(body, Encoding.UTF8, MediaTypeNames.Application.Json);
            request.Headers.Add("Idempotency-Key", $"{Source}-{key}");
            return await _clients[person].SendAsync(request, ct);
        }, sent => sent.StatusCode is not (HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.Conflict
            or HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable), ct);
        return await ReadAsync(path, answer, ct);
    }

    private static async Task<JsonObject> ReadAsync(string path, HttpResponseMessage answer, CancellationToken ct)
    {
        var text = await answer.Content.ReadAsStringAsync(ct);
        return answer.IsSuccessStatusCode
            ? JsonNode.Parse(text)!.AsObject()
            : throw NotLoaded($"{path} answered {(int)answer.StatusCode} {text}");
    }

    /// <summary>Looks again and again, at most a minute long; the last look is the answer.</summary>
    private static async Task<T> UntilAsync<T>(Func<Task<T>> look, Func<T, bool> condition, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var found = await look();
            if (condition(found) || TimeProvider.System.GetElapsedTime(started) > Patience)
            {
                return found;
            }

            (found as IDisposable)?.Dispose();
            await timer.WaitForNextTickAsync(ct);
        }
    }

    /// <summary>With <c>$key</c> as the id of the ticket with that key, and <c>@-3d</c> as the day three days ago.</summary>
    private string Filled(string text) => Days().Replace(
        Keys().Replace(text, match => _ids.GetValueOrDefault(match.Groups[1].Value, match.Value)),
        match => _now.AddDays(int.Parse(match.Groups[1].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture))
            .ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));

    private static InvalidOperationException NotLoaded(string why) => new($"The demo's tickets could not be loaded: {why}");

    private static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "Demo", file);

    [GeneratedRegex(@"\$([a-z][a-z-]*)")]
    private static partial Regex Keys();

    [GeneratedRegex("@(-?[0-9]+)d")]
    private static partial Regex Days();
}
