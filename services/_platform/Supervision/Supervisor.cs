using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Itsm.Platform.Telemetry;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Itsm.Platform.Supervision;

/// <summary>Section <c>Supervision</c>.</summary>
public sealed class SupervisionSettings
{
    /// <summary>How long work may stand still before it is broken off and begun again; 30 s by default.</summary>
    public TimeSpan StallAfter { get; set; } = TimeSpan.FromSeconds(30);
}

/// <summary>Watches what works in the background. Work that stands still is broken off, which <c>/health</c> and the metric
/// <c>itsm.worker.stalls</c> tell; where that has not helped twice, the process ends with exit code 1, so that whoever runs it starts it
/// anew.</summary>
public sealed class Supervisor(
    IOptions<SupervisionSettings> settings, TimeProvider clock, ILogger<Supervisor> log, IHostApplicationLifetime? lifetime = null)
    : BackgroundService, IHealthCheck
{
    private const int MostRestarts = 2;
    private static readonly Counter<long> Stalls =
        Instruments.Meter.CreateCounter<long>("itsm.worker.stalls", "{stall}", "Work that stood still and was broken off.");
    private readonly ConcurrentDictionary<string, Worker> _workers = new();
    private int _ends;

    internal TimeProvider Clock => clock;

    internal TimeSpan StallAfter => settings.Value.StallAfter;

    /// <summary>Before a loop that broke off is started again.</summary>
    internal TimeSpan Pause { get; } = TimeSpan.FromSeconds(1);

    /// <summary>The worker of this name.</summary>
    public Worker Watch(string name) => _workers.GetOrAdd(name, _ => new Worker(this, name));

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var complaints = _workers.Values.Select(worker => worker.Complaint(settings.Value.StallAfter)).OfType<string>()
            .Order(StringComparer.Ordinal).ToList();
        return Task.FromResult(
            complaints.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(string.Join(' ', complaints)));
    }

    /// <summary>Ends the process where restarting a part of it does not help.</summary>
    internal void EndProcess(string reason)
    {
        if (Interlocked.Exchange(ref _ends, 1) == 0)
        {
            log.LogCritical("{Reason} The process ends, to be started anew.", reason);
            Environment.ExitCode = 1;
            lifetime?.StopApplication();
        }
    }

    internal void Failed(Worker worker, Exception e) => log.LogError(e, "{Worker} broke off; it is started again.", worker.Name);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Not the suite's clock: a jump of the time is no standstill.
        using var timer = new PeriodicTimer(settings.Value.StallAfter / 10);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var worker in _workers.Values)
            {
                if (worker.BreakOff(StallAfter) is > 0 and var count)
                {
                    log.LogError("{Worker}: {Count} have not moved for {Seconds} s and are begun again.", worker.Name, count,
                        StallAfter.TotalSeconds);
                    Stalls.Add(count, new KeyValuePair<string, object?>("worker", worker.Name));
                }

                if (worker.Restarts > MostRestarts)
                {
                    EndProcess($"{worker.Name} stands still though it was started again {MostRestarts} times.");
                }
            }
        }
    }
}
