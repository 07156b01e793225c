using System.Threading.Channels;

namespace Itsm.Platform.Timers;

/// <summary>Waits for what comes due next, and wakes for what is set before that.</summary>
internal sealed class DueWait(TimeProvider clock)
{
    /// <summary>What another process has set, or a clock that was set back, is found within this time.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private readonly Channel<bool> _wake =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>When is looked next, in ticks: only what is due before that wakes. While is looked, everything does.</summary>
    private long _nextLook = long.MaxValue;

    /// <summary>Something is due at this instant: has it looked for in time.</summary>
    public void LookBefore(DateTimeOffset due)
    {
        if (due.UtcTicks < Interlocked.Read(ref _nextLook))
        {
            _wake.Writer.TryWrite(true);
        }
    }

    /// <summary>To be called before a look.</summary>
    public void Begin() => Interlocked.Exchange(ref _nextLook, long.MaxValue);

    /// <summary>Waits until the instant has come, or something that is due before is set.</summary>
    public async Task UntilAsync(DateTimeOffset next, CancellationToken ct)
    {
        Interlocked.Exchange(ref _nextLook, next.UtcTicks);
        var pause = next - clock.GetUtcNow();
        if (pause <= TimeSpan.Zero)
        {
            return;
        }

        using var timeout = new CancellationTokenSource(pause < Longest ? pause : Longest, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, ct);

        // The clock may have been set forward before the wait began.
        if (clock.GetUtcNow() < next)
        {
            await ((Task)_wake.Reader.ReadAsync(either.Token).AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
