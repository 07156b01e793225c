using Itsm.Platform.Documents;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Itsm.Platform.Hosting;

/// <summary>Puts into the store what a service must have before its first caller. Where the store is away at the start, the service
/// starts all the same and this is done as soon as the store answers.</summary>
public abstract class Preparation(TimeProvider clock, ILogger log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private bool _done;

    /// <summary>Tells the time of what is added.</summary>
    protected TimeProvider Clock => clock;

    /// <summary>Adds what is missing; safe to run again after half of it.</summary>
    protected abstract Task PrepareAsync(CancellationToken ct);

    /// <inheritdoc/>
    public sealed override async Task StartAsync(CancellationToken cancellationToken)
    {
        await TryAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!_done)
        {
            await Task.Delay(Pause, clock, stoppingToken);
            await TryAsync(stoppingToken);
        }
    }

    private async Task TryAsync(CancellationToken ct)
    {
        try
        {
            await PrepareAsync(ct);
            _done = true;
        }
        catch (StoreUnavailableException e)
        {
            log.LogWarning("The service waits for its store: {Reason}", e.Message);
        }
    }
}
