using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Itsm.Platform.Telemetry;

/// <summary>A gauge whose values take a query. Whoever exports metrics gets the last ones, and has new ones fetched where those are a
/// minute old; where nobody does, nothing is fetched.</summary>
/// <param name="name">Of the metric.</param>
/// <param name="unit">Of the metric.</param>
/// <param name="description">Of the metric.</param>
/// <param name="fetch">Fetches the values.</param>
/// <param name="clock">For their age.</param>
/// <param name="log">Tells what could not be fetched.</param>
public sealed class FetchedGauge(
    string name, string unit, string description, Func<CancellationToken, Task<IReadOnlyList<Measurement<long>>>> fetch, TimeProvider clock,
    ILogger<FetchedGauge> log)
    : IHostedService, IDisposable
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);
    private readonly Meter _meter = new(Instruments.Name);
    private readonly CancellationTokenSource _stop = new();
    private volatile IReadOnlyList<Measurement<long>> _last = [];
    private long _fetched;
    private int _isFetching;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _meter.CreateObservableGauge(name, Read, unit, description);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _meter.Dispose();
        return _stop.CancelAsync();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _meter.Dispose();
        _stop.Dispose();
    }

    private IReadOnlyList<Measurement<long>> Read()
    {
        var isOld = _fetched == 0 || clock.GetElapsedTime(Volatile.Read(ref _fetched)) >= Kept;
        if (isOld && !_stop.IsCancellationRequested && Interlocked.Exchange(ref _isFetching, 1) == 0)
        {
            var ct = _stop.Token;
            _ = Task.Run(() => FetchAsync(ct), ct);
        }

        return _last;
    }

    private async Task FetchAsync(CancellationToken ct)
    {
        try
        {
            _last = await fetch(ct);
        }
        catch (Exception e)
        {
            if (!ct.IsCancellationRequested)
            {
                log.LogWarning("{Metric} could not be fetched: {Reason}", name, e.Message);
            }
        }

        Volatile.Write(ref _fetched, clock.GetTimestamp());
        Volatile.Write(ref _isFetching, 0);
    }
}
