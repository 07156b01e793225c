namespace Itsm.Testing;

/// <summary>The real time plus what tests have added; waits that end by then end at once.</summary>
public sealed class MovableClock : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<MovableTimer> _timers = [];
    private TimeSpan _ahead;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return System.GetUtcNow() + _ahead;
        }
    }

    /// <summary>Moves the time forward.</summary>
    public void Advance(TimeSpan by)
    {
        MovableTimer[] timers;
        lock (_gate)
        {
            _ahead += by;
            timers = [.. _timers];
        }

        foreach (var timer in timers)
        {
            timer.Advance(by);
        }
    }

    /// <summary>The time jumps, as when somebody sets the machine's clock; waits go on as they were.</summary>
    public void Jump(TimeSpan by)
    {
        lock (_gate)
        {
            _ahead += by;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new MovableTimer(this, callback, state, dueTime, period);
        lock (_gate)
        {
            _timers.Add(timer);
        }

        return timer;
    }

    private void Forget(MovableTimer timer)
    {
        lock (_gate)
        {
            _timers.Remove(timer);
        }
    }

    private sealed class MovableTimer : ITimer
    {
        private readonly MovableClock _clock;
        private readonly ITimer _inner;
        private TimeSpan _period;
        private DateTimeOffset? _due;

        public MovableTimer(MovableClock clock, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (_clock, _period) = (clock, period);
            _inner = System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Change(dueTime, period);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            (_period, _due) = (period, dueTime == Timeout.InfiniteTimeSpan ? null : System.GetUtcNow() + dueTime);
            return _inner.Change(dueTime, period);
        }

        public void Advance(TimeSpan by)
        {
            if (_due is not { } due)
            {
                return;
            }

            var left = due - by - System.GetUtcNow();
            _due = due - by;
            _inner.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, _period);
        }

        public void Dispose()
        {
            _clock.Forget(this);
            _inner.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
