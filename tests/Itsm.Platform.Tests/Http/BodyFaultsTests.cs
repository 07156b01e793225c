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
    [InlineData("", ": A JSON body is required.")]
    [InlineData("null", ": The body can't be null.")]
    [InlineData("[]", ": The body must be an object.")]
    [InlineData("""{"name":""", ": The body is not well-formed JSON: line 1, byte 9.")]
    [InlineData("""{}""", "/name: name is required.")]
    [InlineData("""{"name":"x","colour":"red"}""", "/colour: There is no field colour here.")]
    [InlineData("""{"name":"x","a/b":"red"}""", "/a~1b: There is no field a/b here.")]
    [InlineData("""{"name":null}""", "/name: name can't be null.")]
    [InlineData("""{"name":"x","name":"y"}""", "/name: name is given twice.")]
    [InlineData("""{"name":"x","Name":"y"}""", "/Name: Name is given twice.")]
    [InlineData("""{"name":7}""", "/name: name must be text.")]
    [InlineData("""{"name":"x","state":"broken"}""", "/state: state must be one of open, paused, resolved, closed.")]
    [InlineData("""{"name":"x","state":1}""", "/state: state must be one of open, paused, resolved, closed.")]
    [InlineData("""{"name":"x","number":1.5}""", "/number: number must be a whole number.")]
    [InlineData("""{"name":"x","number":"1"}""", "/number: number must be a whole number.")]
    [InlineData("""{"name":"x","number":3000000000}""", "/number: number must be a whole number.")]
    [InlineData("""{"name":"x","number":null}""", "/number: number can't be null.")]
    [InlineData("""{"name":"x","flag":"yes"}""", "/flag: flag must be true or false.")]
    [InlineData("""{"name":"x","thing":"12"}""", "/thing: thing must be a UUID.")]
    [InlineData("""{"name":"x","at":"2026-01-31T08:00:00"}""", "/at: at must be an instant such as 2026-01-31T08:00:00Z, with its offset.")]
    [InlineData("""{"name":"x","within":"8 h"}""", "/within: within must be an ISO 8601 duration such as PT30M.")]
    [InlineData("""{"name":"x","parts":{}}""", "/parts: parts must be a list.")]
    [InlineData("""{"name":"x","parts":["a"]}""", "/parts/0: 0 must be an object.")]
    [InlineData("""{"name":"x","parts":[{"name":"a"},{}]}""", "/parts/1/name: name is required.")]
    [InlineData("""{"name":"x","counts":{"a":1,"b":"two"}}""", "/counts/b: b must be a whole number.")]
    [InlineData("""{"name":"x","note":7}""", "/note: note must be text.")]
    [InlineData("""{"name":"x","note":null,"flag":0}""", "/flag: flag must be true or false.")]
    [InlineData("""{"name":"x","\ud800":1}""", ": The body is not well-formed JSON: a name in it is no text.")]
    [InlineData("""{"name":"x","point":{"x":1}}""", "/point/y: y is required.")]
    [InlineData("""{"colour":1,"flag":0,"parts":[{"name":2}]}""",
        "/colour: There is no field colour here.|/flag: flag must be true or false.|/parts/0/name: name must be text.|/name: name is "
        + "required.")]
    public void All_that_is_wrong_is_named_with_its_place(string body, string faults)
    {
        Assert.ThrowsAny<JsonException>(() => JsonSerializer.Deserialize<Part>(body, Strict) ?? throw new JsonException("null"));
        Assert.Equal(faults.Split('|'), BodyFaults.Find(Encoding.UTF8.GetBytes(body), typeof(Part), Strict)
            .Select(fault => $"{fault.Pointer}: {fault.Detail}"));
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
