using System.Text.Json.Nodes;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Itsm.Platform.Tests.Http;

public sealed class ExceptionMappingTests
{
    [Fact]
    public async Task Each_kind_of_failure_has_its_status_and_type()
    {
        await MapsAsync(new RuleViolationException("lamp.broken", $"The lamp is broken."), 409, "rule", "The lamp is broken.",
            "lamp.broken");
        await MapsAsync(new InvalidValueException("/colour", FieldCode.NotOneOf, $"No such colour."), 400, "invalid-request",
            "No such colour.", at: "/colour");
        await MapsAsync(new DuplicateKeyException("lamps", ["key"]), 409, "duplicate", "Another one has the same key.");
        await MapsAsync(new ConcurrentChangeException($"It kept changing."), 409, "concurrent-change", "It kept changing.");
        await MapsAsync(HttpProblemException.NotFound("lamp", "x"), 404, "not-found", "There is no lamp \"x\" that you can see.");
        await MapsAsync(HttpProblemException.Invalid("?limit", FieldCode.OutOfRange, $"limit is odd."), 400, "invalid-request",
            "limit is odd.", at: "?limit");
        await MapsAsync(new BadHttpRequestException("big", 413), 413, "body-too-large", "The body is larger than this route takes.");
        await MapsAsync(new BadHttpRequestException("type", 415), 415, "unsupported-media-type", "This route takes application/json.");
        await MapsAsync(new BadHttpRequestException("Half a body."), 400, "invalid-request", "Half a body.", at: "");
        await MapsAsync(new OutboxFullException($"The lamp has 200 messages that could not be published yet."), 503, "busy",
            "The lamp has 200 messages that could not be published yet. The request had no effect; repeat it.");
        await MapsAsync(new NewerVersionException("There is no LampState dimmed in this version."), 503, "newer-version",
            "A newer version of the service stored it. Another instance of the service can do it; repeat the request.");
        await MapsAsync(new InvalidOperationException("secret"), 500, "internal",
            "Something went wrong on our side; the traceId finds it in the logs.");
    }

    [Theory, InlineData(404, "not-found"), InlineData(405, "method-not-allowed"), InlineData(415, "unsupported-media-type")]
    public async Task A_bare_status_becomes_a_problem(int status, string type)
    {
        var problem = await RunAsync(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        Assert.Equal((status, $"https://itsm-services.dev/problems/{type}"),
            (problem["status"]!.GetValue<int>(), problem["type"]!.GetValue<string>()));
    }

    private static async Task MapsAsync(Exception thrown, int status, string type, string detail, string? code = null, string? at = null)
    {
        var problem = await RunAsync(_ => throw thrown);
        Assert.Equal((status, $"https://itsm-services.dev/problems/{type}"),
            (problem["status"]!.GetValue<int>(), problem["type"]!.GetValue<string>()));
        Assert.Equal(detail, problem["detail"]!.GetValue<string>());
        Assert.Equal(code ?? type, problem["code"]!.GetValue<string>());
        Assert.Equal(at, problem["errors"]?[0]!["pointer"]!.GetValue<string>());
        Assert.Equal("/lamps", problem["instance"]!.GetValue<string>());
        Assert.NotEmpty(problem["traceId"]!.GetValue<string>());
        Assert.DoesNotContain("secret", problem.ToJsonString(), StringComparison.Ordinal);
    }

    private static async Task<JsonObject> RunAsync(RequestDelegate handler)
    {
        await using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        var app = new ApplicationBuilder(services);
        app.UseProblems();
        app.Run(handler);
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { RequestServices = services };
        (context.Request.Path, context.Response.Body) = ("/lamps", body);
        await app.Build()(context);
        var problem = JsonNode.Parse(body.ToArray())!.AsObject();
        Assert.Equal(context.Response.StatusCode, problem["status"]!.GetValue<int>());
        Assert.StartsWith("application/problem+json", context.Response.ContentType, StringComparison.Ordinal);
        return problem;
    }
}
