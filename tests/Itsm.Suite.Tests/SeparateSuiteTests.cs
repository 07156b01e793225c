using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Itsm.AppHost;
using Itsm.Testing;
using RabbitMQ.Client;

namespace Itsm.Suite.Tests;

/// <summary>Each service as its own process, on MongoDB, RabbitMQ and Redis.</summary>
[OuterTier]
public sealed class SeparateSuiteTests(SeparateSuiteTests.Processes suite) : IClassFixture<SeparateSuiteTests.Processes>, IAsyncLifetime
{
    public ValueTask InitializeAsync() => suite.StartAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task One_trace_runs_from_the_gateway_through_save_relay_and_broker_to_the_save_of_the_consumer()
    {
        // What a replay brought first leaves the message nothing to write, so the person is changed until one is written.
        var changes = 0;
        var trace = await RunningSuite.UntilAsync(
            async () =>
            {
                (await suite.PatchAsync("admin", "people/employee2", new { name = $"Emil {++changes}" }, "*")).Ok();
                return suite.Spans.ToLookup(span => span.TraceId).Select(spans => spans.ToArray()).FirstOrDefault(IsWhole) ?? [];
            },
            spans => spans.Length > 0, "A whole trace", every: TimeSpan.FromSeconds(1));

        var consumed = trace.First(span =>
            span.Service == "incidents" && span.Name.Contains("replica-person-changed", StringComparison.OrdinalIgnoreCase));
        var path = PathTo(trace,
            trace.First(span =>
                span.Service == "incidents" && span.ParentSpanId == consumed.SpanId
                    || PathTo(trace, span).Contains(consumed) && IsWrite(span)));
        Assert.Equal("gateway", path[0].Service);
        Assert.Equal("", path[0].ParentSpanId);
        Assert.Contains(path, span => span is { Service: "directory", Name: "PersonChanged publish" });

        static bool IsWhole(IReadOnlyList<SpanCollector.Span> spans) =>
            spans.FirstOrDefault(span =>
                span.Service == "incidents"
                    && span.Name.Contains("replica-person-changed", StringComparison.OrdinalIgnoreCase)) is { } consumed
            && spans.Any(span => IsWrite(span) && PathTo(spans, span).Contains(consumed))
            && spans.Any(span => span.Service == "directory" && IsWrite(span))
            && PathTo(spans, consumed)[0] is { Service: "gateway", ParentSpanId.Length: 0 } root
            && root.Name.StartsWith("PATCH", StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_trace_of_a_create_is_whole_with_one_span_for_each_command_and_nothing_idle_begins_one()
    {
        await suite.OpenAsync();
        var trace = await TraceOfCreate.UntilWholeAsync(() => suite.Spans);
        TraceOfCreate.RequireOnePath(trace);
        Assert.DoesNotContain(trace, span =>
            IsWrite(span) && trace.Any(other => other.SpanId == span.ParentSpanId && IsWrite(other)));
        Assert.Contains(trace, span => span.Service == "incidents" && IsWrite(span));

        // Each process has swept its outbox, looked at its timers and answered probes by now.
        Assert.All(suite.Spans.Where(span => span.ParentSpanId.Length == 0), span =>
            Assert.Matches(@"^([A-Z]+ /(?!health|ready|alive)|[A-Z]\w+ [a-z-]+$|timer )", span.Name));
    }

    [Fact]
    public async Task A_client_that_comes_back_after_the_service_was_killed_misses_nothing()
    {
        var opened = new List<JsonObject>();
        await using var first = await EventStream.OpenAsync(suite.As("agent1"), "?types=ticket");
        opened.Add(await suite.OpenAsync());
        await first.UntilAsync(events => Has(events, opened));
        suite["notifications"].Kill();
        await RunningSuite.UntilAsync(() => Task.FromResult(first.HasEnded), ended => ended, "The end of the stream");
        opened.Add(await suite.OpenAsync());
        (await suite.GetAsync("agent1", "stream")).Problem(503);
        suite["notifications"].Start();
        await RunningSuite.UntilAsync(() => suite.GetAsync("", "/health"), answer => answer.Status == HttpStatusCode.OK,
            "The health of the whole", SeparateSuite.Patience);

        await using var second = await EventStream.OpenAsync(suite.As("agent1"), "?types=ticket", first.LastId);
        opened.Add(await suite.OpenAsync());
        await second.UntilAsync(events => Has(first.Events.Concat(events), opened));
        Assert.DoesNotContain(second.Events, one => one.Type == "reset");
        Assert.Equal(opened.Count,
            first.Events.Concat(second.Events).Count(one => opened.Any(incident => one.Data["ticket"]?.ToString() == incident.Id)));

        static bool Has(IEnumerable<EventStream.Event> events, List<JsonObject> opened) =>
            opened.All(incident => events.Any(one => one.Data["ticket"]?.ToString() == incident.Id));
    }

    [Fact]
    public async Task Logs_are_one_object_a_line_with_time_level_and_trace_and_say_little_and_nothing_of_what_people_are_called_or_wrote()
    {
        const string wrote = "My salary is 4711";
        const int mostSaid = 50;
        (await suite.PostAsync("agent1", "incidents", new { title = wrote })).Ok();
        (await suite.PostAsync("agent1", "incidents", new { title = wrote, priority = wrote })).Problem(400);
        (await suite.PostAsync("admin", "incidents/imports?timeZone=" + Uri.EscapeDataString(wrote), new { })).Problem(400);
        (await suite.GetAsync("agent1", "search?q=" + Uri.EscapeDataString(wrote))).Ok();
        var people = (await suite.GetAsync("admin", "people?limit=200")).Ok().Items.ToList();

        // What handles a message logs within its trace.
        var lines = await RunningSuite.UntilAsync(() => Task.FromResult(suite.Lines()), found => found.Any(line => line.Contains(
            "\"TraceId\":\"", StringComparison.Ordinal) && line.Contains("\"Category\":\"Itsm.", StringComparison.Ordinal)), "a trace id");
        var entries = lines.Select(line => JsonNode.Parse(line)!).ToList();
        Assert.All(entries, entry => Assert.True(
            DateTimeOffset.TryParse(entry["Timestamp"]!.GetValue<string>(), out _) && entry["LogLevel"] is not null, entry.ToJsonString()));

        // What is not well is said whenever somebody asks for it.
        var health = entries.Where(entry => entry["Category"]!.ToString().Contains("HealthChecks", StringComparison.Ordinal));
        Assert.All(
            entries.Except(health).CountBy(entry => (entry["Category"]!.ToString(), entry["State"]?["{OriginalFormat}"]?.ToString())),
            said => Assert.True(said.Value <= mostSaid, $"{said.Value} times {said.Key}"));
        foreach (var secret in people.SelectMany(person => new[] { person.Text("name"), person["mail"]?.ToString() }).OfType<string>()
            .Append(wrote).Append(Uri.EscapeDataString(wrote)))
        {
            Assert.DoesNotContain(lines, line => line.Contains(secret, StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task A_message_that_can_not_be_read_is_kept_and_can_be_discarded()
    {
        await using (var connection = await new ConnectionFactory { Uri = new Uri(await Engines.RabbitMqAsync()) }.CreateConnectionAsync())
        await using (var channel = await connection.CreateChannelAsync())
        {
            await channel.BasicPublishAsync("", $"{suite.Prefix}-incidents-follow-comment-incident", true,
                new BasicProperties { ContentType = "application/vnd.masstransit+json" }, Encoding.UTF8.GetBytes("Not JSON."));
        }

        var page = await suite.UntilAsync("admin", "operations/failed-messages?service=incidents&state=failed", found => found.Items.Any());
        var failed = Assert.Single(page.Items);
        Assert.Equal(("incidents-follow-comment-incident", "Not JSON."),
            (failed.Text("subscription"), (await suite.GetAsync("admin", $"operations/failed-messages/{failed.Id}/body")).Text));
        await suite.ActAsync("admin", $"operations/failed-messages/{failed.Id}/discard", new { reason = "Nobody knows who sent it." });
    }

    [Fact]
    public async Task Who_one_is_and_what_waits_is_one_answer_of_all_processes()
    {
        var me = (await suite.GetAsync("agent1", "me")).Ok();
        Assert.Superset(new[] { "directory.read", "incidents.work", "requests.work", "search.use" }.ToHashSet(),
            me["permissions"]!.AsArray().Select(one => one!.GetValue<string>()).ToHashSet());

        // Of agent1 other tests may have opened more than a page.
        var opened = await suite.OpenAsync("manager1");
        var work = (await suite.GetAsync("manager1", "me/work?limit=50")).Ok();
        Assert.Contains(work["opened"]!.AsObject().Items, item => item.Id == opened.Id);
        Assert.Equal((null, null), (me["incomplete"], work["incomplete"]));
        (await suite.GetAsync("agent1", "me/work?limit=0")).Problem(400);
    }

    [Fact]
    public async Task A_person_deactivated_in_one_process_is_out_in_the_others()
    {
        var name = "leaver" + Path.GetRandomFileName()[..8];
        (await suite.PostAsync("admin", "people", new { userName = name, name = "Leaver", roles = new[] { "requester" } })).Ok();
        await RunningSuite.UntilAsync(() => suite.GetAsync(name, "incidents"), answer => answer.Status == HttpStatusCode.OK,
            "The new person");
        await suite.ActAsync("admin", $"people/{name}/deactivate", new { reason = "Left." });
        await RunningSuite.UntilAsync(() => suite.GetAsync(name, "incidents"), answer => answer.Status == HttpStatusCode.Forbidden,
            "The end of the access");
    }

    [Theory, InlineData("merge", "into"), InlineData("mark-duplicate", "of"), InlineData("set-parent", "parent")]
    public async Task Of_two_relations_that_exclude_each_other_in_two_processes_exactly_one_comes_to_be(string action, string member)
    {
        await using var second = suite["incidents"].Another();
        second.Start();
        using HttpClient one = ClientOf(suite["incidents"]), other = ClientOf(second);
        await RunningSuite.UntilAsync(() => IsHealthyAsync(other), healthy => healthy, "The second process", SeparateSuite.Patience);
        for (var round = 0; round < 10; round++)
        {
            var (x, y) = (await suite.OpenAsync("agent1"), await suite.OpenAsync("agent1"));
            var answers = await Task.WhenAll(RelateAsync(one, x.Id, y.Id), RelateAsync(other, y.Id, x.Id));
            Assert.Single(answers, status => status == HttpStatusCode.OK);
            Assert.Single(answers, status => status is HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed);
            var ended = new[] { x, y }
                .Select(async incident => (await suite.GetAsync("agent1", "incidents/" + incident.Id)).Ok().Text("state")).ToList();
            Assert.Equal(action == "merge" ? 1 : 0, (await Task.WhenAll(ended)).Count(state => state == "cancelled"));
        }

        async Task<HttpStatusCode> RelateAsync(HttpClient client, string from, string to)
        {
            var body = new Dictionary<string, string> { [member] = to };
            if (action == "merge")
            {
                body["reason"] = "The same.";
            }

            using var request =
                new HttpRequestMessage(HttpMethod.Post, $"/api/v1/incidents/{from}/{action}") { Content = JsonContent.Create(body) };
            request.Headers.TryAddWithoutValidation("If-Match", "*");
            using var answer = await client.SendAsync(request);
            return answer.StatusCode;
        }

        static async Task<bool> IsHealthyAsync(HttpClient client)
        {
            try
            {
                using var answer = await client.GetAsync("/health");
                return answer.StatusCode == HttpStatusCode.OK;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }
    }

    private HttpClient ClientOf(ServiceProcess process)
    {
        var client = new HttpClient { BaseAddress = new Uri(process.Address) };
        client.DefaultRequestHeaders.Authorization = suite.As("agent1").DefaultRequestHeaders.Authorization;
        return client;
    }

    private static bool IsWrite(SpanCollector.Span span) =>
        new[] { "insert", "update", "bulkWrite" }.Any(word => span.Name.StartsWith(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>From the root to this span.</summary>
    private static List<SpanCollector.Span> PathTo(IReadOnlyList<SpanCollector.Span> spans, SpanCollector.Span span)
    {
        var path = new List<SpanCollector.Span> { span };
        while (spans.FirstOrDefault(one => one.SpanId == path[0].ParentSpanId) is { } parent)
        {
            path.Insert(0, parent);
        }

        return path;
    }

    /// <summary>The processes, with their spans.</summary>
    public sealed class Processes : RunningSuite
    {
        private SeparateSuite? _processes;
        private SpanCollector? _collector;

        public override string Address => _processes!.Address;

        public string Prefix { get; } = "tests-" + Path.GetRandomFileName().Replace('.', '-');

        public IReadOnlyCollection<SpanCollector.Span> Spans => _collector!.Spans;

        public ServiceProcess this[string name] => _processes!.Processes.First(process => process.Name == name);

        public override ValueTask InitializeAsync() => ValueTask.CompletedTask;

        /// <summary>Starts them for the first test; where there are no engines, each test skips.</summary>
        public override async ValueTask StartAsync()
        {
            if (_processes is not null)
            {
                return;
            }

            var (mongo, rabbit, redis) = (await Engines.MongoDbAsync(), await Engines.RabbitMqAsync(), await Engines.RedisAsync());
            _collector = await SpanCollector.StartAsync();
            _processes = await SeparateSuite.StartAsync(new SeparateSuite.Options
            {
                Data = Data,
                Settings = new Dictionary<string, string>
                {
                    ["ConnectionStrings__mongodb"] = mongo, ["ConnectionStrings__rabbitmq"] = rabbit, ["ConnectionStrings__redis"] = redis,
                    ["Storage__Prefix"] = Prefix, ["Messaging__Prefix"] = Prefix, ["Messaging__QueueExpiry"] = "00:05:00",
                    ["RateLimits__PermitsPerSecond"] = "100000", ["RateLimits__Burst"] = "100000",
                    ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _collector.Endpoint, ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
                    ["OTEL_BSP_SCHEDULE_DELAY"] = "200", ["Logging__Console__FormatterName"] = "json",
                },
            }, CancellationToken.None);
        }

        /// <summary>What all processes have logged so far.</summary>
        public IReadOnlyList<string> Lines() => [.. _processes!.Processes
            .SelectMany(process => process.LastLines(int.MaxValue).Split('\n', StringSplitOptions.RemoveEmptyEntries))];

        public override async ValueTask DisposeAsync()
        {
            if (_processes is not null)
            {
                await _processes.DisposeAsync();
                using var leftovers = new Leftovers(await Engines.MongoDbAsync(), new Uri(await Engines.RabbitMqAsync()), Prefix,
                    SeparateSuite.FindEngine(Topology.SearchEngine));
                await leftovers.DeleteAsync();
                await _collector!.DisposeAsync();
            }

            await base.DisposeAsync();
        }
    }
}
