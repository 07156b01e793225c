using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Http;
using Itsm.Platform.Values;

namespace Itsm.Platform.Tests.Http;

public sealed class BodyFaultsTests
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true, AllowDuplicateProperties = false,
        RespectRequiredConstructorParameters = true, NumberHandling = JsonNumberHandling.Strict,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        Converters = { new EnumNameConverter(), new InstantJsonConverter(), new DurationJsonConverter() },
    };

    [Theory]
    [InlineData("", " required: A JSON body is required.")]
    [InlineData("null", " required: The body can't be null.")]
    [InlineData("[]", " wrong-type: The body must be an object, not a list.")]
    [InlineData("""{"name":""", " wrong-format: The body is not well-formed JSON: line 1, byte 9.")]
    [InlineData("""{}""", "/name required: name is required.")]
    [InlineData("""{"name":"x","colour":"red"}""", "/colour unknown-field: There is no field \"colour\" here.")]
    [InlineData("""{"name":"x","a/b":"red"}""", "/a~1b unknown-field: There is no field \"a/b\" here.")]
    [InlineData("""{"name":"x","":"red"}""", "/ unknown-field: There is no field \"\" here.")]
    [InlineData("""{"name":null}""", "/name required: name can't be null.")]
    [InlineData("""{"name":"x","name":"y"}""", "/name repeated: \"name\" is given twice.")]
    [InlineData("""{"name":"x","Name":"y"}""", "/Name repeated: \"Name\" is given twice.")]
    [InlineData("""{"name":7}""", "/name wrong-type: name must be text, not 7.")]
    [InlineData("""{"name":"x","state":"broken"}""",
        "/state not-one-of: state must be one of open, paused, resolved, closed, not \"broken\".")]
    [InlineData("""{"name":"x","state":""}""", "/state not-one-of: state must be one of open, paused, resolved, closed, not \"\".")]
    [InlineData("""{"name":"x","state":1}""", "/state wrong-type: state must be one of open, paused, resolved, closed, not 1.")]
    [InlineData("""{"name":"x","number":1.5}""", "/number wrong-type: number must be a whole number, not 1.5.")]
    [InlineData("""{"name":"x","number":"1"}""", "/number wrong-type: number must be a whole number, not \"1\".")]
    [InlineData("""{"name":"x","number":3000000000}""", "/number out-of-range: number must be a whole number, not 3000000000.")]
    [InlineData("""{"name":"x","number":null}""", "/number required: number can't be null.")]
    [InlineData("""{"name":"x","flag":"yes"}""", "/flag wrong-type: flag must be true or false, not \"yes\".")]
    [InlineData("""{"name":"x","thing":"12"}""", "/thing wrong-format: thing must be a UUID, not \"12\".")]
    [InlineData("""{"name":"x","at":"2026-01-31T08:00:00"}""",
        "/at wrong-format: at must be an instant such as 2026-01-31T08:00:00Z, with its offset, not \"2026-01-31T08:00:00\".")]
    [InlineData("""{"name":"x","within":"8 h"}""",
        "/within wrong-format: within must be an ISO 8601 duration such as PT30M, not \"8 h\".")]
    [InlineData("""{"name":"x","parts":{}}""", "/parts wrong-type: parts must be a list, not an object.")]
    [InlineData("""{"name":"x","parts":["a"]}""", "/parts/0 wrong-type: 0 must be an object, not \"a\".")]
    [InlineData("""{"name":"x","parts":[{"name":"a"},{}]}""", "/parts/1/name required: name is required.")]
    [InlineData("""{"name":"x","counts":{"a":1,"b":"two"}}""", "/counts/b wrong-type: b must be a whole number, not \"two\".")]
    [InlineData("""{"name":"x","note":7}""", "/note wrong-type: note must be text, not 7.")]
    [InlineData("""{"name":"x","note":null,"flag":0}""", "/flag wrong-type: flag must be true or false, not 0.")]
    [InlineData("""{"name":"x","\ud800":1}""", " wrong-format: The body is not well-formed JSON: a name in it is no text.")]
    [InlineData("""{"name":"x","point":{"x":1}}""", "/point/y required: y is required.")]
    [InlineData("""{"colour":1,"flag":0,"parts":[{"name":2}]}""",
        "/colour unknown-field: There is no field \"colour\" here.|/flag wrong-type: flag must be true or false, not 0.|"
        + "/parts/0/name wrong-type: name must be text, not 2.|/name required: name is required.")]
    public void All_that_is_wrong_is_named_with_its_place(string body, string faults)
    {
        Assert.ThrowsAny<JsonException>(() => JsonSerializer.Deserialize<Part>(body, Strict) ?? throw new JsonException("null"));
        Assert.Equal(faults.Split('|'), BodyFaults.Find(Encoding.UTF8.GetBytes(body), typeof(Part), Strict)
            .Select(fault => $"{fault.Pointer} {JsonSerializer.SerializeToElement(fault.Code)}: {fault.Message}"));
    }

    [Fact]
    public void Of_very_many_faults_the_first_are_named()
    {
        var body = $$"""{"name":"x","parts":[{{string.Join(',', Enumerable.Repeat("1", 5_000))}}]}""";
        Assert.Equal(100, BodyFaults.Find(Encoding.UTF8.GetBytes(body), typeof(Part), Strict).Count);
    }

    private sealed record Part
    {
        public required string Name { get; init; }

        public StateCategory? State { get; init; }

        public IReadOnlyList<Part>? Parts { get; init; }

        public int Number { get; init; }

        public bool? Flag { get; init; }

        public Guid? Thing { get; init; }

        public DateTimeOffset? At { get; init; }

        public TimeSpan? Within { get; init; }

        public IReadOnlyDictionary<string, int>? Counts { get; init; }

        public Optional<string> Note { get; init; }

        public Point? Point { get; init; }
    }

    private sealed record Point(int X, int Y);
}
