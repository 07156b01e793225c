using System.Diagnostics;
using Itsm.Platform.Documents;
using Itsm.Platform.Telemetry;
using Microsoft.Extensions.Logging;

namespace Itsm.Platform.Timers;

internal sealed partial class TimerStore
{
    private const int MostAtOnce = 8;
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RenewEvery = Lease / 3;
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromHours(1);

    // While versions change: not so long that who does not know it keeps it from who does, nor so often that many of them are a burden.
    private static readonly TimeSpan FirstUnknownRetry = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestUnknownRetry = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan UnknownKept = TimeSpan.FromDays(7);
    private readonly SemaphoreSlim _free = new(MostAtOnce);

    // A loop that is broken off takes none of them along.
    private CancellationToken _stopping;

    /// <summary>Owners of the timers that run; true where another of the owner's is due.</summary>
    private readonly Dictionary<(string Collection, Guid Owner), bool> _running = [];

    /// <summary>True where a timer of this owner runs: its end has the timers looked at again.</summary>
    private bool IsRunning((string, Guid) owner)
    {
        lock (_running)
        {
            if (!_running.ContainsKey(owner))
            {
                return false;
            }

            _running[owner] = true;
            return true;
        }
    }

    /// <summary>Claims a timer and begins to run it in a place that was taken for it; frees the place where somebody else has claimed
    /// it.</summary>
    private async Task StartAsync(DurableTimer timer, CancellationToken ct)
    {
        var (owner, begun) = ((timer.Collection, timer.Owner), false);
        lock (_running)
        {
            _running[owner] = false;
        }

        try
        {
            // A claim moves the due instant to the lease's end: who dies while holding it hands it on by that.
            var now = clock.GetUtcNow();
            var claimed = timer with { Version = timer.Version + 1, Due = now + Lease };
            begun = await _timers.ReplaceAsync(claimed.Stored(), timer.Version, ct);
            if (begun)
            {
                _ = RunAsync(claimed, now, _stopping);
            }
        }
        finally
        {
            if (!begun)
            {
                End(owner);
            }
        }
    }

    private void End((string, Guid) owner)
    {
        bool another;
        lock (_running)
        {
            _running.Remove(owner, out another);
        }

        _free.Release();
        if (another)
        {
            LookBefore(DateTimeOffset.MinValue);
        }
    }

    private async Task RunAsync(DurableTimer timer, DateTimeOffset now, CancellationToken ct)
    {
        try
        {
            using var span = Instruments.Begin("timer " + timer.Name, ActivityKind.Internal, Service);
            Instruments.TimerLateness.Record((now - timer.Set).TotalSeconds, new KeyValuePair<string, object?>("timer", timer.Name));
            await PutDownAsync(timer, ct);
        }
        catch (Exception e)
        {
            if (!ct.IsCancellationRequested)
            {
                log.LogError(e, "Timer {Timer} of {Owner} ran, but that could not be stored: it comes again when its lease ends.",
                    timer.Name, timer.Owner);
            }
        }
        finally
        {
            End((timer.Collection, timer.Owner));
        }
    }

    /// <summary>Runs a timer that was claimed, and stores what came of it.</summary>
    private async Task PutDownAsync(DurableTimer claimed, CancellationToken ct)
    {
        try
        {
            if (!_handlers.TryGetValue((claimed.Collection, claimed.Name), out var handler))
            {
                if (clock.GetUtcNow() - claimed.Set is var age && age < UnknownKept)
                {
                    // A newer version may know it.
                    var pause = Math.Clamp(age.TotalSeconds / 10, FirstUnknownRetry.TotalSeconds, LongestUnknownRetry.TotalSeconds);
                    await SetAgainAsync(claimed, TimeSpan.FromSeconds(pause), claimed.Attempts, ct);
                    return;
                }
            }
            else
            {
                using var work = worker.Begin(ct);
                var run = handler(claimed.Owner, claimed.Set, work.Token).WaitAsync(work.BrokenOff);
                claimed = await HoldAsync(claimed, run);
                await run;
            }

            await _timers.DeleteAsync(claimed.Id, claimed.Version, ct);
        }
        catch (TimerPostponedException e)
        {
            await SetAgainAsync(claimed, e.Wait, claimed.Attempts, ct);
        }
        catch (StoreUnavailableException e)
        {
            // No failure of the timer; an owner that only a newer version can load another instance may.
            log.LogWarning("Timer {Timer} of {Owner} waits: {Reason}", claimed.Name, claimed.Owner, e.Message);
            await SetAgainAsync(claimed, FirstRetry, claimed.Attempts, ct);
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            var wait = TimeSpan.FromSeconds(Math.Min(FirstRetry.TotalSeconds * Math.Pow(2, claimed.Attempts), LongestRetry.TotalSeconds));
            log.LogError(e, "Timer {Timer} of {Owner} failed {Attempts} times; next try in {Wait}.", claimed.Name, claimed.Owner,
                claimed.Attempts + 1, wait);
            await SetAgainAsync(claimed, wait, claimed.Attempts + 1, ct);
        }
    }

    private Task<bool> SetAgainAsync(DurableTimer claimed, TimeSpan wait, int attempts, CancellationToken ct)
    {
        var again = claimed with { Version = claimed.Version + 1, Due = clock.GetUtcNow() + wait, Attempts = attempts };
        return _timers.ReplaceAsync(again.Stored(), claimed.Version, ct);
    }

    /// <summary>Renews the lease until the run ends, or the timer was set anew or taken back meanwhile.</summary>
    /// <returns>The timer as it is stored.</returns>
    private async Task<DurableTimer> HoldAsync(DurableTimer claimed, Task run)
    {
        while (true)
        {
            await run.WaitAsync(RenewEvery, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (run.IsCompleted)
            {
                return claimed;
            }

            try
            {
                var renewed = claimed with { Version = claimed.Version + 1, Due = clock.GetUtcNow() + Lease };
                if (!await _timers.ReplaceAsync(renewed.Stored(), claimed.Version, CancellationToken.None))
                {
                    return claimed;
                }

                claimed = renewed;
            }
            catch (StoreUnavailableException e)
            {
                log.LogWarning(e, "The lease of timer {Timer} of {Owner} could not be renewed.", claimed.Name, claimed.Owner);
            }
        }
    }
}
