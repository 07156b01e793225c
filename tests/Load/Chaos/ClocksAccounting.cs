using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Itsm.Load.Chaos;

/// <summary>Compares the clocks of what was acknowledged with the tickets: each promise is counted once, its clock stands as the ticket's
/// state demands, and the ticket shows what service-levels has.</summary>
internal sealed class ClocksAccounting(Caller caller, Ledger ledger, int seed)
{
    private const int MostAsked = 400;
    private const int AtOnce = 8;
    private const string Agent = "agent1";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>How the clock of a resolution stands while a ticket is in a state.</summary>
    private static readonly Dictionary<string, string> Expected = new()
    {
        ["new"] = "running", ["assigned"] = "running", ["inProgress"] = "running", ["onHold"] = "paused", ["resolved"] = "completed",
        ["waitingForApproval"] = "running", ["inFulfillment"] = "running", ["fulfilled"] = "completed",
    };

    /// <summary>Waits at most 60 s for the clocks to catch up; the rest is wrong.</summary>
    public async Task CheckAsync(CancellationToken giveUp)
    {
        var asked = ledger.Tickets.OrderBy(ticket => ticket.Key, StringComparer.Ordinal).ToArray();
        new Random(seed).Shuffle(asked);
        asked = [.. asked.Take(MostAsked)];
        var started = TimeProvider.System.GetTimestamp();
        IReadOnlyDictionary<string, string> wrong;
        while ((wrong = await WrongAsync(asked)).Count > 0 && TimeProvider.System.GetElapsedTime(started) < Patience)
        {
            await Task.Delay(Pause, giveUp);
        }

        foreach (var fault in wrong.Values)
        {
            ledger.Wrong("clocks", fault);
        }

        ledger.Clocks = $"of {asked.Length - wrong.Count} of {asked.Length} tickets each once and as their state demands; "
            + $"{TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.0} s after all else was quiet";
    }

    private async Task<IReadOnlyDictionary<string, string>> WrongAsync(IReadOnlyCollection<KeyValuePair<string, Ledger.Ticket>> asked)
    {
        var wrong = new ConcurrentDictionary<string, string>();
        await Parallel.ForEachAsync(asked, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (ticket, _) =>
        {
            if (await FaultAsync(ticket.Key, ticket.Value.Path) is { } fault)
            {
                wrong[ticket.Key] = fault;
            }
        });
        return wrong;
    }

    private async Task<string?> FaultAsync(string id, string path)
    {
        if (await caller.ReadAsync(Agent, $"{path}/{id}") is not { } ticket)
        {
            return null; // Told as lost already.
        }

        var (number, state) = (Text(ticket, "number"), Text(ticket, "state"));
        if (await caller.ReadAsync(Agent, $"service-levels/clocks?ticket={id}&limit=200") is not { } page)
        {
            return $"the clocks of {number} can't be read";
        }

        var clocks = page["items"]!.AsArray().Select(clock => clock!.AsObject()).ToList();
        var shown = ticket["serviceLevels"]?["clocks"]?.AsArray().Select(clock => clock!.AsObject()).ToList() ?? [];
        if (clocks.GroupBy(Promise).FirstOrDefault(twins => twins.Count() > 1) is { } doubled)
        {
            return $"{number} has {doubled.Count()} clocks {doubled.Key}";
        }

        if (!shown.Select(Words).Order().SequenceEqual(clocks.Select(Words).Order()))
        {
            return $"{number} shows {Join(shown)}; service-levels has {Join(clocks)}";
        }

        return clocks.Find(clock => Text(clock, "metric") == "resolution") is { } resolution
            && Text(resolution, "state") == Expected.GetValueOrDefault(state)
                ? null
                : $"{number} is {state}; its clocks are {Join(clocks)}";
    }

    private static string Join(IEnumerable<JsonObject> clocks) => string.Join(", ", clocks.Select(Words));

    private static string Promise(JsonObject clock) => $"{clock["agreement"]} {clock["metric"]} {clock["cycle"]}";

    private static string Words(JsonObject clock) => $"{Promise(clock)} {clock["target"]} {clock["state"]} {clock["dueAt"]}";

    private static string Text(JsonObject json, string name) => json[name]!.GetValue<string>();
}
