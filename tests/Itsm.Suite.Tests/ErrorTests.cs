using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Itsm.Testing;

namespace Itsm.Suite.Tests;

/// <summary>Errors as the contract has them, of all operations of all services.</summary>
[Collection(WholeSuite.Name)]
public sealed class ErrorTests(RunningSuite suite)
{
    private const string Problem = "application/problem+json";

    [Fact]
    public async Task Every_error_of_the_contract_has_the_problem_as_its_body()
    {
        var document = await DocumentAsync();
        var errors = Operations(document).SelectMany(one => one.Operation["responses"]!.AsObject()
            .Where(answer => answer.Key[0] is '4' or '5')
            .Select(answer => (Name: $"{one.Method} {one.Path} {answer.Key}", Answer: answer.Value!))).ToList();
        Assert.True(errors.Count > 1_500, $"Only {errors.Count} errors were found.");
        Assert.All(errors, error =>
        {
            Assert.Equal("#/components/schemas/ProblemDetails",
                error.Answer["content"]?[Problem]?["schema"]?["$ref"]?.GetValue<string>() ?? error.Name);
            Assert.Contains('`', error.Answer["description"]!.GetValue<string>());
        });
        Assert.All(Operations(document), one => Assert.All(["400", "414", "429", "431", "500", "502", "503", "504"], status =>
            Assert.True(one.Operation["responses"]!.AsObject().ContainsKey(status), $"{one.Method} {one.Path} {status}")));

        var (problem, field) = (document["components"]!["schemas"]!["ProblemDetails"]!, document["components"]!["schemas"]!["FieldError"]!);
        Assert.NotEqual("false", problem["additionalProperties"]?.ToString());
        Assert.All(problem["properties"]!.AsObject(), member => Assert.IsType<JsonValue>(member.Value!["type"], exactMatch: false));
        Assert.Equal(["code", "detail", "status", "title", "traceId", "type"], Names(problem["required"]).Order());
        Assert.Equal(["arguments", "changedFields", "code", "currentETag", "detail", "errorCount", "errors", "instance", "position", "status",
            "template", "title", "traceId", "type"], problem["properties"]!.AsObject().Select(member => member.Key).Order());
        Assert.Equal(["code", "message", "pointer"], Names(field["required"]).Order());
        Assert.Equal(["blank", "conflicting", "not-found", "not-one-of", "out-of-range", "repeated", "required", "too-few", "too-long",
            "too-many", "too-short", "unknown-field", "wrong-format", "wrong-type"],
            Names(document["components"]!["schemas"]!["FieldCode"]!["enum"]).Order());
    }

    [Fact]
    public async Task Whatever_is_wrong_every_operation_answers_with_a_code()
    {
        var document = await DocumentAsync();
        var refused = new List<string>();
        foreach (var (path, method, operation) in Operations(document))
        {
            var address = Regex.Replace(path.Replace("{number}", "1", StringComparison.Ordinal), @"\{\w+\}",
                Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString());
            if (operation["security"] is not JsonArray { Count: 0 })
            {
                Expect(await suite.SendAsync("", new HttpMethod(method), address), 401, null, "no token");
            }

            await WrongAsync(address + "?nonsense=1", null, "unknown-field");
            if (operation["requestBody"]?["content"]?["application/json"] is not { } body)
            {
                continue;
            }

            if (operation["parameters"]?.AsArray().FirstOrDefault(one => one!["in"]!.GetValue<string>() == "query"
                && one["required"]?.GetValue<bool>() == true) is { } needed)
            {
                address += $"?{needed["name"]}=x";
            }

            await WrongAsync(address, "{", "wrong-format");
            await WrongAsync(address, "7", "wrong-type");
            await WrongAsync(address, """{"nonsense":1}""", "unknown-field");
            var schema = document["components"]!["schemas"]![body["schema"]!["$ref"]!.GetValue<string>().Split('/')[^1]]!;
            if (Names(schema["required"]).FirstOrDefault() is not null)
            {
                await WrongAsync(address, "{}", "required");
            }

            if (body["example"] is JsonObject example
                && schema["properties"]!.AsObject().FirstOrDefault(one => one.Value!["maxLength"] is not null) is { Key: { } name } longest
                && longest.Value!["pattern"] is null)
            {
                var tooLong = example.DeepClone().AsObject();
                tooLong[name] = new string('x', longest.Value!["maxLength"]!.GetValue<int>() + 1);
                await WrongAsync(address, tooLong.ToJsonString(), "too-long");
            }

            async Task WrongAsync(string at, string? json, string code)
            {
                foreach (var person in new[] { "admin", "manager1", "analyst1" })
                {
                    using var content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
                    var answer = await suite.SendAsync(person, new HttpMethod(method), at, content, ifMatch: "*");
                    if (answer.Status != HttpStatusCode.Forbidden)
                    {
                        Expect(answer, 400, code, json ?? at);
                        return;
                    }

                    answer.Problem(403);
                }
            }

            void Expect(Answer answer, int status, string? code, string sent)
            {
                if ((int)answer.Status != status)
                {
                    refused.Add($"{method} {path} {sent}: {(int)answer.Status} {answer.Text}");
                    return;
                }

                var problem = answer.Problem(status);
                if (code is not null && !problem["errors"]!.AsArray().Any(error => error!["code"]!.GetValue<string>() == code))
                {
                    refused.Add($"{method} {path} {sent}: not {code} but {problem["errors"]!.ToJsonString()}");
                }
            }
        }

        Assert.Empty(refused);
        Assert.Equal("not-found", (await suite.GetAsync("admin", "nothing/here")).Problem(404).Text("code"));
        Assert.Equal("method-not-allowed", (await suite.SendAsync("admin", HttpMethod.Put, "incidents")).Problem(405).Text("code"));
    }

    [Theory, InlineData("", "blank", "user name"), InlineData(null, "required", "user name"),
        InlineData("nobody", "not-found", "\"nobody\"")]
    public async Task A_token_of_nobody_is_refused_with_a_code(string? person, string code, string says)
    {
        var error = (await suite.PostAsync("", "/dev/token", new { person })).Problem(400)["errors"]![0]!.AsObject();
        Assert.Equal(("/person", code), (error.Text("pointer"), error.Text("code")));
        Assert.Contains(says, error.Text("message"), StringComparison.Ordinal);
    }

    private static IEnumerable<(string Path, string Method, JsonObject Operation)> Operations(JsonObject document) =>
        document["paths"]!.AsObject().SelectMany(path =>
            path.Value!.AsObject().Where(member => member.Key is "get" or "post" or "put" or "patch" or "delete")
                .Select(member => (path.Key, member.Key.ToUpperInvariant(), member.Value!.AsObject())));

    private static IEnumerable<string> Names(JsonNode? list) => list?.AsArray().Select(name => name!.GetValue<string>()) ?? [];

    private Task<JsonObject> DocumentAsync() => suite.UntilAsync("", "/openapi/v1.json", document => document["x-unavailable"] is null);
}
