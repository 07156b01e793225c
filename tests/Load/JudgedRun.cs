using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Itsm.AppHost;
using Itsm.Gateway;
using Itsm.Search.Tests.Judged;
using Microsoft.Extensions.Logging;

namespace Itsm.Load;

/// <summary>How good the search's results are, on the embedded engine and on those that the environment names.</summary>
internal static class JudgedRun
{
    private const double MostBetween = 0.05;
    private static readonly string[] Services = ["directory", "incidents", "requests", "search"];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <returns>Exit code: 0; a missed target is printed.</returns>
    public static async Task<int> RunAsync()
    {
        var means = new List<double>();
        Console.WriteLine();
        foreach (var engine in new[] { "embedded", "elasticsearch", "opensearch" })
        {
            var address = engine == "embedded" ? null : SeparateSuite.FindEngine(engine);
            if (engine == "embedded" || address is not null)
            {
                means.Add(await MeasureAsync(engine, address));
            }
        }

        var between = means.Max() - means.Min();
        Console.WriteLine($"{(between <= MostBetween ? "PASS" : "FAIL")}  from the worst engine to the best: {between:0.000} "
            + $"(≤ {MostBetween}); Elasticsearch and OpenSearch are measured where ITSM_TEST_ELASTICSEARCH, _OPENSEARCH name them");
        return 0;
    }

    private static async Task<double> MeasureAsync(string engine, string? address)
    {
        var data = Path.Combine(Path.GetTempPath(), $"itsm-judged-{Environment.ProcessId}");
        var prefix = $"judged-{Environment.ProcessId}";
        try
        {
            await using var suite = await AppHost.AppHost.StartAsync(new AppHost.AppHost.Options
            {
                Port = 0, Data = data, Services = Services,
                Configure = builder =>
                {
                    builder.Environment.EnvironmentName = "Development";
                    builder.Logging.ClearProviders();
                    builder.Configuration["RateLimits:PermitsPerSecond"] = builder.Configuration["RateLimits:Burst"] = "1000000";
                    builder.Configuration["ConnectionStrings:elasticsearch"] = address;
                    builder.Configuration["Storage:Prefix"] = prefix;
                },
            });
            using var http = new HttpClient { BaseAddress = new Uri(suite.Address + "/api/v1/") };
            return await MeasureAsync(engine, http, DevelopmentTokens.In(data));
        }
        finally
        {
            if (address is not null)
            {
                await Leftovers.DeleteIndicesAsync(address, prefix, default);
            }

            System.IO.Directory.Delete(data, recursive: true);
        }
    }

    private static async Task<double> MeasureAsync(string engine, HttpClient http, DevelopmentTokens tokens)
    {
        var set = new JudgedSet((person, method, path, body) => AskAsync(http, tokens, person, method, path, body));
        await set.FillAsync();
        for (var started = TimeProvider.System.GetTimestamp(); !await set.IsIndexedAsync(); await Task.Delay(Pause))
        {
            if (TimeProvider.System.GetElapsedTime(started) > Patience)
            {
                throw new InvalidOperationException($"The index of {engine} did not catch up.");
            }
        }

        var mean = JudgedSet.Mean(await set.JudgeAsync());
        Console.WriteLine($"      {engine}: nDCG@10 {mean:0.000} over the judged queries that share a word with what they mean");
        return mean;
    }

    private static async Task<JsonObject> AskAsync(
        HttpClient http, DevelopmentTokens tokens, string person, HttpMethod method, string path, JsonObject? body)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization =
            new AuthenticationHeaderValue("Bearer", tokens.Issue(person, TimeProvider.System.GetUtcNow()).AccessToken);
        request.Headers.TryAddWithoutValidation("If-Match", "*");
        request.Content = body is null ? null : JsonContent.Create(body);
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? JsonNode.Parse(text)!.AsObject()
            : throw new InvalidOperationException($"{method} {path} answered {(int)answer.StatusCode}: {text}");
    }
}
