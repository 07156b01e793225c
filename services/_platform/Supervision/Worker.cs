using System.Collections.Concurrent;

namespace Itsm.Platform.Supervision;

/// <summary>A part of a service that works in the background: relay, consumer, timer loop, index loop. Knows what is under way in it, and
/// what fails again and again.</summary>
public sealed class Worker
{
    private const int KeptFailing = 4;
    private readonly Supervisor _supervisor;
    private readonly ConcurrentDictionary<Work, byte> _underWay = new();
    private readonly ConcurrentDictionary<Guid, Failure> _failing = new();
    private long _moved;
    private long _brokenOff;
    private int _restarts;

    internal Worker(Supervisor supervisor, string name) =>
        (_supervisor, Name, _moved) = (supervisor, name, supervisor.Clock.GetTimestamp());

    /// <summary>What it is called in <c>/health</c>, logs and metrics: <c>timers of incidents</c>.</summary>
    public string Name { get; }

    /// <summary>How often in a row work of it was broken off because it stood still; 0 once any has come to an end.</summary>
    internal int Restarts => _restarts;

    /// <summary>True where nothing is under way in it, nor tried again and again.</summary>
    internal bool IsIdle => _underWay.IsEmpty && _failing.Values.All(failure => !IsTried(failure, _supervisor.StallAfter));

    /// <summary>How long nothing in it has moved, whether or not it has work.</summary>
    internal TimeSpan StillFor => _supervisor.Clock.GetElapsedTime(Volatile.Read(ref _moved));

    /// <summary>Begins a piece of work, which ends when it is disposed of.</summary>
    /// <param name="ct">Ends it from outside.</param>
    public Work Begin(CancellationToken ct)
    {
        var work = new Work(this, _supervisor.Clock, ct);
        _underWay[work] = 0;
        return work;
    }

    /// <summary>Runs a loop until it ends by itself or <paramref name="ct"/> is cancelled. One that breaks off or stands still is started
    /// again, without waiting for what it hangs on.</summary>
    public async Task RunAsync(Func<Work, Task> loop, CancellationToken ct)
    {
        while (true)
        {
            using (var work = Begin(ct))
            {
                try
                {
                    await Task.Run(() => loop(work), work.Token).WaitAsync(work.BrokenOff);
                    if (!work.BrokenOff.IsCancellationRequested)
                    {
                        return;
                    }
                }
                catch (Exception e)
                {
                    if (ct.IsCancellationRequested)
                    {
                        return;
                    }

                    if (!work.BrokenOff.IsCancellationRequested)
                    {
                        _supervisor.Failed(this, e);
                    }
                }
            }

            await Task.Delay(_supervisor.Pause, _supervisor.Clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Something that is tried again and again has failed once more.</summary>
    /// <param name="what">Identity of it.</param>
    /// <param name="reason">Why, for <c>/health</c>.</param>
    public void Fails(Guid what, string reason) =>
        _failing.AddOrUpdate(what, _ => new Failure(_supervisor.Clock.GetTimestamp(), _supervisor.Clock.GetTimestamp(), reason),
            (_, known) => known with { Last = _supervisor.Clock.GetTimestamp(), Reason = reason });

    /// <summary>It has succeeded, or is not tried any more.</summary>
    public void Succeeds(Guid what) => _failing.TryRemove(what, out _);

    /// <summary>A piece of work came a step further.</summary>
    internal void Moved() => Volatile.Write(ref _moved, _supervisor.Clock.GetTimestamp());

    /// <summary>A piece of work, or a turn of a loop, came to its end.</summary>
    internal void Completed()
    {
        Moved();
        _restarts = 0;
    }

    internal void End(Work work) => _underWay.TryRemove(work, out _);

    /// <summary>Work that has not moved for so long.</summary>
    internal IEnumerable<Work> Stalled(TimeSpan after) => _underWay.Keys.Where(work => work.StillFor > after);

    /// <summary>Breaks off what stands still.</summary>
    /// <returns>How much that was.</returns>
    internal int BreakOff(TimeSpan after)
    {
        var stalled = Stalled(after).ToList();
        if (stalled.Count > 0 && (_restarts == 0 || _supervisor.Clock.GetElapsedTime(_brokenOff) >= after))
        {
            // What else stood still at that time counts with it.
            _restarts++;
            _brokenOff = _supervisor.Clock.GetTimestamp();
        }

        stalled.ForEach(work => work.BreakOff());
        return stalled.Count;
    }

    /// <summary>What is wrong with it; null where nothing is.</summary>
    internal string? Complaint(TimeSpan after)
    {
        if (Stalled(after).Any() || _restarts > 0)
        {
            return $"{Name} has not moved for {Math.Max(after.TotalSeconds, StillFor.TotalSeconds):0} s though there is work; begun again "
                + $"{_restarts} times.";
        }

        // What is not tried here any more was done by another process.
        foreach (var (what, failure) in _failing)
        {
            if (!IsTried(failure, after))
            {
                _failing.TryRemove(what, out _);
            }
        }

        var failing = _failing.Values.Where(failure => _supervisor.Clock.GetElapsedTime(failure.Since) > after).ToList();
        return failing.Count == 0 ? null
            : $"{Name}: {failing.Count} fail for {_supervisor.Clock.GetElapsedTime(failing.Min(failure => failure.Since)).TotalSeconds:0} "
                + $"s: {failing[0].Reason}";
    }

    private bool IsTried(Failure failure, TimeSpan after) => _supervisor.Clock.GetElapsedTime(failure.Last) <= after * KeptFailing;

    private sealed record Failure(long Since, long Last, string Reason);
}

/// <summary>A piece of work of a worker: a run of a loop, a delivery, a timer. Where it neither moves nor rests for 30 s, its token is
/// cancelled and whoever began it begins it again.</summary>
public sealed class Work : IDisposable
{
    private const long Resting = long.MaxValue;
    private static readonly AsyncLocal<Work?> Current = new();
    private readonly Worker _worker;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _brokenOff = new();
    private readonly CancellationTokenSource _end;
    private readonly Work? _outer;
    private long _moved;

    internal Work(Worker worker, TimeProvider clock, CancellationToken ct)
    {
        (_worker, _clock, _moved) = (worker, clock, clock.GetTimestamp());
        _end = CancellationTokenSource.CreateLinkedTokenSource(ct, _brokenOff.Token);
        (_outer, Current.Value) = (Current.Value, this);
        (Token, BrokenOff) = (_end.Token, _brokenOff.Token);
    }

    /// <summary>Cancelled when the work ends from outside or has stood still for too long.</summary>
    public CancellationToken Token { get; }

    /// <summary>Cancelled when the work has stood still for too long: nobody waits any more for what goes on all the same.</summary>
    public CancellationToken BrokenOff { get; }

    internal TimeSpan StillFor => Volatile.Read(ref _moved) is var moved && moved == Resting ? TimeSpan.Zero : _clock.GetElapsedTime(moved);

    /// <summary>True in the background: nobody waits for an answer.</summary>
    internal static bool IsUnderWay => Current.Value is not null;

    /// <summary>The work that this runs in, if any, has come a step further: a document was saved, a message published.</summary>
    public static void Progress()
    {
        // Work that rests goes on resting.
        if (Current.Value is { } work && Volatile.Read(ref work._moved) is var moved && moved != Resting
            && !work.BrokenOff.IsCancellationRequested
            && Interlocked.CompareExchange(ref work._moved, work._clock.GetTimestamp(), moved) == moved)
        {
            work._worker.Moved();
        }
    }

    /// <summary>It has ended, or a turn of the loop has. No effect for work that was broken off.</summary>
    public void Completed()
    {
        if (!BrokenOff.IsCancellationRequested)
        {
            Resume();
            _worker.Completed();
        }
    }

    /// <summary>There is nothing to do until it resumes.</summary>
    public void Rest() => Volatile.Write(ref _moved, Resting);

    /// <summary>There is something to do from now on.</summary>
    public void Resume() => Volatile.Write(ref _moved, _clock.GetTimestamp());

    /// <summary>The work that this runs in, if any, waits for other work, which is watched itself.</summary>
    public static void RestWhileWaiting() => Current.Value?.Rest();

    /// <summary>The work that this runs in, if any, goes on.</summary>
    public static void ResumeAfterWaiting() => Current.Value?.Resume();

    /// <inheritdoc/>
    public void Dispose()
    {
        _worker.End(this);
        Current.Value = _outer;

        // Where it was broken off its token is yet to be cancelled, for what hangs on it.
        if (!BrokenOff.IsCancellationRequested)
        {
            _end.Dispose();
            _brokenOff.Dispose();
        }
    }

    internal void BreakOff()
    {
        _moved = _clock.GetTimestamp();
        try
        {
            _brokenOff.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended just now.
        }
    }
}
