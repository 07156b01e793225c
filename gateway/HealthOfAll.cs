using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Itsm.Gateway;

/// <summary>The health of the whole: healthy when every service and the gateway are, degraded when one of them is, unhealthy when one is
/// that or can't be reached.</summary>
internal static class HealthOfAll
{
    private const string Name = "gateway";

    /// <summary>The answer of one service, or of the gateway, which has its name for an address.</summary>
    public sealed record PartHealth(string Address, string Status, JsonNode? Checks = null);

    /// <summary>All answers.</summary>
    public sealed record Whole(string Status, IReadOnlyList<PartHealth> Services);

    public static async Task<IResult> WriteAsync(
        ServiceAddresses addresses, IHttpClientFactory clients, HealthCheckService own, CancellationToken ct)
    {
        var answers = await Task.WhenAll(
            [.. addresses.Distinct.Select(address => OfServiceAsync(address, clients, ct)), OfGatewayAsync(own, ct)]);
        var status = answers.All(answer => answer.Status == nameof(HealthStatus.Healthy)) ? HealthStatus.Healthy
            : answers.All(answer => answer.Status is nameof(HealthStatus.Healthy) or nameof(HealthStatus.Degraded)) ? HealthStatus.Degraded
            : HealthStatus.Unhealthy;
        return TypedResults.Json(new Whole(status.ToString(), answers),
            statusCode: status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
    }

    private static async Task<PartHealth> OfServiceAsync(Uri address, IHttpClientFactory clients, CancellationToken ct)
    {
        try
        {
            using var client = clients.CreateClient(MergedOpenApi.Client);
            using var answer = await client.GetAsync(new Uri(address, "/health"), ct);
            var health = JsonNode.Parse(await answer.Content.ReadAsStringAsync(ct));
            return new PartHealth(address.Authority, health?["status"]?.GetValue<string>() ?? nameof(HealthStatus.Unhealthy),
                health?["checks"]?.DeepClone());
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException or InvalidOperationException)
        {
            return new PartHealth(address.Authority, "Unreachable");
        }
    }

    private static async Task<PartHealth> OfGatewayAsync(HealthCheckService own, CancellationToken ct)
    {
        var report = await own.CheckHealthAsync(ct);
        return new PartHealth(Name, report.Status.ToString(), new JsonObject(report.Entries.Select(entry =>
            KeyValuePair.Create(entry.Key, (JsonNode?)new JsonObject
            {
                ["status"] = entry.Value.Status.ToString(), ["description"] = entry.Value.Description,
            }))));
    }
}
