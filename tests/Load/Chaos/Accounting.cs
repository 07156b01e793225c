using System.Text.Json.Nodes;

namespace Itsm.Load.Chaos;

/// <summary>Compares what the suite has with what it acknowledged.</summary>
internal sealed class Accounting(Caller caller, Ledger ledger, Listener listener)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    public async Task CheckAsync()
    {
        await UntilQuietAsync();
        await Parallel.ForEachAsync(ledger.Incidents, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (known, _) => await CheckAsync(known.Key, known.Value));
        await CheckListAsync();
        foreach (var failed in await AllAsync("admin", "operations/failed-messages?limit=200"))
        {
            ledger.Wrong("failed messages", $"{failed["subscription"]} {failed["message"]}: {failed["reason"]}");
        }

        if (listener.Resets > 0)
        {
            ledger.Wrong("live updates reset", $"{listener.Resets} times");
        }
    }

    /// <summary>Effects come by message, later than the answer: waits until all have come, or no longer can.</summary>
    private async Task UntilQuietAsync()
    {
        var started = TimeProvider.System.GetTimestamp();
        var open = ledger.Incidents.Where(incident => incident.Value.State is not null).ToList();
        while (open.Count > 0 && TimeProvider.System.GetElapsedTime(started) < Patience)
        {
            var left = new List<KeyValuePair<string, Ledger.Incident>>();
            foreach (var incident in open)
            {
                if (await caller.ReadAsync("agent1", $"incidents/{incident.Key}") is { } found
                    && (found["state"]!.GetValue<string>() != incident.Value.State || listener.Times($"{incident.Key} {found["version"]}") == 0))
                {
                    left.Add(incident);
                }
            }

            open = left;
            await Task.Delay(500);
        }
    }

    private async Task CheckAsync(string id, Ledger.Incident known)
    {
        if (await caller.ReadAsync("agent1", $"incidents/{id}") is not { } found || found["title"]!.GetValue<string>() != known.Title)
        {
            ledger.Wrong("lost", $"incident {id} {known.Title}");
            return;
        }

        Interlocked.Increment(ref ledger.Found);
        if (known.State is { } state && found["state"]!.GetValue<string>() != state)
        {
            ledger.Wrong("lost", $"{found["number"]} is {found["state"]} and not {state}: the effect of a message is missing");
        }

        var comments = (await AllAsync("agent1", $"incidents/{id}/comments?limit=200")).ToList();
        foreach (var text in known.Comments)
        {
            var times = comments.Count(comment => comment["text"]!.GetValue<string>() == text);
            if (times == 1)
            {
                Interlocked.Increment(ref ledger.Found);
            }
            else
            {
                ledger.Wrong(times == 0 ? "lost" : "duplicated", $"comment \"{text}\" of {found["number"]} is there {times} times");
            }
        }

        var version = found["version"]!.GetValue<long>();
        await CheckHistoryAsync(id, version);
        for (var number = 1L; number <= version; number++)
        {
            CheckHeard($"{id} {number}", $"version {number} of {found["number"]}");
        }

        foreach (var comment in comments)
        {
            CheckHeard(comment["id"]!.GetValue<string>(), $"comment {comment["id"]} of {found["number"]}");
        }
    }

    private async Task CheckHistoryAsync(string id, long version)
    {
        if (await caller.ReadAsync("agent1", $"incidents/{id}/history/verification") is not { } verified || !verified["valid"]!.GetValue<bool>())
        {
            ledger.Wrong("broken chains", id);
        }

        var versions = (await caller.ReadAsync("agent1", $"incidents/{id}/history?limit=200"))?["items"]!.AsArray().Select(entry => entry!["aggregateVersion"]!.GetValue<long>()).Order().ToList() ?? [];
        if (!versions.SequenceEqual(Enumerable.Range(1, (int)version).Select(number => (long)number)))
        {
            ledger.Wrong("version gaps", $"{id} at version {version} has {string.Join(' ', versions)}");
        }
    }

    private void CheckHeard(string what, string words)
    {
        var times = listener.Times(what);
        if (times != 1)
        {
            ledger.Wrong(times == 0 ? "live events missed" : "live events doubled", $"{words}: {times} times");
        }
    }

    /// <summary>What was not acknowledged may be there, but nothing twice.</summary>
    private async Task CheckListAsync()
    {
        var all = (await AllAsync("agent1", "incidents?limit=200&fields=id,number,title")).ToList();
        foreach (var field in new[] { "title", "number", "id" })
        {
            foreach (var twins in all.GroupBy(item => item[field]!.GetValue<string>()).Where(group => group.Count() > 1))
            {
                ledger.Wrong("duplicated", $"{twins.Count()} incidents with {field} {twins.Key}");
            }
        }

        foreach (var (id, known) in ledger.Incidents.ExceptBy(all.Select(item => item["id"]!.GetValue<string>()), incident => incident.Key))
        {
            ledger.Wrong("lost", $"incident {id} {known.Title} is not in the list");
        }
    }

    private async Task<IEnumerable<JsonNode>> AllAsync(string person, string path)
    {
        var items = new List<JsonNode>();
        string? cursor = null;
        do
        {
            var page = await caller.ReadAsync(person, path + (cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor))) ?? throw new InvalidOperationException($"{path} was refused.");
            items.AddRange(page["items"]!.AsArray().Select(item => item!));
            cursor = page["next"]?.GetValue<string>();
        }
        while (cursor is not null);
        return items;
    }
}
