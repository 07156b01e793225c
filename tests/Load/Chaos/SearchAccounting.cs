using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Itsm.Load.Chaos;

/// <summary>Asks the search for what was acknowledged: each ticket must be found once, as it is, by one who may see it, and not by one who
/// may not.</summary>
internal sealed class SearchAccounting(Caller caller, Ledger ledger, int seed)
{
    private const int MostAsked = 400;
    private const int AtOnce = 8;
    private const string Agent = "agent1";
    private const string Stranger = "employee2";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Waits at most 60 s for the index to catch up; the rest is wrong.</summary>
    public async Task CheckAsync(CancellationToken giveUp)
    {
        KeyValuePair<string, Ledger.Ticket>[] asked = [.. ledger.Tickets.OrderBy(ticket => ticket.Key, StringComparer.Ordinal)];
        new Random(seed).Shuffle(asked);
        asked = [.. asked.Take(MostAsked)];
        var started = TimeProvider.System.GetTimestamp();
        IReadOnlyDictionary<string, string> wrong;
        while ((wrong = await WrongAsync(asked)).Count > 0 && TimeProvider.System.GetElapsedTime(started) < Patience)
        {
            asked = [.. asked.Where(ticket => wrong.ContainsKey(ticket.Key)), .. asked.Where(ticket => !wrong.ContainsKey(ticket.Key))];
            await Task.Delay(Pause, giveUp);
        }

        foreach (var fault in wrong.Values)
        {
            ledger.Wrong("search", fault);
        }

        ledger.Searched = $"{asked.Length - wrong.Count} of {asked.Length} tickets once by one who may see them, none by one who may not; "
            + $"{TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.0} s after all else was quiet";
    }

    private async Task<IReadOnlyDictionary<string, string>> WrongAsync(IReadOnlyCollection<KeyValuePair<string, Ledger.Ticket>> asked)
    {
        var wrong = new ConcurrentDictionary<string, string>();
        await Parallel.ForEachAsync(asked, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (ticket, _) =>
        {
            var (id, known) = (ticket.Key, ticket.Value);
            var found = await FindAsync(Agent, known.Words);
            var strangers = await FindAsync(Stranger, known.Words);
            if (found.Count != 1 || found[0]["id"]!.GetValue<string>() != id)
            {
                wrong[id] = $"{known.Path} {id} {known.Words} is found {found.Count} times by one who may see it";
            }
            else if (known.State is { } state && found[0]["state"]!.GetValue<string>() != state)
            {
                wrong[id] = $"{found[0]["number"]} is found as {found[0]["state"]} and not {state}";
            }
            else if (strangers.Count > 0)
            {
                wrong[id] = $"{found[0]["number"]} is found by one who may not see it";
            }
        });
        return wrong;
    }

    private async Task<IReadOnlyList<JsonNode>> FindAsync(string person, string words)
    {
        var page = await caller.ReadAsync(person, "search?q=" + Uri.EscapeDataString($"\"{words}\""));
        return [.. page?["items"]!.AsArray().OfType<JsonNode>() ?? []];
    }
}
