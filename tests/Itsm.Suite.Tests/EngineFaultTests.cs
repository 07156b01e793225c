using System.Net;
using System.Text.Json.Nodes;
using Itsm.AppHost;
using Itsm.Directory;
using Itsm.Platform.Access;
using Itsm.Platform.Hosting;
using Itsm.Requests.Fulfilling;
using Itsm.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Itsm.Suite.Tests;

/// <summary>A suite whose engines are away, late, or come back.</summary>
[OuterTier]
public sealed class EngineFaultTests : IAsyncLifetime
{
    /// <summary>Within so long of an engine's return writes are answered again, and refused while the store is away.</summary>
    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(5);

    private readonly string _prefix = "tests-" + Path.GetRandomFileName().Replace('.', '-');
    private Proxy _mongo = null!;
    private Proxy _rabbit = null!;
    private Proxy _redis = null!;
    private Dictionary<string, string?> _settings = [];
    private Behind? _suite;

    public async ValueTask InitializeAsync()
    {
        var (mongo, rabbit, redis) = (new Uri((await Engines.MongoDbAsync()).Split(',')[0]), new Uri(await Engines.RabbitMqAsync()),
            new Uri("redis://" + (await Engines.RedisAsync()).Split(',')[0]));
        (_mongo, _rabbit, _redis) = (Proxy.Before(mongo.Host, mongo.Port), Proxy.Before(rabbit.Host, rabbit.Port),
            Proxy.Before(redis.Host, redis.Port));
        _settings = new Dictionary<string, string?>
        {
            ["ConnectionStrings:mongodb"] = new UriBuilder(mongo) { Host = "127.0.0.1", Port = _mongo.Port }.Uri
                + (mongo.Query.Length > 0 ? "&" : "?") + "socketTimeoutMS=6000",
            ["ConnectionStrings:rabbitmq"] = new UriBuilder(rabbit) { Host = "127.0.0.1", Port = _rabbit.Port }.Uri.ToString(),
            ["ConnectionStrings:redis"] = $"127.0.0.1:{_redis.Port}",
            ["Storage:Prefix"] = _prefix, ["Messaging:Prefix"] = _prefix,
            ["Messaging:QueueExpiry"] = "00:05:00",
        };
        _suite = new Behind(_settings);
    }

    public async ValueTask DisposeAsync()
    {
        if (_suite is not null)
        {
            await _suite.DisposeAsync();
            await _mongo.DisposeAsync();
            await _rabbit.DisposeAsync();
            await _redis.DisposeAsync();
            using var leftovers = new Leftovers(await Engines.MongoDbAsync(), new Uri(await Engines.RabbitMqAsync()), _prefix);
            await leftovers.DeleteAsync();
        }
    }

    [Fact]
    public async Task A_service_starts_before_its_engines_says_what_it_waits_for_and_works_when_they_are_there()
    {
        await using var directory = ServiceHost.Build([], [new DirectoryService()], builder =>
        {
            builder.Environment.EnvironmentName = "Development";
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Configuration.AddInMemoryCollection(_settings).AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Authentication:DevelopmentKey"] = Convert.ToBase64String(new byte[32]), ["Directory:FirstAdministrator"] = "admin",
            });
        });
        await directory.StartAsync().WaitAsync(Patience.Most);
        using var client = new HttpClient { BaseAddress = new Uri(directory.Urls.First()) };
        var waits = JsonNode.Parse(await (await client.GetAsync("/health")).Content.ReadAsStringAsync())!;
        Assert.Equal(("Unhealthy", "Unhealthy", "Unhealthy", "Degraded"),
            (waits["status"]!.ToString(), StatusOf("documents-directory"), StatusOf("rabbitmq"), StatusOf("redis")));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/alive")).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/ready")).StatusCode);

        _mongo.Open();
        await RunningSuite.UntilAsync(async () => (await client.GetAsync("/ready")).StatusCode, status => status == HttpStatusCode.OK,
            "Readiness without a broker");
        _rabbit.Open();
        _redis.Open();
        await RunningSuite.UntilAsync(async () => (await client.GetAsync("/health")).StatusCode, status => status == HttpStatusCode.OK,
            "The health of the service");
        await RunningSuite.UntilAsync(() => directory.Services.GetRequiredService<People>().FindPersonAsync("admin", default).AsTask(),
            found => found is not null, "The first administrator");

        string StatusOf(string check) => waits["checks"]![check]!["status"]!.ToString();
    }

    [Fact]
    public async Task While_the_store_is_away_a_request_is_told_so_and_nothing_crashes_and_then_it_works_again()
    {
        await StartAsync();
        var known = await _suite!.OpenAsync();
        _mongo.Close();
        var refused = await _suite.PostAsync("employee1", "incidents", new { title = "Is anybody there?" }, key: "once");
        Assert.Equal("https://itsm-services.dev/problems/store-unavailable", refused.Problem(503).Text("type"));
        Assert.Equal("2", refused.Headers["Retry-After"]);
        var health = await _suite.GetAsync("", "/health");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.Status);
        Assert.Contains("The document store does not answer.", health.Text, StringComparison.Ordinal);

        _mongo.Open();
        var opened = await RunningSuite.UntilAsync(() =>
            _suite.PostAsync("employee1", "incidents", new { title = "Is anybody there?" }, key: "once"),
            answer => answer.Status == HttpStatusCode.Created, "The incident");
        Assert.NotEqual(known.Id, opened.Json.Id);
        Assert.Single((await _suite.GetAsync("employee1", "incidents?limit=200")).Ok().Items, item =>
            item.Text("title") == "Is anybody there?");
    }

    [Fact]
    public async Task A_store_that_answers_late_is_given_up_after_its_time_and_not_for_ever()
    {
        await StartAsync();
        _mongo.Hold();
        (await _suite!.PostAsync("employee1", "incidents", new { title = "Late" }).WaitAsync(Patience.Most)).Problem(503);
        _mongo.Release();
        await RunningSuite.UntilAsync(() => _suite.PostAsync("employee1", "incidents", new { title = "In time" }),
            answer => answer.Status == HttpStatusCode.Created, "The incident");
    }

    [Fact]
    public async Task While_the_broker_is_away_writes_are_taken_and_their_effects_come_when_it_is_back()
    {
        await StartAsync();
        _rabbit.Close();
        var incident = await _suite!.OpenAsync();
        await _suite.ActAsync("agent1", $"incidents/{incident.Id}/hold", new { reason = "caller", comment = "Which one?" });
        (await _suite.PostAsync("employee1", $"incidents/{incident.Id}/comments", new { text = "This one." })).Ok();
        Assert.Equal("onHold", (await _suite.GetAsync("agent1", $"incidents/{incident.Id}")).Ok().Text("state"));
        Assert.Contains("rabbitmq", (await _suite.GetAsync("", "/health")).Text, StringComparison.Ordinal);

        _rabbit.Open();
        await _suite.UntilLongAsync($"incidents/{incident.Id}", found => found.Text("state") == "inProgress");
        await _suite.UntilLongAsync($"incidents/{incident.Id}/comments", found => found.Items.Count == 2);
    }

    [Fact]
    public async Task Without_Redis_nothing_fails_and_a_deactivated_person_is_out_all_the_same()
    {
        await StartAsync();
        await _suite!.OpenAsync("employee2");
        _redis.Close();
        await _suite.OpenAsync("employee2");
        var health = await _suite.GetAsync("", "/health");
        Assert.Equal(HttpStatusCode.OK, health.Status);
        await _suite.ActAsync("admin", "people/employee2/deactivate", new { reason = "Left." });
        await RunningSuite.UntilAsync(() => _suite.GetAsync("employee2", "incidents"), answer => answer.Status == HttpStatusCode.Forbidden,
            "The end of the access");
        _redis.Open();
    }

    [Theory]
    [InlineData("mongodb")]
    [InlineData("rabbitmq")]
    [InlineData("redis")]
    public async Task Writes_do_not_hang_while_an_engine_is_away_and_are_answered_soon_after_its_return(string engine)
    {
        await StartAsync();
        var proxy = ProxyOf(engine);
        proxy.Close();
        await AnswerAsync(engine == "mongodb" ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.Created);

        proxy.Open();
        await AnswerAsync(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("mongodb")]
    [InlineData("rabbitmq")]
    [InlineData("redis")]
    public async Task Writes_are_answered_soon_after_an_engine_speaks_again_that_was_silent(string engine)
    {
        await StartAsync();
        var proxy = ProxyOf(engine);
        proxy.Hold();
        var during = await _suite!.PostAsync("employee1", "incidents", new { title = "Is anybody there?" }).WaitAsync(Patience.Most);
        Assert.Equal(engine == "mongodb" ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.Created, during.Status);

        proxy.Release();
        await AnswerAsync(HttpStatusCode.Created);
    }

    private Proxy ProxyOf(string engine) => engine switch
    {
        "mongodb" => _mongo,
        "rabbitmq" => _rabbit,
        _ => _redis,
    };

    /// <summary>Several write at the same time, each until it is answered so; fails where that takes longer than promised.</summary>
    private async Task AnswerAsync(HttpStatusCode expected)
    {
        var started = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RunningSuite.UntilAsync(
            () => _suite!.PostAsync("employee1", "incidents", new { title = "Is anybody there?" }),
            answer => answer.Status == expected, $"The answer {expected}")));
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, Promise);
    }

    private async Task StartAsync()
    {
        _mongo.Open();
        _rabbit.Open();
        _redis.Open();
        await _suite!.InitializeAsync();
    }

    /// <summary>The suite in one process, on engines behind doors.</summary>
    private sealed class Behind(IReadOnlyDictionary<string, string?> settings) : RunningSuite
    {
        /// <summary>A broker is tried again ever more seldom, so its return is noticed late.</summary>
        public async Task<JsonObject> UntilLongAsync(string path, Func<JsonObject, bool> condition)
        {
            for (var round = 1; ; round++)
            {
                try
                {
                    return await UntilAsync("agent1", path, condition);
                }
                catch (Xunit.Sdk.FailException) when (round < 3)
                {
                    // Look once more.
                }
            }
        }

        protected override void Configure(WebApplicationBuilder builder) => builder.Configuration.AddInMemoryCollection(settings);
    }
}
