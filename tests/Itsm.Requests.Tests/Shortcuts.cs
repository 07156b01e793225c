using System.Text.Json.Nodes;
using Itsm.Platform.WorkingTime;
using Itsm.Testing;

namespace Itsm.Requests.Tests;

/// <summary>What many tests do with requests.</summary>
internal static class Shortcuts
{
    public const string Admin = "admin";
    public const string Agent = "agent1";
    public const string Applications = "agent2";
    public const string Employee = "employee1";
    public const string Other = "employee2";
    public const string Manager = "manager1";
    public const string DataOwner = "agent2";

    private static int _number;

    extension(RunningSuite suite)
    {
        public async Task<JsonObject> OrderAsync(string item, object? answers = null, string person = Employee, string? requester = null) =>
            (await suite.PostAsync(person, "requests", new { item, answers = answers ?? new { }, requester })).Ok();

        public Task<JsonObject> OrderPayrollAsync(string? until = null, string person = Employee) =>
            suite.OrderAsync(
                "payroll-access", new { role = "reader", until = until ?? suite.InDays(90), reason = "Quarterly report" }, person);

        /// <summary>A date as most people of the demo organisation have it.</summary>
        public string InDays(int days) =>
            LocalDates.Of(suite.Clock.GetUtcNow(), "Europe/Berlin").AddDays(days)
                .ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

        public async Task<JsonObject> ReadAsync(string id, string person = Agent) => (await suite.GetAsync(person, "requests/" + id)).Ok();

        public Task<JsonObject> DoAsync(string id, string action, object? body = null, string person = Agent) =>
            suite.ActAsync(person, $"requests/{id}/{action}", body);

        /// <summary>Moves, adds or assigns a task; returns the request.</summary>
        public async Task<JsonObject> DoTaskAsync(string id, string action, object? body = null, string person = Agent)
        {
            (await suite.PostAsync(person, $"requests/{id}/tasks{action}", body ?? new { }, ifMatch: "*")).Ok();
            return await suite.ReadAsync(id);
        }

        public async Task<JsonObject> TryAsync(string id, string action, object? body, int status, string person = Agent) =>
            (await suite.PostAsync(person, $"requests/{id}/{action}", body ?? new { }, ifMatch: "*")).Problem(status);

        public Task<JsonObject> UntilAsync(string id, Func<JsonObject, bool> condition) =>
            suite.UntilAsync(Agent, "requests/" + id, condition);

        public Task<JsonObject> UntilStateAsync(string id, string state) => suite.UntilAsync(id, request => request.Text("state") == state);

        /// <summary>Decides on the approval of a request that waits for this approver, or for whom they substitute.</summary>
        public async Task<Answer> DecideAsync(
            string person, JsonObject request, bool approve = true, string? approver = null, string comment = "As discussed.")
        {
            var asked = request.Asked(await suite.PersonAsync(approver ?? person));
            return await suite.PostAsync(person,
                $"requests/{request.Id}/approvals/{asked.Text("approvalId")}/{(approve ? "approve" : "reject")}",
                new { digest = asked.Text("digest"), comment }, ifMatch: "*");
        }

        public async Task<string> PersonAsync(string userName) => (await suite.GetAsync(Admin, "people/" + userName)).Ok().Id;

        public async Task<string> GroupAsync(string key) => (await suite.GetAsync(Admin, "groups/" + key)).Ok().Id;

        /// <summary>Somebody new, known to all services.</summary>
        public async Task<JsonObject> HireAsync(string? site = "berlin", string? manager = Manager, string[]? roles = null)
        {
            var userName = $"person{Interlocked.Increment(ref _number)}-{Guid.CreateVersion7(suite.Clock.GetUtcNow()):N}"[..30];
            var person = (await suite.PostAsync(Admin, "people", new { userName, name = $"New {userName[..10]}", site, manager, roles }))
                .Ok();
            await RunningSuite.UntilAsync(() => suite.GetAsync(userName, "people/me"), answer => (int)answer.Status == 200,
                "the new person");
            return person;
        }

        /// <summary>A published item with this content; returns its key.</summary>
        public async Task<string> PublishAsync(object content)
        {
            var key = $"item-{Interlocked.Increment(ref _number)}-{suite.Clock.GetUtcNow().ToUnixTimeMilliseconds()}";
            (await suite.PostAsync(Admin, "catalog/items", new { key, content })).Ok();
            await suite.ActAsync(Admin, $"catalog/items/{key}/publish");
            return key;
        }
    }

    extension(JsonObject json)
    {
        public string Pointer => json["errors"]![0]!["pointer"]!.GetValue<string>();

        public string Code => json["code"]!.GetValue<string>();

        public IReadOnlyList<JsonObject> Approvals => [.. json["approval"]!["approvals"]!.AsArray().Select(one => one!.AsObject())];

        public IReadOnlyList<JsonObject> Tasks => [.. json["tasks"]!.AsArray().Select(one => one!.AsObject())];

        public string Waits => json["waitingFor"]!["text"]!.GetValue<string>();

        public JsonObject TaskOf(string key) => json.Tasks.First(task => task.Text("key") == key);

        public string TaskState(string key) => json.Tasks.FirstOrDefault(task => task.Text("key") == key)?.Text("state") ?? "none";

        /// <summary>The approval that waits for this person.</summary>
        public JsonObject Asked(string person) =>
            json.Approvals.FirstOrDefault(one => one.Text("approver") == person && one.Text("state") == "requested")
                ?? throw new InvalidOperationException($"Nobody waits for {person}: {json["approval"]}");
    }
}
