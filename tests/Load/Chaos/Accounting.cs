using System.Text.Json.Nodes;
using MongoDB.Driver;

namespace Itsm.Load.Chaos;

/// <summary>Compares what the suite has with what it acknowledged.</summary>
internal sealed class Accounting(
    Caller caller, Ledger ledger, Listener listener, Promises promises, IReadOnlyList<string> services)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private Promises.Left _left = new(new Dictionary<string, List<Guid>>(), new Dictionary<string, long>());
    private IReadOnlyList<JsonNode> _failed = [];
    private string? _unseen;

    public async Task CheckAsync(CancellationToken giveUp)
    {
        await UntilQuietAsync(giveUp);
        _failed = [.. await AllAsync("admin", "operations/failed-messages?limit=200")];
        ledger.Left = [.. _left.Lines(services)];
        foreach (var line in ledger.Left)
        {
            ledger.Wrong("stuck", line);
        }

        await Parallel.ForEachAsync(ledger.Tickets, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (known, _) =>
            await CheckAsync(known.Key, known.Value));
        await CheckListAsync("incidents", "title");
        await CheckListAsync("requests", "description");
        foreach (var failed in _failed)
        {
            ledger.Wrong("failed messages", $"{failed["subscription"]} {failed["message"]}: {failed["reason"]}");
        }

        if (listener.Resets > 0)
        {
            ledger.Wrong("live updates reset", $"{listener.Resets} times");
        }
    }

    /// <summary>Effects come by message, later than the answer: waits until all have come and the stores promise nothing more, and did
    /// not for as long as messages can go uncounted; at most 90 s.</summary>
    private async Task UntilQuietAsync(CancellationToken giveUp)
    {
        var started = TimeProvider.System.GetTimestamp();
        var quiet = started;
        var open = ledger.Tickets.Where(ticket => ticket.Value.State is not null).ToList();
        do
        {
            var late = new List<KeyValuePair<string, Ledger.Ticket>>();
            foreach (var (id, known) in open)
            {
                if (await caller.ReadAsync("agent1", $"{known.Path}/{id}") is { } found && !await IsCompleteAsync(id, known, found))
                {
                    late.Add(new(id, known));
                }
            }

            open = late;
            var looked = await LookAsync(giveUp);
            quiet = looked && open.Count == 0 && _left.IsNothing ? quiet : TimeProvider.System.GetTimestamp();
            await Task.Delay(Pause, giveUp);
        }
        while (TimeProvider.System.GetElapsedTime(quiet) < Promises.Lag && TimeProvider.System.GetElapsedTime(started) < Patience);

        if (_unseen is { } reason)
        {
            ledger.Wrong("harness", $"Nobody knows what is left in the stores: {reason}");
        }
    }

    private async Task<bool> LookAsync(CancellationToken giveUp)
    {
        try
        {
            _left = await promises.LookAsync(giveUp);
            _unseen = null;
        }
        catch (Exception e) when (!giveUp.IsCancellationRequested
            && e is HttpRequestException or TaskCanceledException or MongoException or TimeoutException)
        {
            _unseen = e.Message;
        }

        return _unseen is null;
    }

    private async Task<bool> IsCompleteAsync(string id, Ledger.Ticket known, JsonNode found) =>
        found["state"]!.GetValue<string>() == known.State && listener.Times($"{id} {found["version"]}") > 0
        && (known.State != "fulfilled" || await GrantsAsync(id) > 0);

    /// <summary>The fault of what follows from a stored write and is missing: <c>stuck</c> while the stores hold what may bring it, in
    /// the outbox of one of these documents, in a queue of the service that has to act, or as a failed message about one of the
    /// documents; else <c>lost</c>.</summary>
    private string MissingFrom(string service, params IReadOnlyCollection<string> documents)
    {
        var failed = _failed.Any(message => message["about"] is { } about && documents.Contains(about.ToString()));
        return failed || _left.MayBring(documents, service) ? "stuck" : "lost";
    }

    private async Task CheckAsync(string id, Ledger.Ticket known)
    {
        if (await caller.ReadAsync("agent1", $"{known.Path}/{id}") is not { } found
            || found[known.Field]!.GetValue<string>() != known.Words)
        {
            ledger.Wrong("lost", $"{known.Path} {id} {known.Words}");
            return;
        }

        Interlocked.Increment(ref ledger.Found);
        var comments = (await AllAsync("agent1", $"{known.Path}/{id}/comments?limit=200")).ToList();
        string[] documents = [id, .. comments.Select(comment => comment["id"]!.GetValue<string>())];
        if (known.State is { } state && found["state"]!.GetValue<string>() != state)
        {
            var words = $"{found["number"]} is {found["state"]} and not {state}: the effect of a message is missing";
            ledger.Wrong(MissingFrom(known.Path, documents), words);
        }

        if (known.Path == "requests")
        {
            CheckGrants(found, await GrantsAsync(id));
        }

        foreach (var text in known.Comments.Concat(known.RequestedComments))
        {
            var times = comments.Count(comment => comment["text"]!.GetValue<string>() == text);
            if (times == 1)
            {
                Interlocked.Increment(ref ledger.Found);
            }
            else
            {
                var missing = known.Comments.Contains(text) ? "lost" : MissingFrom(known.Path, id);
                ledger.Wrong(times == 0 ? missing : "duplicated", $"comment \"{text}\" of {found["number"]} is there {times} times");
            }
        }

        var version = found["version"]!.GetValue<long>();
        await CheckHistoryAsync($"{known.Path}/{id}", version);
        for (var number = 1L; number <= version; number++)
        {
            CheckHeard($"{id} {number}", id, $"version {number} of {found["number"]}");
        }

        foreach (var comment in comments)
        {
            var commentId = comment["id"]!.GetValue<string>();
            CheckHeard(commentId, commentId, $"comment {commentId} of {found["number"]}");
        }
    }

    /// <summary>Access is given once by what was fulfilled, and by nothing else.</summary>
    private void CheckGrants(JsonNode request, int grants)
    {
        var fulfilled = request["state"]!.GetValue<string>() == "fulfilled";
        if (grants == (fulfilled ? 1 : 0))
        {
            Interlocked.Add(ref ledger.Found, grants);
        }
        else
        {
            var fault = grants == 0 ? MissingFrom("requests", request["id"]!.GetValue<string>()) : "duplicated";
            ledger.Wrong(fault, $"{request["number"]} is {request["state"]} and gave access {grants} times");
        }
    }

    private async Task<int> GrantsAsync(string request) => (await AllAsync("agent1", $"access-grants?request={request}")).Count();

    private async Task CheckHistoryAsync(string path, long version)
    {
        if (await caller.ReadAsync("agent1", $"{path}/history/verification") is not { } verified || !verified["valid"]!.GetValue<bool>())
        {
            ledger.Wrong("broken chains", path);
        }

        var versions = (await caller.ReadAsync("agent1", $"{path}/history?limit=200"))?["items"]!.AsArray()
            .Select(entry => entry!["aggregateVersion"]!.GetValue<long>()).Order().ToList()
            ?? [];
        if (!versions.SequenceEqual(Enumerable.Range(1, (int)version).Select(number => (long)number)))
        {
            ledger.Wrong("version gaps", $"{path} at version {version} has {string.Join(' ', versions)}");
        }
    }

    private void CheckHeard(string what, string document, string words)
    {
        var times = listener.Times(what);
        if (times != 1)
        {
            var fault = times == 0 ? MissingFrom("notifications", document) : "live events doubled";
            ledger.Wrong(fault, $"the live event of {words} came {times} times");
        }
    }

    /// <summary>What was not acknowledged may be there, but nothing twice.</summary>
    private async Task CheckListAsync(string path, string words)
    {
        var all = (await AllAsync("agent1", $"{path}?limit=200&fields=id,number,{words}")).ToList();
        foreach (var field in new[] { words, "number", "id" })
        {
            foreach (var twins in all.GroupBy(item => item[field]!.GetValue<string>()).Where(group => group.Count() > 1))
            {
                ledger.Wrong("duplicated", $"{twins.Count()} {path} with {field} {twins.Key}");
            }
        }

        foreach (var (id, known) in ledger.Tickets.Where(ticket => ticket.Value.Path == path)
            .ExceptBy(all.Select(item => item["id"]!.GetValue<string>()), ticket => ticket.Key))
        {
            ledger.Wrong("lost", $"{path} {id} {known.Words} is not in the list");
        }
    }

    private async Task<IEnumerable<JsonNode>> AllAsync(string person, string path)
    {
        var items = new List<JsonNode>();
        string? cursor = null;
        do
        {
            var page = await caller.ReadAsync(person, path + (cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor)))
                ?? throw new InvalidOperationException($"{path} was refused.");
            items.AddRange(page["items"]!.AsArray().Select(item => item!));
            cursor = page["next"]?.GetValue<string>();
        }
        while (cursor is not null);
        return items;
    }
}
