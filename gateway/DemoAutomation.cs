using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Itsm.Platform.Errors;
using Itsm.Platform.Webhooks;

namespace Itsm.Gateway;

/// <summary>In Development, the program that the demo catalog's automated steps call: it checks the signature, as a real one
/// would.</summary>
public static class DemoAutomation
{
    /// <summary>Name of the key that calls are signed with; its value is the development key.</summary>
    public const string Secret = "demo";

    /// <summary>The setting that says where it is.</summary>
    public const string Setting = "Webhooks:InternalHosts:automation.demo";

    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    internal static void MapDemoAutomation(this WebApplication app, string key) =>
        app.MapPost("/dev/automation/password-reset", async (HttpContext context, TimeProvider clock) =>
    {
        var headers = context.Request.Headers;
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var (id, at) = (headers["webhook-id"].ToString(), headers["webhook-timestamp"].ToString());
        var signed = CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(headers["webhook-signature"].ToString()),
            Encoding.UTF8.GetBytes(WebhookClient.Sign(key, id, at, body)));
        var fresh = long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && (clock.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(seconds)).Duration() < Tolerance;
        return signed && fresh
            ? Results.Text(
                $"The password for {JsonNode.Parse(body)!["answers"]!["system"]} was reset; the temporary one is on its way by mail.")
            : throw new HttpProblemException(
                Problems.Create(401, "unauthenticated", $"Unauthenticated", $"The signature is not valid, or too old."));
    }).AllowAnonymous();
}
