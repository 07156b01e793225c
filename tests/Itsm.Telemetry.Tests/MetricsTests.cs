using System.Net;
using System.Text.RegularExpressions;
using Itsm.Contracts;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Messaging;
using Itsm.Testing;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Itsm.Telemetry.Tests;

[Collection(Observed.Name)]
public sealed class MetricsTests(ObservedSuite suite)
{
    /// <summary>As Prometheus names them, with labels that must be there.</summary>
    private static readonly string[] Expected =
    [
        "http_server_request_duration_seconds_count{.*http_route=\"/api/v1/incidents/\"",
        "itsm_outbox_age_seconds{.*service=\"incidents\"",
        "itsm_outbox_lag_seconds_count{.*collection=\"incidents\"",
        "itsm_consumer_lag{.*subscription=\"search-index-tickets\"",
        "itsm_timer_lateness_seconds_count{.*timer=\"nextAt\"",
        "itsm_index_lag_seconds_count",
        "itsm_tickets{.*kind=\"incident\",.*state=\"new\"",
        "itsm_breaches_total{.*kind=\"incident\",.*metric=\"resolution\"",
        "itsm_messages_failed_total{.*subscription=\"incidents-write-requested-comment-incident\"",
        "itsm_messages_handled_total{.*subscription=\"notifications-tell-ticket-changes\"",
        "itsm_streams_open{?.*} 1$",
    ];

    [Fact]
    [OuterTier]
    public async Task The_port_tells_what_an_operator_asks_and_no_label_holds_an_id()
    {
        var incident = await suite.OpenAsync();
        (await suite.PostAsync("employee1", $"incidents/{incident.Id}/comments", new { text = "It still burns." })).Ok();
        (await suite.PatchAsync("agent1", "incidents/" + incident.Id, new { title = "It burns." }, "*")).Ok();
        await using var stream = await EventStream.OpenAsync(suite.As("agent1"));
        await suite.UntilAsync("agent1", "incidents/" + incident.Id, found => found["serviceLevels"] is not null);
        suite.Clock.Advance(TimeSpan.FromDays(30));
        await suite.UntilAsync("agent1", "incidents/" + incident.Id, found =>
            found["serviceLevels"]!["breached"]!.GetValue<bool>());
        var failing = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        await suite.Modules.GetRequiredService<IMessageBus>().PublishAsync(failing, new TicketCommentRequested
        {
            CommentId = failing, Kind = "incident", Ticket = Guid.Parse(incident.Id), Internal = false, Text = "Nobody wrote this.",
            By = new Actor(null, "nobody"), At = TimeProvider.System.GetUtcNow(),
        }, default);

        IReadOnlyList<string> lines = [];
        await RunningSuite.UntilAsync(async () => Missing(lines = await suite.ScrapeAsync()), missing => missing == "", "All metrics");
        Assert.Contains("# TYPE itsm_tickets gauge", lines);
        Assert.All(lines.Where(line => line.StartsWith("itsm_", StringComparison.Ordinal)), line =>
        {
            var name = line.Split('{', ' ')[0];
            Assert.Contains(lines, other => Regex.Replace(name, "_(bucket|count|sum)$", "") is var metric
                && other.StartsWith($"# HELP {metric} ", StringComparison.Ordinal) && other.Length > $"# HELP {metric} .".Length);
        });
        Assert.All(lines.Where(line => !line.StartsWith("target_info", StringComparison.Ordinal)), line =>
        {
            Assert.DoesNotMatch("[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", line);
            Assert.DoesNotMatch("INC[0-9]+|employee1|agent1|burns", line);
        });

        await stream.DisposeAsync();
        await RunningSuite.UntilAsync(suite.ScrapeAsync, found =>
            found.Any(line => Regex.IsMatch(line, "^itsm_streams_open({.*})? 0")), "The end of the stream");
    }

    [Fact]
    public async Task Metrics_are_on_their_port_alone_and_nothing_else_is()
    {
        var addresses = suite.Modules.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToList();
        Assert.Equal(2, addresses.Count);
        using var client = new HttpClient();
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(addresses[0] + "/metrics")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await suite.GetAsync("admin", "/metrics")).Status);
        var own = $"http://127.0.0.1:{suite.MetricsPort}";
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(own + "/metrics")).StatusCode);
        foreach (var path in new[] { "/", "/health", "/api/v1/incidents", "/openapi/v1.json" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(own + path)).StatusCode);
        }
    }

    private static string Missing(IReadOnlyList<string> lines) => string.Join("; ",
        Expected.Where(expected => !lines.Any(line => Regex.IsMatch(line, "^" + expected))));
}
