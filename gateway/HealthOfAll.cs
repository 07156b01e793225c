using System.Text.Json;
using System.Text.Json.Nodes;

namespace Itsm.Gateway;

/// <summary>The health of the whole: healthy when every service is.</summary>
internal static class HealthOfAll
{
    /// <summary>One service's answer.</summary>
    public sealed record ServiceHealth(string Address, string Status, JsonNode? Checks = null);

    /// <summary>All answers.</summary>
    public sealed record Whole(string Status, IReadOnlyList<ServiceHealth> Services);

    public static async Task<IResult> WriteAsync(ServiceAddresses addresses, IHttpClientFactory clients, CancellationToken ct)
    {
        var answers = await Task.WhenAll(addresses.Distinct.Select(async address =>
        {
            try
            {
                using var client = clients.CreateClient(MergedOpenApi.Client);
                using var answer = await client.GetAsync(new Uri(address, "/health"), ct);
                var health = JsonNode.Parse(await answer.Content.ReadAsStringAsync(ct));
                return new ServiceHealth(address.Authority, health?["status"]?.GetValue<string>() ?? "Unhealthy",
                    health?["checks"]?.DeepClone());
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException or InvalidOperationException)
            {
                return new ServiceHealth(address.Authority, "Unreachable");
            }
        }));
        var healthy = answers.All(answer => answer.Status is "Healthy" or "Degraded");
        return TypedResults.Json(new Whole(healthy ? "Healthy" : "Unhealthy", answers),
            statusCode: healthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
