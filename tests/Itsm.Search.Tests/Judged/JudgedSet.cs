using System.Text.Json;
using System.Text.Json.Nodes;

namespace Itsm.Search.Tests.Judged;

/// <summary>Tickets, and queries with what they should find, written by hand: a measure of how good results are. Needs the services
/// directory, incidents, requests and search, empty.</summary>
/// <param name="ask">Sends a request as a person and returns the answer, which must be a success; the path is below /api/v1/.</param>
public sealed class JudgedSet(Func<string, HttpMethod, string, JsonObject?, Task<JsonObject>> ask)
{
    /// <summary>Queries that share no word with what they mean, of people who think far.</summary>
    public const string Far = "far";

    /// <summary>The same in English, as people put it who describe what they see.</summary>
    public const string Meant = "meant";

    private const string Agent = "agent1";
    private const string Admin = "admin";
    private const int Places = 10;
    private const int FirstPlaces = 3;
    private const int Parallel = 4;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private readonly Dictionary<string, (string Key, string Number)> _made = [];

    public static IReadOnlyList<Ticket> Tickets { get; } = Read<Ticket>("tickets.jsonl");

    public static IReadOnlyList<Query> Queries { get; } = Read<Query>("queries.jsonl");

    /// <summary>Opens, comments and resolves all tickets.</summary>
    public async Task FillAsync()
    {
        using var some = new SemaphoreSlim(Parallel);
        await Task.WhenAll(Tickets.Select(async ticket =>
        {
            await some.WaitAsync();
            try
            {
                var made = await MakeAsync(ticket);
                lock (_made)
                {
                    _made[(string)made["id"]!] = (ticket.Id, (string)made["number"]!);
                }
            }
            finally
            {
                some.Release();
            }
        }));
    }

    /// <summary>Whether all that was filled in is found.</summary>
    public async Task<bool> IsIndexedAsync()
    {
        var opened = await CountAsync("kind=incident,request");
        var resolved = await CountAsync("kind=incident&state=resolved");
        var (commented, wanted) = (0, Tickets.Count(ticket => ticket.Comment is not null));
        foreach (var ticket in Tickets.Where(ticket => ticket.Comment is not null))
        {
            commented += await CountAsync("q=" + Uri.EscapeDataString($"comments:\"{ticket.Comment}\"")) > 0 ? 1 : 0;
        }

        return opened == Tickets.Count && resolved == Tickets.Count(ticket => ticket.Resolution is not null) && commented == wanted;
    }

    /// <summary>What each query finds, and how good that is.</summary>
    public async Task<IReadOnlyList<Judgement>> JudgeAsync()
    {
        var numbers = _made.Values.ToDictionary(made => made.Key, made => made.Number);
        var judged = new List<Judgement>();
        foreach (var query in Queries)
        {
            var text = query.Q.StartsWith('{') ? numbers[query.Q.Trim('{', '}')] : query.Q;
            var page = await SearchAsync(text);

            // Who finds nothing takes what is offered instead.
            if (page["items"]!.AsArray().Count == 0 && (string?)page["didYouMean"] is { } instead)
            {
                page = await SearchAsync(instead);
            }

            List<string> found = [.. page["items"]!.AsArray().Select(item => _made[(string)item!["id"]!].Key)];
            judged.Add(new Judgement(query, found, Ndcg.At(Places, found, query.Relevant)));
        }

        return judged;
    }

    /// <summary>The mean of all queries but those that share no word with what they mean.</summary>
    public static double Mean(IEnumerable<Judgement> judged) =>
        judged.Where(one => one.Query.Group is not (Far or Meant)).Average(one => one.Gain);

    /// <summary>How many queries of a group have what they mean among the first three.</summary>
    public static int AmongFirst(IEnumerable<Judgement> judged, string group) => judged.Count(one => one.Query.Group == group
        && one.Found.Take(FirstPlaces).Any(found => one.Query.Relevant.GetValueOrDefault(found) > 1));

    /// <summary>Whether the model that is set has told what all of it means.</summary>
    public async Task<bool> IsMeantAsync() =>
        (long)(await ask(Admin, HttpMethod.Get, "search/index", null))["meanings"]!["lacking"]! == 0;

    private Task<JsonObject> SearchAsync(string text) =>
        ask(Agent, HttpMethod.Get, $"search?kind=incident,request&limit={Places}&q={Uri.EscapeDataString(text)}", null);

    private async Task<int> CountAsync(string criteria) =>
        (int)(await ask(Agent, HttpMethod.Get, $"search?limit=1&count=true&{criteria}", null))["count"]!;

    private async Task<JsonObject> MakeAsync(Ticket ticket)
    {
        var isIncident = ticket.Kind == "incident";
        if (!isIncident)
        {
            var content = new JsonObject { ["name"] = ticket.Title, ["assignmentGroup"] = "service-desk" };
            await ask(Admin, HttpMethod.Post, "catalog/items", new JsonObject { ["key"] = ticket.Id, ["content"] = content });
            await ask(Admin, HttpMethod.Post, $"catalog/items/{ticket.Id}/publish", []);
        }

        var route = isIncident ? "incidents" : "requests";
        var made = await ask(Agent, HttpMethod.Post, route, new JsonObject
        {
            [isIncident ? "title" : "item"] = isIncident ? ticket.Title : ticket.Id, ["description"] = ticket.Description,
        });
        var path = $"{route}/{(string)made["id"]!}";
        if (ticket.Comment is not null)
        {
            await ask(Agent, HttpMethod.Post, path + "/comments", new JsonObject { ["text"] = ticket.Comment });
        }

        if (ticket.Resolution is not null)
        {
            await ask(Agent, HttpMethod.Post, path + "/start", []);
            await ask(Agent, HttpMethod.Post, path + "/resolve",
                new JsonObject { ["code"] = "fixedPermanently", ["notes"] = ticket.Resolution });
        }

        return made;
    }

    private static List<T> Read<T>(string name)
    {
        using var reader = new StreamReader(typeof(JudgedSet).Assembly.GetManifestResourceStream(name)!);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<T>(line, Json)!)];
    }

    /// <summary>A ticket; queries name it by its id.</summary>
    public sealed record Ticket(string Id, string Kind, string Title, string Description, string? Comment, string? Resolution);

    /// <summary>A query.</summary>
    /// <param name="Group">What it is an example of.</param>
    /// <param name="Q">As typed; {id} stands for the number of that ticket.</param>
    /// <param name="Relevant">Grades of what it means: 3 is what should come first, 2 a good answer too, 1 better than nothing.</param>
    /// <param name="Why">Why those.</param>
    public sealed record Query(string Group, string Q, IReadOnlyDictionary<string, int> Relevant, string? Why);

    /// <summary>What came of a query.</summary>
    /// <param name="Query">It.</param>
    /// <param name="Found">Ids of tickets, in order.</param>
    /// <param name="Gain">nDCG@10.</param>
    public sealed record Judgement(Query Query, IReadOnlyList<string> Found, double Gain);
}
