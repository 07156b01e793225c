using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Itsm.Gateway;
using Itsm.Platform.Hosting;

namespace Itsm.AppHost;

/// <summary>The suite as it runs in production: each service and the gateway a process of its own, on real engines.</summary>
public sealed class SeparateSuite : IAsyncDisposable
{
    private SeparateSuite(string address, IReadOnlyList<ServiceProcess> processes) => (Address, Processes) = (address, processes);

    /// <summary>How long processes may take until they are healthy, on a busy machine.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(90);

    /// <summary>Where the gateway listens.</summary>
    public string Address { get; }

    /// <summary>The services, and last the gateway.</summary>
    public IReadOnlyList<ServiceProcess> Processes { get; }

    /// <summary>Starts all processes and loads the demo organisation. The engines are those of <c>ConnectionStrings__mongodb</c>,
    /// <c>__rabbitmq</c> and <c>__redis</c>, else of <c>ITSM_TEST_MONGODB</c>, <c>_RABBITMQ</c> and <c>_REDIS</c>; so is Elasticsearch, where
    /// it is named: else search has an index of its own.</summary>
    /// <exception cref="InvalidOperationException">An engine is not named, or a process did not become healthy; the message says which and
    /// why.</exception>
    public static async Task<SeparateSuite> StartAsync(Options options, CancellationToken ct)
    {
        DataFolder.Create(options.Data);
        var tokens = DevelopmentTokens.In(options.Data);
        var ports = Topology.Programs.Zip(FreePorts(Topology.Programs.Count)).ToDictionary(pair => pair.First.Name, pair => pair.Second);
        ports[Topology.Gateway] = options.Port != 0 ? options.Port : ports[Topology.Gateway];
        var environment = new Dictionary<string, string>(Topology.Variables)
        {
            ["Storage__Path"] = options.Data, ["Logging__Console__FormatterOptions__TimestampFormat"] = "HH:mm:ss.fff ",
            [Topology.GatewayVariable] = $"http://127.0.0.1:{ports[Topology.Gateway]}",
        };
        foreach (var variable in Topology.KeyVariables)
        {
            environment[variable] = tokens.Key;
        }

        foreach (var engine in Topology.Engines)
        {
            var variable = Topology.EngineVariable(engine);
            environment[variable] = options.Settings.GetValueOrDefault(variable) ?? EngineOf(engine);
        }

        if (FindEngine(Topology.SearchEngine) is { } search)
        {
            environment[Topology.EngineVariable(Topology.SearchEngine)] = search;
        }

        foreach (var (name, port) in ports.Where(port => port.Key != Topology.Gateway))
        {
            environment[Topology.AddressVariable(name)] = $"http://127.0.0.1:{port}";
        }

        foreach (var (name, value) in options.Settings)
        {
            environment[name] = value;
        }

        var suite = new SeparateSuite($"http://127.0.0.1:{ports[Topology.Gateway]}",
            [.. Topology.Programs.Select(program =>
                new ServiceProcess(program.Name, program.File, ports[program.Name], environment,
                    Path.Combine(options.Data, program.Name + ".log")))]);
        try
        {
            foreach (var process in suite.Processes)
            {
                process.Start();
            }

            await suite.UntilHealthyAsync(ct);
            await DemoOrganisation.LoadAsync(suite.Address, tokens, [.. ports.Keys]);
            return suite;
        }
        catch
        {
            await suite.DisposeAsync();
            throw;
        }
    }

    /// <summary>The connection string of an engine: that of <c>ConnectionStrings__mongodb</c>, else of <c>ITSM_TEST_MONGODB</c>.</summary>
    /// <exception cref="InvalidOperationException">Neither is set.</exception>
    public static string EngineOf(string engine) => FindEngine(engine) ?? throw new InvalidOperationException(
        $"{Topology.EngineVariable(engine)} is not set: separate processes need real engines; build/compose.yaml brings them.");

    /// <summary>As <see cref="EngineOf"/>; null where neither is set.</summary>
    public static string? FindEngine(string engine) =>
        new[] { Topology.EngineVariable(engine), $"ITSM_TEST_{engine.ToUpperInvariant()}" }
            .Select(Environment.GetEnvironmentVariable).FirstOrDefault(value => value is { Length: > 0 });

    /// <summary>Completes when one of the processes has ended by itself.</summary>
    public Task<ServiceProcess> AnyEndedAsync(CancellationToken ct) => Task.WhenAny(Processes.Select(async process =>
    {
        await process.EndedAsync(ct);
        return process;
    })).Unwrap();

    /// <summary>Tells all processes to stop, the gateway first, and waits until they have.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var process in Processes.Reverse())
        {
            await process.DisposeAsync();
        }
    }

    private async Task UntilHealthyAsync(CancellationToken ct)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(15) };
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var (started, last) = (TimeProvider.System.GetTimestamp(), "nothing");
        while (TimeProvider.System.GetElapsedTime(started) < Patience)
        {
            if (Processes.FirstOrDefault(process => !process.IsRunning) is { } ended)
            {
                throw new InvalidOperationException($"{ended.Name} ended at its start:\n{ended.LastLines(10)}");
            }

            try
            {
                using var answer = await client.GetAsync(new Uri(Address + "/health"), ct);
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    return;
                }

                last = await answer.Content.ReadAsStringAsync(ct);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !ct.IsCancellationRequested)
            {
                last = e.Message;
            }

            await timer.WaitForNextTickAsync(ct);
        }

        var logs = string.Join("\n\n", Processes.Select(process => $"The last of {process.Name}:\n{process.LastLines(5)}"));
        throw new InvalidOperationException($"The suite is not healthy after {Patience.TotalSeconds} s; /health says: {last}\n\n{logs}");
    }

    /// <summary>Ports that are all free at the same time: one that is let go of can be given out again.</summary>
    internal static List<int> FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        var ports = listeners.ConvertAll(listener => ((IPEndPoint)listener.LocalEndpoint).Port);
        listeners.ForEach(listener => listener.Dispose());
        return ports;
    }

    /// <summary>What to start.</summary>
    public sealed record Options
    {
        /// <summary>Port of the gateway; 0 for any free one.</summary>
        public int Port { get; init; }

        /// <summary>Folder with the key of the development tokens and the logs.</summary>
        public string Data { get; init; } = ".itsm";

        /// <summary>More environment variables for every process.</summary>
        public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
    }
}

/// <summary>One service, or the gateway, as a process that can be killed and started again.</summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private readonly string _program;
    private readonly int _port;
    private readonly string _log;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private Process? _process;

    internal ServiceProcess(string name, string program, int port, IReadOnlyDictionary<string, string> environment, string log) =>
        (Name, _program, _port, _environment, _log) = (name, program, port, environment, log);

    /// <summary>Name of the service, or gateway.</summary>
    public string Name { get; }

    /// <summary>Where it listens; the same after every start.</summary>
    public string Address => $"http://127.0.0.1:{_port}";

    /// <summary>Of the running process.</summary>
    public int Pid => _process?.Id ?? 0;

    /// <summary>False before the start and after its end.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>One more of the same service, with the same settings, not started: it listens elsewhere and shares store and
    /// queues.</summary>
    public ServiceProcess Another() => new(Name, _program, SeparateSuite.FreePorts(1)[0], _environment, _log);

    /// <summary>Starts it; what it prints is added to its log.</summary>
    public void Start()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, _program)])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        foreach (var (name, value) in _environment)
        {
            start.Environment[name] = value;
        }

        (start.Environment["ASPNETCORE_URLS"], start.Environment["Host__EndsWithInput"]) = (Address, "true");
        var ended = _process;
        _process = Process.Start(start)!;
        ended?.Dispose();
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Ends it in the middle of what it does (SIGKILL).</summary>
    public void Kill()
    {
        _process?.Kill();
        _process?.WaitForExit();
    }

    /// <summary>The end of what it printed.</summary>
    public string LastLines(int count)
    {
        lock (_log)
        {
            return File.Exists(_log) ? string.Join('\n', File.ReadLines(_log).TakeLast(count)) : "";
        }
    }

    /// <summary>Tells it to stop (SIGTERM), kills it where it does not in 15 s.</summary>
    public async ValueTask DisposeAsync()
    {
        if (IsRunning)
        {
            using var stop = Process.Start("kill", ["-TERM", Pid.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            try
            {
                await _process!.WaitForExitAsync().WaitAsync(Patience);
            }
            catch (TimeoutException)
            {
                Kill();
            }
        }

        _process?.Dispose();
        _process = null;
    }

    internal Task EndedAsync(CancellationToken ct) => _process!.WaitForExitAsync(ct);

    private void Note(string? line)
    {
        if (line is not null)
        {
            lock (_log)
            {
                File.AppendAllText(_log, line + Environment.NewLine);
            }
        }
    }
}
