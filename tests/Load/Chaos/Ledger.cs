using System.Collections.Concurrent;

namespace Itsm.Load.Chaos;

/// <summary>What was acknowledged, and what became of it.</summary>
internal sealed class Ledger
{
    private const int MostExamples = 20;
    private static readonly TimeSpan LongestAllowedSilence = TimeSpan.FromSeconds(5);
    private static readonly string[] Counted = ["lost", "stuck", "duplicated"];
    private readonly ConcurrentQueue<string> _examples = new();
    private readonly ConcurrentQueue<(long At, string Answer, TimeSpan Took)> _refusals = new();
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private readonly Lock _lock = new();
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

    /// <summary>What the search found of the tickets that it was asked for.</summary>
    public string Searched { get; set; } = "not asked";

    /// <summary>How the clocks stand of the tickets that were asked for.</summary>
    public string Clocks { get; set; } = "not asked";

    /// <summary>What the listener of the live stream heard.</summary>
    public string LiveEvents { get; set; } = "none";

    /// <summary>The longest that one request was in need of an answer.</summary>
    public TimeSpan LongestRetry { get; private set; }

    /// <summary>Of all writes, whatever is down.</summary>
    public Silence AnySilence { get; } = new("", []);

    /// <summary>By service that writes are sent to.</summary>
    public IReadOnlyDictionary<string, Silence> Silences { get; } =
        new[] { "incidents", "requests" }.ToDictionary(service => service, service => new Silence(service, Killer.Engines));

    /// <summary>What the stores still hold, a line for each service that holds anything.</summary>
    public IReadOnlyList<string> Left { get; set; } = [];

    public bool IsClean => _wrong == 0;

    /// <summary>By kind of fault: how many.</summary>
    public ConcurrentDictionary<string, int> Faults { get; } = new();

    /// <summary>An engine or a process goes down.</summary>
    public void Down(string target)
    {
        foreach (var silence in Silences.Values)
        {
            silence.Down(target);
        }
    }

    /// <summary>An engine's start script returned, or a process has started up.</summary>
    public void Up(string target)
    {
        foreach (var silence in Silences.Values)
        {
            silence.Up(target);
        }
    }

    /// <summary>An answer, or none, after which a request is sent again.</summary>
    public void Refused(string answer, TimeSpan took) => _refusals.Enqueue((TimeProvider.System.GetTimestamp(), answer, took));

    public void Succeed(TimeSpan took, bool retried)
    {
        Interlocked.Increment(ref Acknowledged);
        lock (_lock)
        {
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

    /// <summary>Notes the silences that lasted too long.</summary>
    public void CheckSilences()
    {
        foreach (var (service, silence) in Silences.Where(silence => silence.Value.Longest.Lasted > LongestAllowedSilence))
        {
            Wrong("silent for too long", $"{service}: {Describe(silence)}; answers before: {RefusalsIn(silence)}");
        }
    }

    public void Print(ChaosOptions options)
    {
        var (worst, longest) = Silences.MaxBy(silence => silence.Value.Longest.Lasted);
        var measured = string.Join(", ", Silences.Select(silence => $"{silence.Value.Measured.TotalSeconds:0} s of {silence.Key}"));
        var silence = $"{Describe(longest)} of {worst}; {LongestAllowedSilence.TotalSeconds:0} s are allowed; measured over {measured}";
        var any = AnySilence.Longest.Lasted.TotalSeconds;
        Console.WriteLine($"""

            seed                    {options.Seed}, {options.Seconds} s, {options.Clients} clients
            kills                   {Kills}
            acknowledged            {Acknowledged} writes, {Acknowledged / (double)options.Seconds:0} a second; {Reads} reads
            retried until answered  {Retried}; answered ones repeated with their key: {Repeated}
            found                   {Found} incidents, requests, comments and grants with all their versions
            searched                {Searched}
            clocks                  {Clocks}
            live events             {LiveEvents}
            longest recovery        {LongestRetry.TotalSeconds:0.0} s for one request; {any:0.0} s in which no waiting write was answered
            longest silence after the last engine returned: {silence}
            left in the stores      {(Left.Count == 0 ? "nothing" : string.Join("\n                        ", Left))}
            """);
        foreach (var fault in Counted.Union(Faults.Keys.Order()))
        {
            Console.WriteLine($"{fault,-23} {Faults.GetValueOrDefault(fault)}");
        }

        foreach (var example in _examples)
        {
            Console.WriteLine("  " + example);
        }
    }

    private string Describe(Silence silence)
    {
        var end = TimeProvider.System.GetElapsedTime(_started, Math.Max(_started, silence.Longest.End));
        return $"{silence.Longest.Lasted.TotalSeconds:0.0} s until {end.TotalSeconds:0.0} s";
    }

    private string RefusalsIn(Silence silence)
    {
        var (lasted, end) = silence.Longest;
        var inIt = _refusals.Where(refusal => refusal.At <= end && TimeProvider.System.GetElapsedTime(refusal.At, end) < lasted);
        return string.Join(", ", inIt.GroupBy(refusal => refusal.Answer).OrderByDescending(group => group.Count())
            .Select(group => $"{group.Count()} x {group.Key} after at most {group.Max(refusal => refusal.Took).TotalSeconds:0.0} s"));
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

        /// <summary>The same of comments that another write asked for, by message.</summary>
        public ConcurrentQueue<string> RequestedComments { get; } = new();

        /// <summary>The state that it must come to; null where the outcome was not acknowledged.</summary>
        public string? State { get; set; }
    }
}
