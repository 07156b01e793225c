using System.Collections.Concurrent;

namespace Itsm.Load.Chaos;

/// <summary>What was acknowledged, and what became of it.</summary>
internal sealed class Ledger
{
    private const int MostExamples = 20;
    private readonly ConcurrentQueue<string> _examples = new();
    private readonly Lock _lock = new();
    private long _lastSuccess = TimeProvider.System.GetTimestamp();
    private int _wrong;

    /// <summary>Incidents and requests that the suite said it has: by id.</summary>
    public ConcurrentDictionary<string, Ticket> Tickets { get; } = new();

    /// <summary>Requests answered with success.</summary>
    public int Acknowledged;

    /// <summary>Requests that had to be sent more than once.</summary>
    public int Retried;

    /// <summary>Answered requests that were sent again with their key, and answered the same.</summary>
    public int Repeated;

    public int Reads;

    public int Kills;

    /// <summary>How much of what was acknowledged is there.</summary>
    public int Found;

    /// <summary>What the listener of the live stream heard.</summary>
    public string LiveEvents { get; set; } = "none";

    /// <summary>The longest that one request was in need of an answer.</summary>
    public TimeSpan LongestRetry { get; private set; }

    /// <summary>The longest time in which nobody got an answer.</summary>
    public TimeSpan LongestSilence { get; private set; }

    public bool IsClean => _wrong == 0;

    /// <summary>By kind of fault: how many.</summary>
    public ConcurrentDictionary<string, int> Faults { get; } = new();

    public void Succeed(TimeSpan took, bool retried)
    {
        Interlocked.Increment(ref Acknowledged);
        lock (_lock)
        {
            var now = TimeProvider.System.GetTimestamp();
            var silence = TimeProvider.System.GetElapsedTime(_lastSuccess, now);
            (_lastSuccess, LongestSilence) = (now, silence > LongestSilence ? silence : LongestSilence);
            if (retried)
            {
                Retried++;
                LongestRetry = took > LongestRetry ? took : LongestRetry;
            }
        }
    }

    /// <summary>Something is not as it must be: <c>lost</c>, <c>duplicated</c>, …</summary>
    public void Wrong(string fault, string example)
    {
        Interlocked.Increment(ref _wrong);
        Faults.AddOrUpdate(fault, 1, (_, count) => count + 1);
        if (_examples.Count < MostExamples)
        {
            _examples.Enqueue($"{fault}: {example}");
        }
    }

    public void Print(ChaosOptions options)
    {
        Console.WriteLine($"""

            seed                    {options.Seed}, {options.Seconds} s, {options.Clients} clients
            kills                   {Kills}
            acknowledged            {Acknowledged} writes, {Acknowledged / (double)options.Seconds:0} a second; {Reads} reads
            retried until answered  {Retried}; answered ones repeated with their key: {Repeated}
            found                   {Found} incidents, requests, comments and grants with all their versions
            live events             {LiveEvents}
            longest recovery        {LongestRetry.TotalSeconds:0.0} s for one request; {LongestSilence.TotalSeconds:0.0} s in which nobody was answered
            lost                    {Faults.GetValueOrDefault("lost")}
            duplicated              {Faults.GetValueOrDefault("duplicated")}
            """);
        foreach (var (fault, count) in Faults.Where(fault => fault.Key is not ("lost" or "duplicated")))
        {
            Console.WriteLine($"{fault,-23} {count}");
        }

        foreach (var example in _examples)
        {
            Console.WriteLine("  " + example);
        }
    }

    /// <summary>A ticket that was acknowledged, with what was acknowledged of it.</summary>
    /// <param name="path">Where its kind is found: <c>incidents</c>, <c>requests</c>.</param>
    /// <param name="field">In which field its own words stand.</param>
    /// <param name="words">What no other was opened with.</param>
    public sealed class Ticket(string path, string field, string words)
    {
        public string Path { get; } = path;

        public string Field { get; } = field;

        public string Words { get; } = words;

        /// <summary>Texts of the comments that must be there once, of whoever wrote them.</summary>
        public ConcurrentQueue<string> Comments { get; } = new();

        /// <summary>The state that it must come to; null where the outcome was not acknowledged.</summary>
        public string? State { get; set; }
    }
}
