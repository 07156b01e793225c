using System.Text.Json;
using CsCheck;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using MongoDB.Bson;

namespace Itsm.Platform.Tests.Documents;

public sealed class AnyJsonTests
{
    private static readonly string[] Names =
        ["_id", "id", "_template", "_arguments", "_word", "text", "_", "__", "__id", "___x", "a_b", "name"];

    private static readonly Gen<string> Name = Gen.Int[0, Names.Length - 1].Select(at => Names[at]);

    private static readonly Gen<object> Value = Gen.Recursive<object>((depth, value) => depth >= 3
        ? Gen.String[Gen.Char.AlphaNumeric, 0, 5].Select(text => (object)text)
        : Gen.OneOf(Gen.Int.Select(number => (object)number), Gen.Bool.Select(flag => (object)flag),
            value.Array[0, 3].Select(items => (object)items),
            Gen.Dictionary(Name, value)[0, 4].Select(members => (object)members)));

    [Fact]
    public void What_callers_send_is_shown_as_they_sent_it_whatever_its_members_are_called() => Value.Sample(value =>
    {
        var sent = JsonSerializer.SerializeToElement(value);
        using var shown = new MemoryStream();
        using (var writer = new Utf8JsonWriter(shown))
        {
            AnyJsonConverter.Write(writer, AnyJson.ToBson(sent));
        }

        using var read = JsonDocument.Parse(shown.ToArray());
        Assert.True(JsonElement.DeepEquals(sent, read.RootElement), $"{sent} became {read.RootElement}");
    });

    [Fact]
    public void No_member_of_callers_is_taken_for_one_of_the_platform() => Assert.Equal(
        ["__id", "___id", "text"], AnyJson.ToBson(JsonSerializer.SerializeToElement(
            new Dictionary<string, int> { ["_id"] = 1, ["__id"] = 2, ["text"] = 3 })).AsBsonDocument.Names);
}
