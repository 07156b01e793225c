using System.Text.Json.Nodes;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using MongoDB.Bson;

namespace Itsm.Platform.Tests.Aggregates;

/// <summary>Two versions of a service over one database, as during a roll-out.</summary>
public sealed class TwoVersionsTests : IAsyncDisposable
{
    private readonly Shop _shop = new();
    private readonly AggregateStore<NewLamp> _newLamps;

    public TwoVersionsTests() => _newLamps = new AggregateStore<NewLamp>(
        _shop.Database, NewLamp.Definition, _shop.Relay, new AuditSeals(new AuditSettings()), _shop.Clock);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task What_a_newer_version_stored_survives_a_change_by_an_older_one_and_is_shown_nowhere()
    {
        var id = await AddAsync(lamp => (lamp.Mood, lamp.Secret, lamp.Parts) = ("calm", "x", [new Part("bulb")]));
        var old = await _shop.FindAsync(id);
        old.Paint("red");
        Assert.True(await _shop.Lamps.TrySaveAsync(old, _shop.AuditOf(), default));

        var lamp = (await _newLamps.FindAsync(id, default))!;
        Assert.Equal(("red", "calm", "x", 2), (lamp.Colour, lamp.Mood, lamp.Secret, lamp.Schema));
        Assert.Equal(new Part("bulb"), Assert.Single(lamp.Parts));
        var stored = (await _shop.Lamps.Documents.FindAsync(id, default))!.Value;
        var entry = (await _shop.Lamps.HistoryAsync(stored, null, 1, default))[0];
        Assert.Equal("colour", Assert.Single(entry["changes"].AsBsonArray)["field"]);
        Assert.Equal((2L, (long?)null, (HistoryFault?)null), await _shop.Histories.VerifyAsync(stored, default));

        var shown = JsonNode.Parse(JsonAnswer.ToBytes(writer =>
        {
            writer.WriteStartObject();
            Representation.WriteMembers(writer, stored.Body.Span, Lamp.Definition.Fields);
            writer.WriteEndObject();
        }))!.AsObject();
        Assert.Equal(["colour", "id", "key", "tags", "version", "watts"], shown.Select(member => member.Key).Order());
    }

    [Fact]
    public async Task What_only_a_newer_version_understands_is_left_to_it_and_still_read_as_it_is_stored()
    {
        var id = await AddAsync(lamp => lamp.State = NewLampState.Dimmed);
        var refused = await Assert.ThrowsAsync<NewerVersionException>(() =>
            _shop.Lamps.UpdateAsync(id, _shop.AuditOf(), lamp => lamp.Brighten(), default));
        Assert.Equal("There is no LampState dimmed in this version.", refused.Message);
        var listed = await _shop.Lamps.Documents.QueryAsync(new DocumentQuery(
            [Condition.In("readers", ReaderToken.Everyone)], "key", false, null, 10), default);
        Assert.Equal("dimmed", RawBson.Values(Assert.Single(listed).Body.Span, "state")[0]);

        await _newLamps.UpdateAsync(id, _shop.AuditOf(), lamp => lamp.State = NewLampState.On, default);
        await _shop.Lamps.UpdateAsync(id, _shop.AuditOf(), lamp => lamp.Switch(LampState.Off), default);
        Assert.Equal(NewLampState.Off, (await _newLamps.FindAsync(id, default))!.State);
    }

    [Fact]
    public async Task A_document_has_the_schema_of_whoever_saved_it_and_keeps_the_highest()
    {
        var lamp = await _shop.AddAsync(Lamp.Create("desk"));
        Assert.Equal(1, (await _shop.FindAsync(lamp.Id)).Schema);
        await _newLamps.UpdateAsync(lamp.Id, _shop.AuditOf(), found => found.Mood = "calm", default);
        await _shop.Lamps.UpdateAsync(lamp.Id, _shop.AuditOf(), found => found.Brighten(), default);
        Assert.Equal(2, (await _shop.FindAsync(lamp.Id)).Schema);
    }

    private async Task<Guid> AddAsync(Action<NewLamp> make)
    {
        var lamp = new NewLamp { Id = DerivedId.From("lamp", "desk"), Key = "desk" };
        make(lamp);
        Assert.True(await _newLamps.TrySaveAsync(lamp, _shop.AuditOf("create"), default));
        return lamp.Id;
    }

    private enum NewLampState
    {
        Off,
        On,
        Dimmed,
    }

    private sealed record Part(string Name);

    /// <summary>The lamp of the next version.</summary>
    private sealed class NewLamp : Aggregate
    {
        public NewLamp() => Readers = [ReaderToken.Everyone];

        public required string Key { get; init; }

        public string? Colour { get; set; }

        public int Watts { get; set; }

        public IReadOnlyList<string> Tags { get; set; } = [];

        public NewLampState? State { get; set; }

        public string? Mood { get; set; }

        [Hidden]
        public string? Secret { get; set; }

        public IReadOnlyList<Part> Parts { get; set; } = [];

        public static AggregateDefinition<NewLamp> Definition { get; } = new("lamps", "key", [.. Lamp.Definition.Collection.Indexes]);

        protected internal override int CurrentSchema => 2;
    }
}
