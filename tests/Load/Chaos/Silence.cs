namespace Itsm.Load.Chaos;

/// <summary>Measures how long writes to one service go unanswered although they must be answered. The clock starts at zero when the
/// last engine is back (its start script returned), with every acknowledged write, and with the first write after a time without
/// any. It runs while a write waits for its answer, all engines are up, and so are the processes on its way: the gateway and the
/// service. While one of these two is killed or starting up the clock stands still, and then goes on; an engine that goes down puts
/// it to zero. A start ends with the tenth acknowledged write, or 60 s after the process listens: the first write of each sort waits
/// for its code to be compiled, 5 to 8 s where many processes share two cores.</summary>
/// <param name="service">Owner of the writes.</param>
/// <param name="engines">Those that are killed: any that is down excuses the silence.</param>
internal sealed class Silence(string service, IReadOnlyCollection<string> engines)
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _down = [];
    private int _waiting;
    private long? _runningSince;
    private TimeSpan _counted;

    /// <summary>Writes acknowledged until now.</summary>
    public int Acknowledged { get; private set; }

    /// <summary>How long the clock ran in all.</summary>
    public TimeSpan Measured { get; private set; }

    /// <summary>The longest, and the timestamp of its end.</summary>
    public (TimeSpan Lasted, long End) Longest { get; private set; }

    public void Down(string target) => Change(() =>
    {
        if (target == service || target == "gateway" || engines.Contains(target))
        {
            _down.Add(target);
        }

        if (engines.Contains(target))
        {
            _counted = TimeSpan.Zero;
        }
    });

    public void Up(string target) => Change(() => _down.Remove(target));

    /// <summary>A write is sent for the first time.</summary>
    public void Begin() => Change(() =>
    {
        if (_waiting++ == 0)
        {
            _counted = TimeSpan.Zero;
        }
    });

    /// <summary>A write is acknowledged, or given up.</summary>
    public void End(bool acknowledged) => Change(() =>
    {
        _waiting--;
        if (acknowledged)
        {
            Acknowledged++;
            _counted = TimeSpan.Zero;
        }
    });

    private void Change(Action change)
    {
        lock (_lock)
        {
            var now = TimeProvider.System.GetTimestamp();
            if (_runningSince is { } since)
            {
                var passed = TimeProvider.System.GetElapsedTime(since, now);
                (_counted, Measured) = (_counted + passed, Measured + passed);
                Longest = _counted > Longest.Lasted ? (_counted, now) : Longest;
            }

            change();
            _runningSince = _waiting > 0 && _down.Count == 0 ? now : null;
        }
    }
}
