using System.Text.Json.Nodes;
using Itsm.Testing;

namespace Itsm.Assets.Tests;

/// <summary>Configuration items as tests make them.</summary>
internal static class Shortcuts
{
    public const string Admin = "admin";
    public const string Agent = "agent1";
    public const string Employee = "employee1";
    private static int _made;

    extension(RunningSuite suite)
    {
        public async Task<JsonObject> AddItemAsync(string of = "server", object? more = null)
        {
            var body = new JsonObject { ["class"] = of, ["name"] = Fresh(of) };
            foreach (var (name, value) in more is null ? [] : System.Text.Json.JsonSerializer.SerializeToNode(more)!.AsObject())
            {
                body[name] = value?.DeepClone();
            }

            return (await suite.PostAsync(Admin, "configuration-items", body)).Ok();
        }

        public Task<JsonObject> AddServiceAsync(object? more = null)
        {
            var body = System.Text.Json.JsonSerializer.SerializeToNode(more ?? new { })!.AsObject();
            body["key"] = Fresh("service");
            return suite.AddItemAsync("it-service", body);
        }

        public async Task<JsonObject> RecordAsync(JsonObject service, object outage)
        {
            var body = System.Text.Json.JsonSerializer.SerializeToNode(outage)!.AsObject();
            body["service"] = service.Text("key");
            return (await suite.PostAsync(Agent, "outages", body)).Ok();
        }

        public Task<Answer> RelateAsync(JsonObject source, string type, JsonObject target, string? alternatives = null, int? needs = null,
            string person = Agent) => suite.PostAsync(person, $"configuration-items/{source.Id}/relations",
                new { type, target = target.Id, alternatives, needs }, "*");

        /// <summary>Instants are kept in milliseconds.</summary>
        public Task NextInstantAsync(DateTimeOffset after) => RunningSuite.UntilAsync(() => Task.FromResult(suite.Clock.GetUtcNow()),
            now => now > after.AddMilliseconds(1), "The next millisecond");

        public Task<Answer> PutAsync(string person, string path, object body) =>
            suite.SendAsync(person, HttpMethod.Put, path, body, ifMatch: "*");

        public async Task<string> AddTypeAsync(object? more = null)
        {
            var key = Fresh("type");
            var body = new JsonObject { ["key"] = key, ["name"] = "leads to", ["inverseName"] = "comes from", ["impact"] = "onSource" };
            foreach (var (name, value) in more is null ? [] : System.Text.Json.JsonSerializer.SerializeToNode(more)!.AsObject())
            {
                body[name] = value?.DeepClone();
            }

            (await suite.PostAsync(Admin, "relation-types", body)).Ok();
            return key;
        }
    }

    /// <summary>Answers write fractions of seconds in more than one way.</summary>
    public static DateTimeOffset InstantOf(JsonNode? instant) => instant!.GetValue<DateTimeOffset>();

    public static string Fresh(string prefix) => $"{prefix}-{Interlocked.Increment(ref _made)}";
}
