namespace Itsm.Platform.Timers;

/// <summary>Runs when a timer comes due.</summary>
public interface ITimerHandler
{
    /// <summary>Does what is due for this aggregate; an exception means a later try.</summary>
    /// <exception cref="TimerPostponedException">There is no room for it just now.</exception>
    Task RunAsync(Guid id, CancellationToken ct);
}

/// <summary>A timer that has come due is looked at again a little later; that is no failure.</summary>
/// <param name="wait">How much later.</param>
public sealed class TimerPostponedException(TimeSpan wait) : Exception($"Not now; again in {wait}.")
{
    /// <summary>How much later.</summary>
    public TimeSpan Wait { get; } = wait;
}
