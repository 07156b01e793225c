using System.Text.Json.Nodes;
using Itsm.Testing;

namespace Itsm.ServiceLevels.Tests;

/// <summary>What many tests do with agreements and clocks.</summary>
internal static class Shortcuts
{
    private static int _keys;

    extension(RunningSuite suite)
    {
        public Task<JsonObject> DoAsync(string id, string action, object? body = null, string person = "agent1") =>
            suite.ActAsync(person, $"incidents/{id}/{action}", body);

        public Task<JsonObject> ResolveAsync(string id) =>
            suite.DoAsync(id, "resolve", new { code = "fixedPermanently", notes = "Restarted it." });

        /// <summary>Waits until the incident shows clocks that meet the condition, by the key of their target.</summary>
        public async Task<IReadOnlyDictionary<string, JsonObject>> ClocksAsync(
            string id, Func<IReadOnlyDictionary<string, JsonObject>, bool> condition) =>
            ClocksOf(await suite.UntilAsync("agent1", "incidents/" + id, incident =>
                incident["serviceLevels"] is not null && condition(ClocksOf(incident))));

        /// <summary>Waits until the list of clocks has this one as the condition wants it.</summary>
        public Task<JsonObject> ClockAsync(string clock, Func<JsonObject, bool> condition, string person = "agent1") =>
            RunningSuite.UntilAsync(
            async () =>
                await suite.GetAsync(person, $"service-levels/clocks/{clock}") is { Status: System.Net.HttpStatusCode.OK } answer
                    ? answer.Json
                    : [], found => found.Count > 0 && condition(found), "The clock");

        /// <summary>A calendar of one's own, known to service-levels.</summary>
        public async Task<string> CalendarAsync(object calendar)
        {
            var key = NewKey("calendar");
            var json = System.Text.Json.JsonSerializer.SerializeToNode(calendar)!.AsObject();
            (json["key"], json["name"]) = (key, key);
            (await suite.PostAsync("admin", "calendars", json)).Ok();
            return key;
        }

        public Task<string> AlwaysAsync() =>
            suite.CalendarAsync(new { timeZone = "UTC", week = Week("00:00", "24:00", Enum.GetNames<DayOfWeek>()) });

        /// <summary>An agreement for a service of its own, so that other tests have no clocks of it.</summary>
        /// <returns>Its key, which is the name of the service too.</returns>
        public async Task<string> AgreementAsync(string calendar, object[] targets, object[]? warnings = null, object[]? escalations = null,
            string kind = "sla", string? running = null)
        {
            var key = NewKey("agreement");
            var edition = Edition(calendar, [.. targets.Select(target => ForService(target, key))], warnings, escalations);
            edition["running"] = running;
            var answer = await RunningSuite.UntilAsync(
                () => suite.PostAsync("admin", "service-levels/agreements", new { key, name = key, kind, edition }),
                answer => !answer.Text.Contains("No calendar", StringComparison.Ordinal), "The calendar in service-levels");
            answer.Ok();
            return key;
        }

        public Task<JsonObject> OpenForAsync(string service, string person = "employee1", object? also = null)
        {
            var incident = System.Text.Json.JsonSerializer.SerializeToNode(also ?? new { })!.AsObject();
            (incident["title"], incident["affectedService"]) = ("It does not work", service);
            return suite.OpenAsync(person, incident);
        }
    }

    public static JsonObject Edition(string calendar, JsonNode[] targets, object[]? warnings = null, object[]? escalations = null) =>
        System.Text.Json.JsonSerializer.SerializeToNode(
            new { calendar, targets, warnings = warnings ?? [], escalations = escalations ?? [] })!.AsObject();

    public static JsonNode ForService(object target, string service)
    {
        var json = System.Text.Json.JsonSerializer.SerializeToNode(target)!;
        json["services"] = new JsonArray(service);
        return json;
    }

    public static object[] Week(string from, string to, params string[] days) =>
        [.. days.Select(day =>
            new { day = System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(day), hours = new[] { new { from, to } } })];

    public static object Target(string key, string duration, string kind = "business", string metric = "resolution") =>
        new { key, metric, promise = new { kind, duration } };

    public static string NewKey(string what) => $"{what}-{Interlocked.Increment(ref _keys)}";

    public static DateTimeOffset At(this JsonObject json, string name) => json[name]!.GetValue<DateTimeOffset>();

    public static string Pointer(this JsonObject problem) => problem["errors"]![0]!["pointer"]!.GetValue<string>();

    /// <summary>The newest clock of each target.</summary>
    private static Dictionary<string, JsonObject> ClocksOf(JsonObject incident) =>
        incident["serviceLevels"]!["clocks"]!.AsArray().Select(clock => clock!.AsObject()).GroupBy(clock => clock.Text("target"))
            .ToDictionary(group => group.Key, group => group.Last());
}
