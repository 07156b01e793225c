using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Itsm.Contracts;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using MongoDB.Bson;

namespace Itsm.Platform.Tests.Documents;

public sealed class RawBsonTests
{
    private static readonly Gen<string> Text = Pick("", "a", "é", "😀", "\"", "\\", "\n", "<b>", "日本", "\u0001", "/", "ß").Array[0, 6]
        .Select(string.Concat);
    private static readonly Gen<long> Milliseconds = Gen.Long[-62135596800000, 253402300799999];

    private static readonly Gen<BsonValue> Scalar = Gen.OneOf(
        Text.Select(text => (BsonValue)text), Gen.Int.Select(number => (BsonValue)number), Gen.Long.Select(number => (BsonValue)number),
        Gen.Double[-1e12, 1e12].Select(number => (BsonValue)number), Gen.Bool.Select(flag => (BsonValue)flag),
        Gen.Const((BsonValue)BsonNull.Value),
        Milliseconds.Select(at => (BsonValue)new BsonDateTime(at)),
        Gen.Guid.Select(id => (BsonValue)new BsonBinaryData(id, GuidRepresentation.Standard)),
        Gen.Byte.Array[0, 20].Select(bytes => (BsonValue)new BsonBinaryData(bytes)));

    private static readonly Gen<BsonDocument> Document = Documents(3);

    [Fact]
    public void Json_of_random_documents_is_what_the_driver_sees_in_them() => Document.Sample(document =>
    {
        var json = JsonNode.Parse(JsonAnswer.ToBytes(writer =>
        {
            writer.WriteStartObject();
            Representation.WriteMembers(writer, document.ToBson(), document.Names.ToHashSet());
            writer.WriteEndObject();
        }));
        Assert.True(JsonNode.DeepEquals(Expected(document), json), $"{Expected(document)!.ToJsonString()} ≠ {json!.ToJsonString()}");
    }, iter: 500);

    [Fact]
    public void Elements_read_in_place_are_those_that_the_driver_reads() => Document.Sample(document =>
    {
        var names = new List<string>();
        foreach (var element in new RawBson(document.ToBson()))
        {
            var name = Encoding.UTF8.GetString(element.Name);
            names.Add(name);
            Assert.Equal(document[name].ToJson(), element.ToBsonValue().ToJson());
            Assert.True(RawBson.TryFind(document.ToBson(), element.Name, out var found));
            Assert.Equal(element.Value, found.Value);
        }

        Assert.Equal(document.Names, names);
        Assert.False(RawBson.TryFind(document.ToBson(), "missing"u8, out _));
    }, iter: 500);

    [Fact]
    public void Chosen_members_are_kept_with_the_id()
    {
        var id = DerivedId.From("a");
        var bson = new BsonDocument
        {
            { "_id", BsonMapping.Value(id) }, { "title", "x" }, { "readers", new BsonArray { "everyone" } }, { "state", "new" },
        }.ToBson();
        Assert.Equal($$"""{"id":"{{id}}","title":"x","state":"new"}""", Json(bson, ["title", "state", "other"]));
    }

    [Fact]
    public void Values_under_a_dotted_path_come_one_by_one_without_nulls()
    {
        var bson = new BsonDocument
        {
            { "a",
                new BsonArray
                {
                    new BsonDocument("b", 1), new BsonDocument("b", BsonNull.Value), new BsonDocument("b", new BsonArray { 2, 3 }), 9,
                } }, { "c", BsonNull.Value },
        }.ToBson();
        Assert.Equal([1, 2, 3], RawBson.Values(bson, "a.b").Select(value => value.AsInt32));
        Assert.Empty(RawBson.Values(bson, "c"));
        Assert.Empty(RawBson.Values(bson, "d.e"));
    }

    [Fact]
    public void Types_that_the_platform_does_not_store_are_refused()
    {
        var bson = new BsonDocument("x", new BsonDecimal128(1)).ToBson();
        Assert.Throws<NotSupportedException>(() => RawBson.Values(bson, "x"));
    }

    [Fact]
    public void Objects_keep_their_values_through_bson()
    {
        var entry = new TimelineEntry(new DateTimeOffset(2026, 3, 1, 10, 30, 0, 123, TimeSpan.FromHours(2)), "onHold", StateCategory.Paused,
            2, DerivedId.From("g"), null, null, true);
        var bytes = BsonMapping.ToBytes(entry);
        var stored = BsonMapping.FromBytes<BsonDocument>(bytes);
        Assert.Equal(["at", "state", "category", "priority", "assignmentGroup", "answered"], stored.Names);
        Assert.Equal(("paused", BsonType.DateTime, BsonBinarySubType.UuidStandard),
            (stored["category"].AsString, stored["at"].BsonType, stored["assignmentGroup"].AsBsonBinaryData.SubType));
        Assert.Equal(entry with { At = entry.At.ToUniversalTime() }, BsonMapping.FromBytes<TimelineEntry>(bytes));
        Assert.Equal(new Actor(null, "x"), BsonMapping.FromBytes<Actor>(new BsonDocument { { "name", "x" }, { "unknown", 1 } }.ToBson()));
        Assert.Equal(["paused", "resolved"],
            new[] { StateCategory.Paused, StateCategory.Resolved }.Select(value => BsonMapping.Value(value).AsString));
    }

    [Fact]
    public void Durations_are_stored_as_ticks_and_shown_as_iso_text_and_the_text_of_earlier_versions_is_read_too() =>
        Gen.OneOf(
            Gen.Long[long.MinValue + 1, long.MaxValue], Gen.Long[-1_000_000_000, 1_000_000_000],
            Gen.Int[-200_000, 200_000].Select(seconds => seconds * 10_000_000L))
            .Select(TimeSpan.FromTicks).Sample(time =>
        {
            var (stored, text) = (BsonMapping.ToBytes(new Lasting(time)), new BsonDocument("time", IsoText(time)).ToBson());
            Assert.Equal(time, BsonMapping.FromBytes<Lasting>(stored).Time);
            Assert.Equal(time, BsonMapping.FromBytes<Lasting>(text).Time);
            Assert.Equal($$"""{"time":"{{ShownText(time)}}"}""", Json(stored, ["time"]));
            RawBson.TryFind(stored, "time"u8, out var element);
            RawBson.TryFind(text, "time"u8, out var older);
            Assert.Equal((time, time, true, false), (element.Duration, older.Duration, element.IsDuration, older.IsDuration));
            Assert.Equal(stored, new BsonDocument("time", element.ToBsonValue()).ToBson());
        });

    [Fact]
    public void A_duration_that_is_text_yet_is_no_change()
    {
        var task = new BsonDocument { { "title", "x" }, { "within", "PT26H30M" } };
        var (before, after) = (new BsonDocument { { "first", "PT1H" }, { "tasks", new BsonArray { task } } },
            new BsonDocument { { "first", Ticks(1) }, { "tasks", new BsonArray { new BsonDocument(task) { ["within"] = Ticks(26.5) } } } });
        Assert.Empty(FieldChanges.Between(before.ToBson(), after.ToBson(), []));
        Assert.Empty(FieldChanges.Between(after.ToBson(), before.ToBson(), []));
        after["first"] = Ticks(2);
        after["tasks"][0]["within"] = Ticks(27);
        Assert.Equal(["first", "tasks"], FieldChanges.Between(before.ToBson(), after.ToBson(), []).Select(one => one["field"].AsString));

        static BsonBinaryData Ticks(double hours) =>
            new(BitConverter.GetBytes(TimeSpan.FromHours(hours).Ticks), BsonBinarySubType.UserDefined);
    }

    [Theory]
    [InlineData("ca978112-ca1b-8dca-bac2-31b39a23dc4d", "a")]
    [InlineData("1a2f2ab3-cf52-8013-aed3-423b8004ce5a", "person", "admin")]
    [InlineData("aa0ebbfc-92cf-80a0-bc1f-37a859cd85f2", "é", "1")]
    [InlineData("e3b0c442-98fc-8c14-9afb-f4c8996fb924", "")]
    public void Derived_ids_are_the_same_for_ever(string expected, params string[] parts) =>
        Assert.Equal(Guid.Parse(expected), DerivedId.From(parts));

    private static string Json(byte[] bson, HashSet<string> fields) => Encoding.UTF8.GetString(JsonAnswer.ToBytes(writer =>
    {
        writer.WriteStartObject();
        Representation.WriteMembers(writer, bson, fields);
        writer.WriteEndObject();
    }));

    private static Gen<string> Pick(params string[] of) => Gen.Int[0, of.Length - 1].Select(index => of[index]);

    private static Gen<BsonDocument> Documents(int depth) =>
        Gen.Select(Pick("a", "b", "c.d", "é", "_id", "long name", "x").Array[0, 6], Values(depth).Array[6], (names, values) =>
    {
        var document = new BsonDocument();
        foreach (var (name, value) in names.Zip(values)
            .Where(pair => pair.First != "_id" || pair.Second is BsonBinaryData { SubType: BsonBinarySubType.UuidStandard }))
        {
            document[name] = value;
        }

        return document;
    });

    private static Gen<BsonValue> Values(int depth) => depth == 0 ? Scalar : Gen.OneOf(
        Scalar, Scalar, Documents(depth - 1).Select(document => (BsonValue)document),
        Values(depth - 1).Array[0, 4].Select(items => (BsonValue)new BsonArray(items)));

    private static JsonNode? Expected(BsonValue value) => value switch
    {
        BsonDocument document =>
            new JsonObject(document.Select(element =>
                KeyValuePair.Create(element.Name == "_id" ? "id" : element.Name, Expected(element.Value)))),
        BsonArray array => new JsonArray([.. array.Select(Expected)]),
        BsonNull => null,
        BsonDateTime at =>
            at.MillisecondsSinceEpoch % 1000 == 0
                ? at.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", null)
                : at.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", null),
        BsonBinaryData { SubType: BsonBinarySubType.UuidStandard } id => id.ToGuid().ToString(),
        BsonBinaryData binary => Convert.ToBase64String(binary.Bytes),
        _ => JsonNode.Parse(JsonSerializer.Serialize(BsonTypeMapper.MapToDotNetValue(value))),
    };

    private static string IsoText(TimeSpan time)
    {
        if (time < TimeSpan.Zero)
        {
            return "-" + IsoText(time.Negate());
        }

        var (hours, rest) = (time.Ticks / TimeSpan.TicksPerHour, TimeSpan.FromTicks(time.Ticks % TimeSpan.TicksPerHour));
        var text = rest == TimeSpan.Zero ? hours == 0 ? "PT0S" : "PT" : System.Xml.XmlConvert.ToString(rest);
        return hours == 0 ? text : $"PT{hours}H{text[2..]}";
    }

    /// <summary>Whole seconds, no sign, and no part left out between two others, as RFC 3339 wants it.</summary>
    private static string ShownText(TimeSpan time)
    {
        var text = IsoText(time > TimeSpan.Zero ? TimeSpan.FromSeconds(time.Ticks / TimeSpan.TicksPerSecond) : TimeSpan.Zero);
        return text.Contains('S', StringComparison.Ordinal) && !text.Contains('M', StringComparison.Ordinal)
            ? text.Replace("H", "H0M", StringComparison.Ordinal)
            : text;
    }

    private sealed record Lasting(TimeSpan Time);
}
