using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Itsm.Testing;
using Microsoft.Playwright;

namespace Itsm.Aspire.Tests;

/// <summary>What an operator sees of the suite under Aspire.</summary>
[OuterTier]
public sealed class DashboardTests(AspireSuite suite) : IClassFixture<AspireSuite>, IAsyncLifetime
{
    public ValueTask InitializeAsync() => suite.StartAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task The_trace_of_an_incident_is_whole_from_the_gateway_to_all_who_subscribe()
    {
        using var caller = new Activity("A caller").SetIdFormat(ActivityIdFormat.W3C).Start();
        caller.ActivityTraceFlags = ActivityTraceFlags.Recorded;
        await suite.OpenAsync();
        caller.Stop();

        using var dashboard = new HttpClient { BaseAddress = new Uri(suite.Dashboard) };
        string[] expected = ["gateway", "incidents", "notifications", "search", "service-levels"];
        var trace = await RunningSuite.UntilAsync(() => TraceAsync(dashboard, caller.TraceId.ToHexString()),
            found => found.Roots.Count() == 1 && expected.All(service => found.Spans.Any(span => span.Service == service)),
            "A whole trace");
        Assert.Equal("gateway", trace.Roots.Single().Service);
        Assert.Equal(expected, trace.Spans.Select(span => span.Service).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_page_of_resources_shows_that_all_run_and_are_healthy()
    {
        await using var chromium = await Chromium.LaunchAsync();
        var page = await chromium.Browser.NewPageAsync(new() { ViewportSize = new() { Width = 1400, Height = 900 } });
        page.SetDefaultTimeout((float)Patience.Most.TotalMilliseconds);
        await page.GotoAsync(suite.Dashboard);
        var expected = string.Join('\n', suite.Resources.Order(StringComparer.Ordinal)
            .Select(name => (name, name == AspireSuite.Loader ? "Finished" : "Running")));
        await RunningSuite.UntilAsync(async () => string.Join('\n', await StatesAsync(page)), shown => shown == expected,
            "A page of resources that all run and are healthy");
    }

    /// <summary>Name and state of each row; a state such as "Running (Unhealthy)" tells of health, too.</summary>
    private static async Task<List<(string, string)>> StatesAsync(IPage page) =>
        [.. from row in (await page.GetByRole(AriaRole.Row).AllInnerTextsAsync()).Skip(1)
            let cells = row.Split(['\n', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            where cells.Length > 1
            orderby cells[0]
            select (cells[0], cells[1])];

    private static async Task<Trace> TraceAsync(HttpClient dashboard, string id)
    {
        using var answer = await dashboard.GetAsync(new Uri($"/api/telemetry/traces/{id}", UriKind.Relative));
        if (!answer.IsSuccessStatusCode)
        {
            return new([]);
        }

        var resources = (await answer.Content.ReadFromJsonAsync<JsonObject>())!["data"]!["resourceSpans"]!.AsArray();
        return new([.. from resource in resources
            let service = resource["resource"]!["attributes"]!.AsArray()
                .First(attribute => attribute!["key"]!.ToString() == "service.name")!["value"]!["stringValue"]!.ToString()
            from scope in resource["scopeSpans"]!.AsArray()
            from span in scope["spans"]!.AsArray()
            select new Span(service, span["name"]!.ToString(), span["spanId"]!.ToString(), span["parentSpanId"]?.ToString())]);
    }

    private sealed record Span(string Service, string Name, string Id, string? Parent);

    private sealed record Trace(IReadOnlyList<Span> Spans)
    {
        /// <summary>Spans whose parent is not there: the first, and those that something is missing before.</summary>
        public IEnumerable<Span> Roots => Spans.Where(span => Spans.All(one => one.Id != span.Parent));

        public override string ToString() => string.Join('\n', Spans);
    }
}
