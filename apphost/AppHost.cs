using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Itsm.Assets;
using Itsm.Directory;
using Itsm.Gateway;
using Itsm.Incidents;
using Itsm.Notifications;
using Itsm.Platform.Hosting;
using Itsm.Platform.Telemetry;
using Itsm.Requests;
using Itsm.Search;
using Itsm.ServiceLevels;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Itsm.AppHost;

/// <summary>The whole suite in one process: all modules as one web application, the gateway before them as a second one.</summary>
public static partial class AppHost
{
    /// <summary>All services.</summary>
    public static IReadOnlyList<IServiceModule> Modules { get; } =
    [
        new AssetsService(), new DirectoryService(), new IncidentsService(), new NotificationsService(), new RequestsService(),
        new SearchService(), new ServiceLevelsService(),
    ];

    /// <summary>Runs the suite until the process is told to stop.</summary>
    /// <returns>Exit code: 0, or 1 where it could not start.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args.Any(argument => argument is "-h" or "--help"))
        {
            Console.WriteLine(Options.Usage);
            return 0;
        }

        try
        {
            var options = Options.Parse(args);
            if (options.Separate)
            {
                return await RunSeparateAsync(options);
            }

            if (options.Demo is { } url)
            {
                return await LoadDemoAsync(url, options.Tickets);
            }

            await using var suite = await StartAsync(options);
            Console.WriteLine(Welcome(suite.Address));
            using var stopping = new CancellationTokenSource();
            var tickets = options.Tickets ? LoadTicketsAsync(suite.Address, stopping.Token) : Task.CompletedTask;
            await suite.WaitForShutdownAsync();
            await stopping.CancelAsync();
            await tickets;
            return Environment.ExitCode;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IOException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    private static async Task<int> LoadDemoAsync(Uri url, bool tickets)
    {
        try
        {
            using var client = new HttpClient { BaseAddress = url };
            using var issued = await client.PostAsJsonAsync("/dev/token", new { person = DevelopmentTokens.Administrator });
            var token = Environment.GetEnvironmentVariable("ITSM_TOKEN") is { Length: > 0 } given ? given
                : issued.IsSuccessStatusCode ? (await issued.Content.ReadFromJsonAsync<JsonNode>())!["accessToken"]!.GetValue<string>()
                : throw new InvalidOperationException("ITSM_TOKEN is missing: the token of an administrator of that suite.");
            await DemoOrganisation.LoadAsync(
                url.ToString(), token, [.. Modules.Select(module => module.Name)], hasAutomation: issued.IsSuccessStatusCode);
            if (tickets)
            {
                await DemoTickets.LoadAsync(url, TimeProvider.System.GetUtcNow(), CancellationToken.None);
            }
        }
        catch (HttpRequestException e)
        {
            throw new InvalidOperationException($"{url} does not answer: {e.Message}", e);
        }

        Console.WriteLine($"The demo organisation is loaded into {url}.");
        return 0;
    }

    /// <summary>Beside the running suite, which is of use without them, too.</summary>
    private static async Task LoadTicketsAsync(string address, CancellationToken ct)
    {
        try
        {
            await DemoTickets.LoadAsync(new Uri(address), TimeProvider.System.GetUtcNow(), ct);
        }
        catch (Exception e) when (e is HttpRequestException or InvalidOperationException or IOException or OperationCanceledException)
        {
            if (!ct.IsCancellationRequested)
            {
                await Console.Error.WriteLineAsync(e.Message);
            }
        }
    }

    private static async Task<int> RunSeparateAsync(Options options)
    {
        using var stop = new CancellationTokenSource();
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            await using var suite = await SeparateSuite.StartAsync(
                new SeparateSuite.Options { Port = options.Port, Data = options.Data }, stop.Token);
            Console.WriteLine(Welcome(suite.Address));
            foreach (var process in suite.Processes)
            {
                Console.WriteLine($"  {process.Name,-14} {process.Address}  process {process.Pid}, log "
                    + $"{Path.Combine(options.Data, process.Name + ".log")}");
            }

            _ = options.Tickets ? LoadTicketsAsync(suite.Address, stop.Token) : Task.CompletedTask;
            var ended = await suite.AnyEndedAsync(stop.Token);
            await Console.Error.WriteLineAsync($"{ended.Name} ended:\n{ended.LastLines(10)}");
            return 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    /// <summary>Starts modules and gateway, and loads the demo organisation into an empty directory.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<Suite> StartAsync(Options options)
    {
        RequireFree(options.Port);
        if (options.Fresh && System.IO.Directory.Exists(options.Data))
        {
            System.IO.Directory.Delete(options.Data, recursive: true);
        }

        DataFolder.Create(options.Data);
        var tokens = DevelopmentTokens.In(options.Data);
        var services = Modules.Where(service => options.Services?.Contains(service.Name) ?? true).Concat(options.More).ToList();
        var modules = ServiceHost.Build([], services, builder =>
        {
            Configure(builder, options, tokens, ("Storage:Path", options.Data),
                ("Directory:FirstAdministrator", DevelopmentTokens.Administrator),
                ("Incidents:DefaultGroup", DemoOrganisation.DefaultGroup), ("Requests:DefaultGroup", DemoOrganisation.DefaultGroup),
                ("Audit:Current", "development"), ("Audit:Keys:development", tokens.Key),
                ($"Webhooks:Secrets:{DemoAutomation.Secret}", tokens.Key), (DemoAutomation.Setting, "http://127.0.0.1"));
            builder.WebHost.UseUrls("http://127.0.0.1:0");
        });
        await modules.StartAsync();
        var behind = AddressOf(modules);
        if (modules.Environment.IsDevelopment())
        {
            await DemoOrganisation.LoadAsync(behind, tokens, [.. services.Select(service => service.Name)]);
        }

        var gateway = GatewayHost.Build([], builder =>
        {
            Configure(builder, options, tokens,
                [("Services:default", behind), (TelemetrySetup.LogsOnly, "true"), .. services.SelectMany(RoutesOf)]);
            builder.WebHost.UseUrls($"http://127.0.0.1:{options.Port}");
        });
        if (gateway.Environment.IsDevelopment())
        {
            var figures = new Figures();
            gateway.Lifetime.ApplicationStopped.Register(figures.Dispose);
            gateway.MapGet("/dev/figures", () => figures.Read());
        }

        await gateway.StartAsync();

        // Where the demo's automation answers is known only now.
        modules.Configuration[DemoAutomation.Setting] = AddressOf(gateway);
        ((IConfigurationRoot)modules.Configuration).Reload();
        return new Suite(modules, gateway, AddressOf(gateway));
    }

    /// <summary>Said before anything is started, not after all services.</summary>
    private static void RequireFree(int port)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            probe.Start();
        }
        catch (SocketException e)
        {
            throw new IOException($"Port {port} is taken or not permitted ({e.Message}): choose another with --port.", e);
        }
    }

    /// <summary>What the gateway must be told of a service.</summary>
    internal static IEnumerable<(string Key, string Value)> RoutesOf(IServiceModule service) =>
        [($"Routes:{service.Name}:Paths", string.Join(',', service.Paths)),
            ($"Routes:{service.Name}:Open", string.Join(',', service.OpenPaths)),
            ($"Routes:{service.Name}:ByTicket", string.Join(',', service.TicketPaths))];

    private static void Configure(
        WebApplicationBuilder builder, Options options, DevelopmentTokens tokens, params (string Key, string Value)[] settings)
    {
        options.Configure?.Invoke(builder);
        var values = settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value);
        if (builder.Environment.IsDevelopment())
        {
            values["Authentication:DevelopmentKey"] = tokens.Key;
        }

        builder.Configuration.AddInMemoryCollection(values);
    }

    private static string AddressOf(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>What a person who started it can do next.</summary>
    public static string Welcome(string address) => $$"""

        itsm-services is ready.
          API            {{address}}/api/v1
          Documentation  {{address}}/docs
          Health         {{address}}/health

        Try it:
          TOKEN=$(curl -s {{address}}/dev/token -d '{"person":"employee1"}' -H 'Content-Type: application/json' |
            sed 's/.*"accessToken":"\([^"]*\)".*/\1/')
          curl -s {{address}}/api/v1/incidents -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
            -d '{"title":"The printer is on fire"}'
          curl -s {{address}}/api/v1/incidents -H "Authorization: Bearer $TOKEN"

        """;
}
