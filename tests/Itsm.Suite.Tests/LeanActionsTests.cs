using System.Globalization;
using System.Text;
using System.Text.Json;
using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Platform.WorkingTime;
using Itsm.Requests.Domain;
using Itsm.Testing;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;

namespace Itsm.Suite.Tests;

/// <summary>A read lists actions without loading what is <see cref="UnusedByActionsAttribute"/>: as they would be listed of the whole
/// thing, in whatever state, to everybody.</summary>
[Collection(WholeSuite.Name)]
public sealed class LeanActionsTests(RunningSuite suite)
{
    private const string Agent = "agent1";
    private static readonly string[] People = ["admin", "manager1", Agent, "agent2", "analyst1", "employee1", "employee2"];

    [Fact]
    public async Task Nothing_that_is_left_out_closes_or_opens_an_action()
    {
        await MakeIncidentsAsync();
        await MakeRequestsAsync();
        var seen = new HashSet<string>(["reserved", "reservedBy", "source", "callbacks", "cost"]);
        await CompareAsync<Incident, IncidentState>(seen);
        await CompareAsync<ServiceRequest, RequestState>(seen);
        await CompareAsync<CatalogItem, ItemState>(seen);
    }

    private async Task MakeIncidentsAsync()
    {
        var id = (await suite.OpenAsync("employee1",
            new { title = "No mail", description = "Since noon.", category = "hardware", impact = "high", urgency = "high" })).Id;
        await DoAsync("edit", id, new { affectedService = "mail", configurationItems = new[] { "vm-mail-01" } });
        await DoAsync("watch", id, new { person = "analyst1" });
        await DoAsync("links", id, new { type = "relatesTo", targetKind = "url", target = "https://example.org/manual" });
        await DoAsync("tasks", id, new { title = "Restart it", assignmentGroup = "network" });
        await DoAsync("escalate", id, new { group = "applications", reason = "They know it." });
        await DoAsync("override-priority", id, new { priority = 1, reason = "The board waits." });
        await DoAsync("accept-major", id, new { }, "manager1");
        var merged = new[] { (await suite.OpenAsync()).Id, (await suite.OpenAsync()).Id };
        await DoAsync("merge", merged[0], new { into = id, reason = "The same trouble." });
        await DoAsync("merge", merged[1], new { into = id, reason = "The same trouble." });
        await DoAsync("unmerge", merged[1], new { reason = "Another one." });
        await DoAsync("resolve", id, new { code = "fixedPermanently", notes = "Restarted." });
        await DoAsync("reopen", id, new { reason = "It is back." });
        await DoAsync("resolve", id, new { code = "fixedPermanently", notes = "Restarted." });
        var secret = (await suite.OpenAsync()).Id;
        await DoAsync("watch", secret, new { person = "analyst1" });
        await DoAsync("mark-security", secret,
            new { category = "phishing", severity = "high", groups = new[] { "security" }, reason = "It looks forged." }, "analyst1");
        await suite.UntilAsync(Agent, "incidents/" + id, incident => incident["serviceLevels"] is not null);
    }

    private async Task MakeRequestsAsync()
    {
        var until = LocalDates.Of(suite.Clock.GetUtcNow(), "Europe/Berlin").AddDays(30).ToString("O", CultureInfo.InvariantCulture);
        var ordered = (await suite.PostAsync("employee1", "requests",
            new { item = "payroll-access", answers = new { role = "reader", until, reason = "Quarterly report" } })).Ok();
        await suite.ActAsync(Agent, $"requests/{ordered.Id}/watch", new { person = "employee2" });
        await suite.ActAsync(Agent, $"requests/{ordered.Id}/links",
            new { type = "relatesTo", targetKind = "url", target = "https://example.org/payroll" });
        var free = (await suite.PostAsync("employee2", "requests", new { item = "diagram-editor" })).Ok().Id;
        await suite.UntilAsync(Agent, "requests/" + free, request =>
            request.Text("state") == "inFulfillment" && request["serviceLevels"] is not null);
        await suite.ActAsync("employee2", $"requests/{free}/cancel", new { reason = "Not needed." });
    }

    private Task DoAsync(string action, string id, object body, string person = Agent) =>
        action == "edit"
            ? suite.PatchAsync(person, "incidents/" + id, body, "*")
            : suite.ActAsync(person, $"incidents/{id}/{action}", body);

    /// <param name="seen">Names of the elements that a document had a value of, or that none here can have.</param>
    private async Task CompareAsync<T, TState>(HashSet<string> seen)
        where T : Aggregate
        where TState : struct, Enum
    {
        var store = suite.Modules.GetRequiredService<AggregateStore<T>>();
        var callers = new List<Caller>();
        foreach (var person in People)
        {
            var id = Guid.Parse((await suite.GetAsync("admin", "people/" + person)).Ok().Id);
            callers.Add((await suite.Modules.GetRequiredService<People>().FindCallerAsync(id, default))!);
        }

        foreach (var stored in await store.Documents.ScanAsync(null, 1000, default))
        {
            var document = BsonSerializer.Deserialize<BsonDocument>(stored.Body.ToArray());
            seen.UnionWith(document.Where(element => element.Value is not BsonArray { Count: 0 }).Select(element => element.Name));
            foreach (var state in Enum.GetValues<TState>())
            {
                document["state"] = BsonMapping.Value(state);
                var one = stored with { Body = document.ToBson() };
                Assert.All(callers, caller => Assert.Equal(
                    ActionsOf(AggregateStore<T>.Load(one), store, caller), ActionsOf(LeanAggregate<T>.Load(one), store, caller)));
            }
        }

        Assert.Empty(typeof(T).GetProperties().Where(property => property.IsDefined(typeof(UnusedByActionsAttribute), true))
            .Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name)).Except(seen));
    }

    private static string ActionsOf<T>(T aggregate, AggregateStore<T> store, Caller caller)
        where T : Aggregate => Encoding.UTF8.GetString(JsonAnswer.ToBytes(writer =>
        {
            writer.WriteStartObject();
            Actions.Write(writer, aggregate, store.Definition, caller, Language.English);
            writer.WriteEndObject();
        }));
}
