using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Itsm.AppHost;
using Itsm.Gateway;
using Itsm.Testing;

namespace Itsm.Suite.Tests;

/// <summary>The suite as a process of its own, killed in the middle of its work.</summary>
[OuterTier]
public sealed class CrashTests : IDisposable
{
    private const int Kills = 3;
    private readonly string _data = Path.Combine(Path.GetTempPath(), "itsm-tests", Path.GetRandomFileName());
    private readonly ConcurrentDictionary<string, string> _incidents = new();
    private readonly ConcurrentDictionary<string, string> _comments = new();
    private readonly HttpClient _http = new();
    private Process? _process;
    private string _address = "";

    public void Dispose()
    {
        Kill();
        _process?.Dispose();
        _http.Dispose();
        System.IO.Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task What_was_answered_is_there_once_after_every_crash_and_had_its_effects()
    {
        for (var turn = 0; turn < Kills; turn++)
        {
            await StartAsync();
            var (known, clients) = (_comments.Count, Enumerable.Range(0, 6).Select(_ => WorkUntilItEndsAsync()).ToList());
            await RunningSuite.UntilAsync(() => Task.FromResult(_comments.Count), count => count >= known + 40, "some work");
            Kill();
            await Task.WhenAll(clients);
        }

        await StartAsync();
        AssertLoadsNoBroker();
        foreach (var (id, title) in _incidents)
        {
            Assert.Equal(title, (await GetAsync("agent1", $"incidents/{id}")).Text("title"));
            Assert.True((await GetAsync("agent1", $"incidents/{id}/history/verification"))["valid"]!.GetValue<bool>());
        }

        var listed = new List<string>();
        string? cursor = null;
        do
        {
            var page = await GetAsync("agent1", "incidents?limit=200" + (cursor is null ? "" : "&cursor=" + cursor));
            listed.AddRange(page.Items.Select(item => item.Text("title")));
            cursor = page.TextOrNull("next");
        }
        while (cursor is not null);
        Assert.Equal(listed.Count, listed.Distinct().Count());
        var last = (await RunningSuite.UntilAsync(() => GetAsync("admin", "search/index"),
            index => index["current"] is null && index["last"] is not null, "the comparison after the crash"))["last"]!;
        Assert.Equal(0, last["drift"]!.GetValue<int>());
        Assert.Equal(listed.Count, (await GetAsync("agent1", "search?kind=incident&count=true&limit=1"))["count"]!.GetValue<int>());
        foreach (var (comment, incident) in _comments)
        {
            Assert.Single((await GetAsync("agent1", $"incidents/{incident}/comments")).Items, item => item.Id == comment);
            await RunningSuite.UntilAsync(() => GetAsync("agent1", "incidents/" + incident), found => found.Text("state") == "inProgress",
                "the end of the wait");
        }
    }

    [Fact]
    public async Task A_breach_while_the_process_is_dead_is_acted_on_once_on_return_and_says_how_late()
    {
        await StartAsync();
        await PostAsync("admin", "service-levels/agreements", new
        {
            key = "quick", name = "Quick", kind = "sla", edition = new
            {
                calendar = "round-the-clock",
                targets = new[]
                {
                    new
                    {
                        key = "quick", metric = "resolution", services = new[] { "crm" },
                        promise = new { kind = "elapsed", duration = "PT20S" },
                    },
                }, escalations = new[] { new { at = new { percent = 100 }, raisePriority = true } },
            },
        });
        var id = (await PostAsync("employee1", "incidents", new { title = "It takes too long", affectedService = "crm" })).Id;
        var clock = await RunningSuite.UntilAsync(async () => Quick(await GetAsync("agent1", "incidents/" + id)),
            found => found is not null, "The clock");
        var due = clock!["dueAt"]!.GetValue<DateTimeOffset>();
        Assert.False(clock["breached"]!.GetValue<bool>());
        Kill();
        await RunningSuite.UntilAsync(() => Task.FromResult(TimeProvider.System.GetUtcNow()), now => now > due, "The due instant");

        await StartAsync();
        await RunningSuite.UntilAsync(
            () => GetAsync("agent1", "incidents/" + id), found => found["priority"]!.GetValue<int>() == 2, "The step");
        clock = await RunningSuite.UntilAsync(async () => Quick(await GetAsync("agent1", "incidents/" + id)),
            found => found!["breached"]!.GetValue<bool>(), "The breach");
        Assert.Equal(due, clock!["breachedAt"]!.GetValue<DateTimeOffset>());
        Kill();
        await StartAsync();
        Assert.Single((await GetAsync("agent1", $"incidents/{id}/history")).Items, entry => entry.Text("action") == "follow-agreement");
        var notice = Assert.Single(
            (await GetAsync("agent1", $"service-levels/clocks/{clock.Text("clockId")}/explanation"))["notices"]!.AsArray(), notice =>
                notice!["name"]!.GetValue<string>() == "breach")!.AsObject();
        Assert.Equal(due, notice["at"]!.GetValue<DateTimeOffset>());
        var late = notice["noticedAt"]!.GetValue<DateTimeOffset>() - due;
        Assert.InRange(late, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(10));
        Assert.Equal(Math.Floor(late.TotalSeconds), System.Xml.XmlConvert.ToTimeSpan(notice.Text("lateness")).TotalSeconds);

        static JsonObject? Quick(JsonObject incident) =>
            incident["serviceLevels"]?["clocks"]?.AsArray().Select(clock => clock!.AsObject())
                .FirstOrDefault(clock => clock.Text("target") == "quick");
    }

    /// <summary>Opens, lets wait for the caller, answers as the caller: again and again, until nobody answers.</summary>
    private async Task WorkUntilItEndsAsync()
    {
        try
        {
            while (true)
            {
                var title = Path.GetRandomFileName();
                var id = (await PostAsync("employee1", "incidents", new { title })).Id;
                _incidents[id] = title;
                await PostAsync("agent1", $"incidents/{id}/hold", new { reason = "caller", comment = "Which one?" });
                _comments[(await PostAsync("employee1", $"incidents/{id}/comments", new { text = "This one." })).Id] = id;
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // Killed.
        }
    }

    /// <summary>Its files are free once it is gone.</summary>
    private void Kill()
    {
        _process?.Kill();
        _process?.WaitForExit();
    }

    private async Task StartAsync()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Itsm.AppHost.dll");
        _process?.Dispose();
        _process = Process.Start(new ProcessStartInfo("dotnet", [program, "--port", "0", "--data", _data])
        {
            RedirectStandardOutput = true, WorkingDirectory = AppContext.BaseDirectory,
            Environment =
            {
                ["DOTNET_ENVIRONMENT"] = "Development", ["ASPNETCORE_ENVIRONMENT"] = "Development",
                ["RateLimits__PermitsPerSecond"] = "1000000", ["RateLimits__Burst"] = "1000000",
            },
        })!;
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Split("API ", StringSplitOptions.TrimEntries) is [_, var address]
                && address.EndsWith("/api/v1", StringComparison.Ordinal))
            {
                _address = address;
                _ = _process.StandardOutput.ReadToEndAsync();
                return;
            }
        }

        Assert.Fail("The suite did not start.");
    }

    /// <summary>Libraries of a broker that is not there cost memory and time to start.</summary>
    private void AssertLoadsNoBroker()
    {
        var maps = $"/proc/{_process!.Id}/maps";
        if (OperatingSystem.IsLinux())
        {
            Assert.Contains("Itsm.Incidents.dll", File.ReadAllText(maps), StringComparison.Ordinal);
            foreach (var library in new[] { "MassTransit", "RabbitMQ.Client" })
            {
                Assert.DoesNotContain("/" + library, File.ReadAllText(maps), StringComparison.Ordinal);
            }
        }
    }

    private Task<JsonObject> GetAsync(string person, string path) => SendAsync(person, HttpMethod.Get, path, null);

    private Task<JsonObject> PostAsync(string person, string path, object body) => SendAsync(person, HttpMethod.Post, path, body);

    private async Task<JsonObject> SendAsync(string person, HttpMethod method, string path, object? body)
    {
        using var request = new HttpRequestMessage(method, $"{_address}/{path}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer",
            DevelopmentTokens.In(_data).Issue(person, TimeProvider.System.GetUtcNow()).AccessToken);
        request.Headers.TryAddWithoutValidation("If-Match", "*");
        request.Content = body is null ? null : JsonContent.Create(body);
        using var answer = await _http.SendAsync(request);
        return JsonNode.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync())!.AsObject();
    }
}
