using System.Text.Json.Nodes;

namespace Itsm.Load.Chaos;

/// <summary>Works as employees, agents and approvers do: opens, holds for the caller, answers as the caller, resolves; asks for access,
/// approves, gives it; reads in between.</summary>
internal sealed class Worker(int number, Caller caller, Ledger ledger, int seed)
{
    private readonly Random _random = new(HashCode.Combine(seed, number));
    private int _made;

    public async Task RunAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            await WorkAsync();
            await Task.Delay(_random.Next(20, 150), CancellationToken.None);
        }
    }

    private Task WorkAsync() =>
        _random.Next(4) == 0 ? AskForAccessAsync($"Access {seed}-{number}-{++_made}") : RestoreAsync($"Fault {seed}-{number}-{++_made}");

    private async Task RestoreAsync(string title)
    {
        if (await WriteAsync("employee1", "incidents", new() { ["title"] = title }) is not { } created)
        {
            return;
        }

        var id = Text(created, "id");
        var incident = ledger.Tickets[id] = new Ledger.Ticket("incidents", "title", title);
        var question = $"Which one? {title}";
        if (await WriteAsync("agent1", $"incidents/{id}/hold", new() { ["reason"] = "caller", ["comment"] = question }) is null)
        {
            return;
        }

        incident.RequestedComments.Enqueue(question);
        incident.State = "onHold";
        if (_random.Next(4) == 0)
        {
            await caller.ReadAsync("agent1", "incidents?state=onHold&limit=20");
        }

        var reply = $"This one. {title}";
        incident.State = null;
        if (await WriteAsync("employee1", $"incidents/{id}/comments", new() { ["text"] = reply }) is null)
        {
            return;
        }

        incident.Comments.Enqueue(reply);
        incident.State = "inProgress";
        if (_random.Next(3) == 0 && await ComesToAsync($"incidents/{id}", "inProgress"))
        {
            incident.State = null;
            if (await WriteAsync("agent1", $"incidents/{id}/resolve",
                new() { ["code"] = "fixedPermanently", ["notes"] = "Restarted it." }) is not null)
            {
                incident.State = "resolved";
            }
        }
    }

    /// <summary>Sensitive access: the manager and the owner of the data approve, the group gives it, and a grant must be there,
    /// once.</summary>
    private async Task AskForAccessAsync(string reason)
    {
        var until = TimeProvider.System.GetUtcNow().AddDays(90).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        var answers = new JsonObject { ["role"] = "reader", ["until"] = until, ["reason"] = reason };
        if (await WriteAsync("employee1", "requests",
            new() { ["item"] = "payroll-access", ["answers"] = answers, ["description"] = reason }) is not { } asked)
        {
            return;
        }

        var id = Text(asked, "id");
        var request = ledger.Tickets[id] = new Ledger.Ticket("requests", "description", reason) { State = "waitingForApproval" };
        foreach (var approver in new[] { "manager1", "agent2" })
        {
            var approval = asked["approval"]!["approvals"]!.AsArray()
                .Single(one => one!["state"]!.GetValue<string>() == "requested")!.AsObject();
            request.State = null;
            if (await WriteAsync(approver, $"requests/{id}/approvals/{Text(approval, "approvalId")}/approve",
                new() { ["digest"] = Text(approval, "digest") }) is not { } decided)
            {
                return;
            }

            asked = decided;
            request.State = "waitingForApproval";
        }

        request.State = "inFulfillment";
        if (_random.Next(3) > 0 && await ComesToAsync($"requests/{id}", "inFulfillment"))
        {
            request.State = null;
            if (await WriteAsync("agent2", $"requests/{id}/tasks/grant/complete", new() { ["outcome"] = "Given." }) is not null)
            {
                request.State = "fulfilled";
            }
        }
    }

    private async Task<bool> ComesToAsync(string path, string state)
    {
        for (var tries = 0; tries < 100; tries++)
        {
            if (await caller.ReadAsync("agent1", $"{path}?fields=state") is { } found && Text(found, "state") == state)
            {
                return true;
            }

            await Task.Delay(100, CancellationToken.None);
        }

        return false;
    }

    /// <summary>One write, now and then sent a second time after it was answered.</summary>
    private async Task<JsonObject?> WriteAsync(string person, string path, JsonObject body)
    {
        var key = $"{seed}-{number}-{_made}-{path.Length}-{body.First().Key}";
        var answer = await caller.WriteAsync(person, path, body, key);
        if (answer is not null && _random.Next(5) == 0)
        {
            if (await caller.WriteAsync(person, path, body, key) is { } again && !JsonNode.DeepEquals(answer, again))
            {
                ledger.Wrong("repeated otherwise", $"{path}: first {answer.ToJsonString()}, then {again.ToJsonString()}");
            }

            Interlocked.Increment(ref ledger.Repeated);
        }

        return answer;
    }

    private static string Text(JsonObject json, string name) => json[name]!.GetValue<string>();
}
