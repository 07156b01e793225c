using System.Text.Json.Nodes;
using Itsm.Testing;

namespace Itsm.Assets.Tests;

/// <summary>What many tests do with assets.</summary>
internal static class AssetShortcuts
{
    public const string Admin = "admin";
    public const string Agent = "agent1";
    public const string Employee = "employee1";
    public const string Other = "employee2";
    public const string Manager = "manager1";

    private static int _number;

    extension(RunningSuite suite)
    {
        /// <summary>A new asset with a tag of its own.</summary>
        public async Task<JsonObject> BuyAsync(string name = "Laptop", string? tag = null, string state = "inStock") =>
            (await suite.PostAsync(Agent, "assets", new { name, tag = tag ?? NewTag(), state, site = "berlin" })).Ok();

        public async Task<JsonObject> AssetAsync(string id, string person = Agent) => (await suite.GetAsync(person, "assets/" + id)).Ok();

        public Task<JsonObject> DoAsync(string id, string action, object? body = null, string person = Agent) =>
            suite.ActAsync(person, $"assets/{id}/{action}", body);

        public async Task<JsonObject> TryAsync(string id, string action, object? body, int status, string person = Agent) =>
            (await suite.PostAsync(person, $"assets/{id}/{action}", body ?? new { }, ifMatch: "*")).Problem(status);

        public Task<JsonObject> GiveAsync(string id, string person = Employee) => suite.DoAsync(id, "check-out", new { person });

        public async Task<IReadOnlyList<string>> NumbersAsync(string query, string person = Agent) =>
            [.. (await suite.GetAsync(person, "assets?limit=200&" + query)).Ok().Items.Select(one => one.Text("number"))];

        public async Task<string> PersonAsync(string userName) => (await suite.GetAsync(Admin, "people/" + userName)).Ok().Id;
    }

    extension(JsonObject json)
    {
        public string Pointer => json["errors"]![0]!["pointer"]!.GetValue<string>();

        public string Code => json["code"]!.GetValue<string>();

        public string State => json["state"]!.GetValue<string>();

        public IReadOnlyList<JsonObject> CheckOuts => [.. json["checkOuts"]!.AsArray().Select(one => one!.AsObject())];

        public IReadOnlyList<string> OpenActions => [.. json["actions"]!.AsArray()
            .Where(action => action!["open"]!.GetValue<bool>()).Select(action => action!["name"]!.GetValue<string>()).Order()];
    }

    public static string NewTag() => $"T-{Interlocked.Increment(ref _number)}-{Random.Shared.Next()}";
}
