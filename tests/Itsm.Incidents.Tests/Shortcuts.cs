using System.Text.Json.Nodes;
using Itsm.Testing;

namespace Itsm.Incidents.Tests;

/// <summary>What many tests do with incidents.</summary>
internal static class Shortcuts
{
    public const string Agent = "agent1";
    public const string Caller = "employee1";
    public const string Other = "employee2";
    public const string Analyst = "analyst1";
    public const string Manager = "manager1";

    extension(RunningSuite suite)
    {
        public async Task<JsonObject> ReadAsync(string id, string person = Agent) => (await suite.GetAsync(person, "incidents/" + id)).Ok();

        public Task<JsonObject> DoAsync(string id, string action, object? body = null, string person = Agent) =>
            suite.ActAsync(person, $"incidents/{id}/{action}", body);

        public async Task<JsonObject> TryAsync(string id, string action, object? body, int status, string person = Agent) =>
            (await suite.PostAsync(person, $"incidents/{id}/{action}", body ?? new { }, ifMatch: "*")).Problem(status);

        public Task<JsonObject> ResolveAsync(string id, string notes = "Restarted it.") =>
            suite.DoAsync(id, "resolve", new { code = "fixedPermanently", notes });

        public Task<JsonObject> WaitForCallerAsync(string id) =>
            suite.DoAsync(id, "hold", new { reason = "caller", comment = "Which printer is it?" });

        public async Task<JsonObject> CommentAsync(string id, string person, string text = "The one on floor 2.", bool @internal = false) =>
            (await suite.PostAsync(person, $"incidents/{id}/comments", new { text, @internal })).Ok();

        public async Task<IReadOnlyList<JsonObject>> CommentsAsync(string id, string person = Agent) =>
            (await suite.GetAsync(person, $"incidents/{id}/comments?limit=200")).Ok().Items;

        public Task<JsonObject> UntilAsync(string id, Func<JsonObject, bool> condition) =>
            suite.UntilAsync(Agent, "incidents/" + id, condition);

        public Task<JsonObject> UntilStateAsync(string id, string state) =>
            suite.UntilAsync(id, incident => incident.Text("state") == state);

        public async Task<Guid> PersonAsync(string userName) => Guid.Parse((await suite.GetAsync("admin", "people/" + userName)).Ok().Id);

        public async Task<string> GroupAsync(string key) => (await suite.GetAsync("admin", "groups/" + key)).Ok().Id;

        /// <summary>Waits until the incident's messages have gone out and its history is in its place.</summary>
        public async Task<IReadOnlyList<JsonObject>> HistoryAsync(string id, string person = Agent) =>
            (await suite.GetAsync(person, $"incidents/{id}/history?limit=200")).Ok().Items;
    }

    public static string Pointer(this JsonObject problem) => problem["errors"]![0]!["pointer"]!.GetValue<string>();

    public static string Code(this JsonObject problem) => problem["code"]!.GetValue<string>();

    public static IReadOnlyList<string> Texts(this JsonNode? array) => [.. array!.AsArray().Select(item => item!.GetValue<string>())];
}
