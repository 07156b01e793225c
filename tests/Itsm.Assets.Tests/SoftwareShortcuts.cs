using System.Globalization;
using System.Text.Json.Nodes;
using Itsm.Testing;
using static Itsm.Assets.Tests.AssetShortcuts;

namespace Itsm.Assets.Tests;

/// <summary>What tests of software do often.</summary>
internal static class SoftwareShortcuts
{
    extension(RunningSuite suite)
    {
        /// <summary>A new product of a publisher of its own.</summary>
        public async Task<JsonObject> AddProductAsync(string name = "Draw") =>
            (await suite.PostAsync(Agent, "software-products", new { name, publisher = NewTag() })).Ok();

        public Task<Answer> TryLicenseAsync(JsonObject product, int seats, string metric = "perUser", object? more = null)
        {
            var body = new JsonObject
            {
                ["name"] = "Draw for all", ["product"] = product.Id, ["metric"] = metric, ["seats"] = seats, ["startsOn"] = suite.In(-30),
            };
            foreach (var (name, value) in more is null ? [] : System.Text.Json.JsonSerializer.SerializeToNode(more)!.AsObject())
            {
                body[name] = value?.DeepClone();
            }

            return suite.PostAsync(Agent, "licenses", body);
        }

        public async Task<JsonObject> LicenseAsync(JsonObject product, int seats, string metric = "perUser", object? more = null) =>
            (await suite.TryLicenseAsync(product, seats, metric, more)).Ok();

        public Task<Answer> TryAssignAsync(JsonObject license, object to, string? key = null) =>
            suite.PostAsync(Agent, $"licenses/{license.Id}/assignments", to, key: key);

        public async Task<JsonObject> AssignAsync(JsonObject license, object to) => (await suite.TryAssignAsync(license, to)).Ok();

        public async Task<int> AssignedAsync(JsonObject license) =>
            (await suite.GetAsync(Agent, "licenses/" + license.Id)).Ok()["assigned"]!.GetValue<int>();

        public async Task<IReadOnlyList<string>> IdsAsync(string path, string person = Agent) =>
            [.. (await suite.GetAsync(person, path)).Ok().Items.Select(one => one.Id)];

        /// <summary>The day so many days from now.</summary>
        public string In(int days) =>
            DateOnly.FromDateTime(suite.Clock.GetUtcNow().UtcDateTime).AddDays(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
    }
}
