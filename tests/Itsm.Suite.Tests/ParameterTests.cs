using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Itsm.Testing;

namespace Itsm.Suite.Tests;

/// <summary>Parameters as the contract has them, of all operations of all services.</summary>
[Collection(WholeSuite.Name)]
public sealed class ParameterTests(RunningSuite suite)
{
    [Fact]
    public async Task Every_parameter_says_what_it_is_for_and_what_it_takes()
    {
        var parameters = Parameters(await DocumentAsync()).ToList();
        Assert.True(parameters.Count(one => one.Parameter.Text("in") == "query") > 450, $"Only {parameters.Count} parameters were found.");
        Assert.All(parameters, one =>
        {
            var (schema, name) = (one.Parameter["schema"]!, $"{one.Method} {one.Path} {one.Parameter.Text("name")}");
            Assert.False(string.IsNullOrWhiteSpace(one.Parameter.TextOrNull("description")), name);
            Assert.True(Says(schema["items"] ?? schema), name);
            Assert.True(schema["items"] is null || one.Parameter["explode"]?.GetValue<bool>() == false, name);
        });
    }

    /// <summary>What the contract does not allow the services do not take.</summary>
    [Fact]
    public async Task Values_that_the_contract_excludes_are_refused_with_the_code_that_fits()
    {
        var refused = new List<string>();
        foreach (var (path, method, parameter) in Parameters(await DocumentAsync()).Where(one => one.Parameter.Text("in") == "query"))
        {
            var address = Regex.Replace(path.Replace("{number}", "1", StringComparison.Ordinal), @"\{\w+\}",
                Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString());
            var name = parameter.Text("name");
            var sent = $"{address}?{Uri.EscapeDataString(name)}=";
            foreach (var (value, code) in Wrong(parameter["schema"]!)
                .Concat([("", "blank"), ($"a&{Uri.EscapeDataString(name)}=b", "repeated")]))
            {
                var answer = await suite.SendAsync("admin", new HttpMethod(method), sent + value);
                foreach (var other in new[] { "manager1", "analyst1" })
                {
                    answer = answer.Status != HttpStatusCode.Forbidden ? answer
                        : await suite.SendAsync(other, new HttpMethod(method), sent + value);
                }

                if (answer.Status != HttpStatusCode.BadRequest
                    || !answer.Problem(400)["errors"]!.AsArray().Any(error =>
                        (error!["pointer"]!.GetValue<string>(), error["code"]!.GetValue<string>()) == ("?" + name, code)))
                {
                    refused.Add($"{method} {path} {name}={value} is not {code}: {answer}");
                }
            }
        }

        Assert.Empty(refused);
    }

    [Fact]
    public async Task Lists_name_their_fields_sorts_limits_and_what_they_expand()
    {
        var document = await DocumentAsync();
        var list = document["paths"]!["/api/v1/incidents"]!["get"]!["parameters"]!.AsArray()
            .ToDictionary(one => one!["name"]!.GetValue<string>(), one => one!["schema"]!);
        Assert.Equal((1, 200, 50), (list["limit"]["minimum"]!.GetValue<int>(), list["limit"]["maximum"]!.GetValue<int>(),
            list["limit"]["default"]!.GetValue<int>()));
        Assert.Equal("-openedAt", list["sort"]["default"]!.GetValue<string>());
        Assert.Contains("-updatedAt", Texts(list["sort"]["enum"]));
        Assert.Contains("resolvedAt", Texts(list["fields"]["items"]!["enum"]));
        Assert.DoesNotContain("readers", Texts(list["fields"]["items"]!["enum"]));
        Assert.Contains("inProgress", Texts(list["state"]["items"]!["enum"]));
        Assert.Equal("date-time", list["openedAt[gte]"]["format"]!.GetValue<string>());
        var schemas = document["components"]!["schemas"]!;
        Assert.Equal(Texts(list["expand"]["items"]!["enum"]).Order(),
            schemas["IncidentSummary"]!["properties"]!["expanded"]!["properties"]!.AsObject().Select(one => one.Key).Order());
        Assert.Equal("#/components/schemas/PersonOrGroup",
            schemas["IncidentSummary"]!["properties"]!["expanded"]!["properties"]!["assignee"]!["$ref"]!.GetValue<string>());
        Assert.Equal("array", schemas["GroupSummary"]!["properties"]!["expanded"]!["properties"]!["members"]!["type"]!.GetValue<string>());
    }

    private static bool Says(JsonNode schema) => schema["type"]?.ToString() is "integer" or "boolean"
        || new[] { "format", "enum", "pattern", "minLength", "anyOf" }.Any(keyword => schema[keyword] is not null);

    private static IEnumerable<(string Value, string Code)> Wrong(JsonNode schema) =>
        schema["items"] is { } items ? Wrong(items).Append((",", "blank"))
        : schema["enum"] is not null ? [("no-such-word", "not-one-of")]
        : schema["anyOf"] is not null ? [("nonsense", "wrong-format")]
        : (schema["type"]!.ToString(), schema["format"]?.ToString()) switch
        {
            ("boolean", _) => [("maybe", "not-one-of")],
            ("integer", _) =>
            [
                ("x", "wrong-type"), ($"{schema["minimum"]!.GetValue<long>() - 1}", "out-of-range"),
                .. schema["maximum"] is { } most ? new[] { ($"{most.GetValue<long>() + 1}", "out-of-range") } : [],
            ],
            (_, "date-time" or "date") => [("yesterday", "wrong-format")],
            _ when schema["maxLength"] is { } longest => [(new string('x', longest.GetValue<int>() + 1), "too-long")],
            _ when schema["pattern"] is not null => [("%20!", "wrong-format")],
            _ => [],
        };

    private static IEnumerable<(string Path, string Method, JsonObject Parameter)> Parameters(JsonObject document) =>
        document["paths"]!.AsObject().SelectMany(path =>
            path.Value!.AsObject().Where(member => member.Key is "get" or "post" or "put" or "patch" or "delete").SelectMany(member =>
                member.Value!["parameters"]?.AsArray().Select(one => (path.Key, member.Key.ToUpperInvariant(), one!.AsObject())) ?? []));

    private static IEnumerable<string> Texts(JsonNode? list) => list!.AsArray().Select(text => text!.GetValue<string>());

    private Task<JsonObject> DocumentAsync() => suite.UntilAsync("", "/openapi/v1.json", document => document["x-unavailable"] is null);
}
