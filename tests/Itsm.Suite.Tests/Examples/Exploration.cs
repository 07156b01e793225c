using System.Net;
using System.Text.Json.Nodes;
using Itsm.Testing;

namespace Itsm.Suite.Tests.Examples;

/// <summary>Calls every operation of the contract until each has answered once: about things that lists show, with the examples of
/// bodies.</summary>
internal sealed class Exploration(RunningSuite suite, IReadOnlyList<Operation> operations, IReadOnlyList<string> people)
{
    private const int MostRead = 15;
    private const int MostTried = 150;
    private const int MostRounds = 8;
    private const int LastRank = 3;
    private const int MostItems = 100;
    private const string CancelBulk = "/bulk/{job}/cancel";

    // What is left to do with things once all else was done with them: first these, at last what is deleted.
    private static readonly string[] Last =
    [
        "resolve", "reopen", "fulfill", "close", "cancel", "end", "retire", "reject", "reject-major", "demote-major", "withdraw-notice",
        "revoke", "discard", "merge", "mark-duplicate", "unmerge", "deactivate", "skip", "waive", "decline", "remove-members",
    ];
    private readonly Requests _requests = new(suite);
    private readonly Places _places = new(suite, operations);
    private readonly Dictionary<string, string> _refusals = [];

    /// <summary>The first answers, by the ids of the operations.</summary>
    public SortedDictionary<string, JsonNode> Answers { get; } = new(StringComparer.Ordinal);

    /// <summary>What has not answered, with the last refusal that says most.</summary>
    public IEnumerable<string> Missing => Open.Select(one => $"{one.Id} {one.Method} {one.Path}: {_refusals.GetValueOrDefault(one.Id)}");

    private IEnumerable<Operation> Open => operations.Where(one => one.Answer is not null && !Answers.ContainsKey(one.Id));

    /// <summary>Reads what is there, does what can be done, and reads what has come of it.</summary>
    public async Task RunAsync()
    {
        await ReadAsync(evenEmpty: false);
        for (var round = 0; round < MostRounds && Open.Any(); round++)
        {
            var before = Answers.Count;
            if (round > 1)
            {
                await CreateAgainAsync();
            }

            foreach (var operation in Open.Where(one => one.Method != HttpMethod.Get && RankOf(one) <= round).OrderBy(RankOf)
                .ThenBy(one => one.Path.Count(letter => letter == '{')).ToList())
            {
                if (operation.Path.EndsWith(CancelBulk, StringComparison.Ordinal))
                {
                    // A job that has not ended.
                    _requests.BulkItems = MostItems;
                    await WriteAsync(operations.First(one => one.Id == operation.Id.Replace("Cancel", "Start", StringComparison.Ordinal)));
                }

                await WriteAsync(operation);
            }

            await ReadAsync(evenEmpty: false);
            if (round > LastRank && Answers.Count == before)
            {
                break;
            }
        }

        await ReadAsync(evenEmpty: true);
    }

    private static int RankOf(Operation operation) =>
        operation.Path.EndsWith(CancelBulk, StringComparison.Ordinal) ? LastRank
        : operation.Method == HttpMethod.Delete ? 2
        : Last.Contains(operation.Path.Split('/')[^1]) || operation.Body?["example"]?["active"]?.GetValue<bool>() == false ? 1
        : 0;

    /// <summary>What there is may be at its end.</summary>
    private async Task CreateAgainAsync()
    {
        foreach (var operation in operations.Where(one => one.Method == HttpMethod.Post && !one.Path.Contains('{')
            && Answers.ContainsKey(one.Id)))
        {
            await WriteAsync(operation);
        }
    }

    private async Task ReadAsync(bool evenEmpty)
    {
        foreach (var operation in Open.Where(one => one.Method == HttpMethod.Get).ToList())
        {
            JsonNode? best = null;
            foreach (var person in people.TakeWhile(_ => Wealth(best) <= 0))
            {
                best = await ReadAsync(operation, person, best);
            }

            if (best is not null && (evenEmpty || Wealth(best) > 0))
            {
                Answers[operation.Id] = best;
            }
        }
    }

    /// <summary>That of some things which tells most.</summary>
    private async Task<JsonNode?> ReadAsync(Operation operation, string person, JsonNode? best)
    {
        var read = 0;
        await foreach (var place in _places.FindAsync(person, operation.Path).Take(MostTried))
        {
            var answer = await suite.GetAsync(person, place.Address + _requests.QueryOf(operation));
            Refuse(operation, answer);
            if (answer.Status == HttpStatusCode.OK && answer.Text.Length > 0 && JsonNode.Parse(answer.Text) is { } json
                && (best is null || Wealth(json) > Wealth(best)))
            {
                best = json;
            }

            if (IsForbidden(answer) || (++read >= MostRead && Wealth(best) > 0))
            {
                break;
            }
        }

        return best;
    }

    private async Task WriteAsync(Operation operation)
    {
        foreach (var person in people)
        {
            await foreach (var place in _places.FindAsync(person, operation.Path, newestFirst: true).Take(MostTried))
            {
                if (await _requests.BodyAsync(operation, person, place) is not { } body)
                {
                    break;
                }

                var answer = await suite.SendAsync(person, operation.Method, place.Address + _requests.QueryOf(operation), body, "*");
                Refuse(operation, answer);
                if ((int)answer.Status is >= 200 and < 300)
                {
                    Answers.TryAdd(operation.Id, JsonNode.Parse(answer.Text)!);
                    _places.Note(operation.Method, place.Address, answer.Text);
                    return;
                }

                if (IsForbidden(answer))
                {
                    break;
                }
            }
        }
    }

    private static bool IsForbidden(Answer answer) =>
        answer.Status == HttpStatusCode.Forbidden && answer.Text.Contains("\"permission-missing\"", StringComparison.Ordinal);

    private void Refuse(Operation operation, Answer answer)
    {
        if ((int)answer.Status >= 400
            && (answer.Status is not (HttpStatusCode.NotFound or HttpStatusCode.Forbidden) || !_refusals.ContainsKey(operation.Id)))
        {
            _refusals[operation.Id] = answer.ToString();
        }
    }

    /// <summary>How much there is to see; nothing where an empty list is all.</summary>
    private static int Wealth(JsonNode? answer) => answer switch
    {
        null => -1,
        JsonObject members when members["items"] is JsonArray items => items.Count == 0 ? 0 : 1 + Wealth(items[0]),
        JsonObject members => 1 + members.Count(one => one.Value is not JsonArray { Count: 0 }),
        JsonArray items => items.Count,
        _ => 1,
    };
}
