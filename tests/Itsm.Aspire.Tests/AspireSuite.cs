using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Itsm.AppHost;
using Itsm.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Itsm.Aspire.Tests;

/// <summary>The suite under Aspire, with its dashboard, on the engines of the tests.</summary>
[OuterTier]
public sealed class AspireSuite : RunningSuite
{
    /// <summary>What loads the demo organisation and ends.</summary>
    public const string Loader = "demo";

    private const string DashboardResource = "aspire-dashboard";
    private const string AnyPort = "http://127.0.0.1:0";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);
    private DistributedApplication? _app;
    private Task? _started;

    public override string Address => AddressOf(Topology.Gateway);

    /// <summary>The dashboard's page.</summary>
    public string Dashboard => AddressOf(DashboardResource);

    /// <summary>What the dashboard must show.</summary>
    public IReadOnlyList<string> Resources { get; private set; } = [];

    protected override SearchEngine SearchEngine { get; } = new(Engines.ElasticsearchAsync);

    private string Prefix => SearchEngine.Prefix;

    public override ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Starts it for the first test; where there are no engines or no tools, each test skips.</summary>
    public override ValueTask StartAsync() => new(_started ??= RunAsync());

    public override async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
            using var leftovers = new Leftovers(await Engines.MongoDbAsync(), new Uri(await Engines.RabbitMqAsync()), Prefix);
            await leftovers.DeleteAsync();
        }

        await base.DisposeAsync();
    }

    private async Task RunAsync()
    {
        var (mongo, rabbit, redis) = (await Engines.MongoDbAsync(), await Engines.RabbitMqAsync(), await Engines.RedisAsync());
        var search = await SearchEngine.FindAsync();
        var tools = await Repository.AspireToolsAsync();
        var settings = new Dictionary<string, string?>
        {
            ["ConnectionStrings:mongodb"] = mongo, ["ConnectionStrings:rabbitmq"] = rabbit, ["ConnectionStrings:redis"] = redis,
            ["ConnectionStrings:elasticsearch"] = search, ["ASPNETCORE_URLS"] = AnyPort,
            ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = AnyPort, ["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = AnyPort,
            ["ASPIRE_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS"] = "true", ["DcpPublisher:WaitForResourceCleanup"] = "true",
            ["DcpPublisher:DashboardPath"] = tools.Dashboard, ["DcpPublisher:CliPath"] = tools.Orchestrator,
        };
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Itsm_AppHost_Aspire>(["--port", "0", "--data", Data],
            (options, host) =>
            {
                (options.DisableDashboard, options.AllowUnsecuredTransport) = (false, true);
                (host.Configuration ??= new ConfigurationManager()).AddInMemoryCollection(settings);
            });
        foreach (var program in builder.Resources.OfType<ExecutableResource>().ToList())
        {
            builder.CreateResourceBuilder(program).WithEnvironment("Storage__Prefix", Prefix).WithEnvironment("Messaging__Prefix", Prefix)
                .WithEnvironment("Messaging__QueueExpiry", "00:05:00");
        }

        builder.Services.AddLogging(logging => logging.AddFilter("Microsoft", LogLevel.Warning));
        Resources = [.. builder.Resources.Where(resource => resource is not ParameterResource).Select(resource => resource.Name)];
        _app = await builder.BuildAsync();
        using var limit = new CancellationTokenSource(Limit);
        await _app.StartAsync(limit.Token);
        foreach (var (name, _) in Topology.Programs)
        {
            await _app.ResourceNotifications.WaitForResourceHealthyAsync(name, limit.Token);
        }

        var loaded = await _app.ResourceNotifications.WaitForResourceAsync(Loader,
            one => KnownResourceStates.TerminalStates.Contains(one.Snapshot.State?.Text), limit.Token);
        Assert.Equal(0, loaded.Snapshot.ExitCode);
    }

    private string AddressOf(string resource) => _app!.GetEndpoint(resource, "http").ToString().TrimEnd('/');
}
