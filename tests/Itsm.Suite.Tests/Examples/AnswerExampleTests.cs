using System.Text.Json.Nodes;
using Itsm.Testing;

namespace Itsm.Suite.Tests.Examples;

/// <summary>Every answer has an example, which is an answer.</summary>
[Collection(WholeSuite.Name)]
public sealed class AnswerExampleTests(RunningSuite suite)
{
    private const string Recorded = "./build/examples records them anew.";

    /// <summary>Operations without an example, and why.</summary>
    internal static readonly Dictionary<string, string> Without = new()
    {
        ["ReceiveCallback"] = "needs a token that a call has brought",
        ["WaiveIncidentTask"] = "only what somebody holds who leaves is waived: tasks of requests",
    };

    [Fact]
    public async Task Every_answer_in_JSON_has_an_example()
    {
        var missing = (await OperationsAsync()).Where(one => one.Answer is { Content: var content } && content["example"] is null)
            .Select(one => one.Id).Except(Without.Keys).ToList();
        Assert.True(missing.Count == 0, $"These operations have no example of their answer: {string.Join(", ", missing)}. {Recorded}");
    }

    [Fact]
    public async Task Every_example_is_as_the_contract_declares_it()
    {
        var document = await DocumentAsync();
        var contract = Contract.Of(document);
        var examples = Operation.AllOf(document).Where(one => one.Answer?.Content["example"] is not null).ToList();
        Assert.True(examples.Count > 300, $"Only {examples.Count} examples were found.");
        Assert.All(examples, one =>
        {
            var example = one.Answer!.Value.Content["example"]!;
            var fault = one.FaultOf(contract, example);
            Assert.True(fault is null, $"The example of {one.Id}: {fault}. {Recorded}");
            Assert.DoesNotMatch(@"localhost|127\.0\.0\.1|/tmp/", example.ToJsonString());
        });
    }

    [Fact]
    public async Task No_example_is_left_of_an_operation_that_is_gone()
    {
        var known = (await OperationsAsync()).Where(one => one.Answer is not null).Select(one => one.Id).ToHashSet();
        var files = System.IO.Directory.GetFiles(SourceTree.PathTo("services"), "Examples.json", SearchOption.AllDirectories)
            .Where(file => Path.GetDirectoryName(Path.GetDirectoryName(file)) == SourceTree.PathTo("services")).ToList();
        Assert.NotEmpty(files);
        var named = files.SelectMany(file => JsonNode.Parse(File.ReadAllText(file))!.AsObject().Select(one => one.Key)).ToList();
        Assert.Equal([], named.Except(known));
        Assert.Equal(named.Distinct().Count(), named.Count);
    }

    private async Task<IReadOnlyList<Operation>> OperationsAsync() => Operation.AllOf(await DocumentAsync());

    private Task<JsonObject> DocumentAsync() => suite.UntilAsync("", "/openapi/v1.json", document => document["x-unavailable"] is null);
}
