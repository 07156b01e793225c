using System.Text.Json.Nodes;
using CsCheck;
using Itsm.Incidents.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Testing;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;
using static Itsm.Incidents.Tests.Shortcuts;

namespace Itsm.Incidents.Tests;

public sealed class HistoryTests(IncidentsSuite suite)
{
    [Fact]
    public async Task Every_change_of_a_field_is_told_with_who_when_why_from_and_to()
    {
        var incident = await suite.OpenAsync();
        await suite.DoAsync(incident.Id, "override-priority", new { priority = 2, reason = "The boss's printer." }, Manager);
        (await suite.PatchAsync(Agent, "incidents/" + incident.Id,
            new { title = "Smoke", description = "Lots", affectedService = "printing", configurationItems = new[] { "prn-1" } }, "*")).Ok();
        var history = await suite.HistoryAsync(incident.Id);
        Assert.Equal([3L, 2L, 1L], history.Select(entry => entry["entry"]!.GetValue<long>()));
        Assert.Equal(["update", "override-priority", "create"], history.Select(entry => entry.Text("action")));
        Assert.Equal(("Mia Manager", "The boss's printer."), (history[1]["by"]!.AsObject().Text("name"), history[1].Text("reason")));
        var changes = history[0]["changes"]!.AsArray().ToDictionary(change => change!["field"]!.GetValue<string>(), change =>
            ((change!["from"] ?? change["removed"])?.ToJsonString(), (change["to"] ?? change["added"])?.ToJsonString()));
        Assert.Equal(["affectedService", "configurationItems", "description", "title"], changes.Keys.Order());
        Assert.Equal(("\"The printer is on fire\"", "\"Smoke\""), changes["title"]);
        Assert.Equal((null, "\"Lots\""), changes["description"]);
        Assert.Equal(("[]", "[\"prn-1\"]"), changes["configurationItems"]);
        var older = (await suite.GetAsync(Agent, $"incidents/{incident.Id}/history?limit=1")).Ok();
        Assert.Equal(3, older["nextBefore"]!.GetValue<int>());
        Assert.Equal(2,
            (await suite.GetAsync(Agent, $"incidents/{incident.Id}/history?limit=1&before=3")).Ok().Items[0]["entry"]!.GetValue<int>());
        (await suite.GetAsync(Caller, $"incidents/{incident.Id}/history")).Problem(403);
    }

    [Fact]
    public async Task A_history_is_valid_also_while_it_grows()
    {
        var id = (await suite.OpenAsync()).Id;
        var writing = Task.Run(async () =>
        {
            for (var turn = 0; turn < 60; turn++)
            {
                (await suite.PatchAsync(Agent, "incidents/" + id, new { description = $"Turn {turn}" }, "*")).Ok();
            }
        });
        while (!writing.IsCompleted)
        {
            var found = await VerifyAsync(id);
            Assert.True(found["valid"]!.GetValue<bool>(), found.ToJsonString());
            var entries = (await suite.HistoryAsync(id)).Select(entry => entry["entry"]!.GetValue<long>()).ToList();
            Assert.Equal(Enumerable.Range(1, entries.Count).Select(number => (long)number).Reverse(), entries);
        }

        await writing;
        Assert.Equal(61, (await VerifyAsync(id))["entries"]!.GetValue<int>());
    }

    [Fact]
    public async Task Whatever_stored_entry_is_altered_or_removed_verification_names_it()
    {
        var id = await WithHistoryAsync(6);
        var history = History();
        var entries = await StoredAsync(id, 6);
        for (var index = 0; index < entries.Count; index++)
        {
            var (entry, body) = (entries[index], Read(entries[index].Body));
            foreach (var name in body.Names.Except(["_id", "version"]).ToList())
            {
                var altered = body.DeepClone().AsBsonDocument;
                altered[name] = Other(altered[name]);
                await PutAsync(history, entry.Id, altered);
                var found = await VerifyAsync(id);
                Assert.False(found["valid"]!.GetValue<bool>(), $"{name} of entry {index + 1}");
                if (name != "aggregate")
                {
                    Assert.InRange(found["firstBroken"]!.GetValue<int>(), 1, index + 1);
                }

                await PutAsync(history, entry.Id, body);
            }

            Assert.True(await history.DeleteAsync(entry.Id, (await history.FindAsync(entry.Id, default))!.Value.Version, default));
            Assert.Equal(index + 1, (await VerifyAsync(id))["firstBroken"]!.GetValue<int>());
            await history.InsertAsync(entry, default);
            Assert.True((await VerifyAsync(id))["valid"]!.GetValue<bool>());
        }
    }

    [Theory, InlineData("title"), InlineData("openedAt"), InlineData("readers"), InlineData("number"), InlineData("priority")]
    public async Task A_field_that_was_changed_past_the_history_is_found(string field)
    {
        var id = await WithHistoryAsync(3);
        await StoredAsync(id, 3);
        Assert.Null((await VerifyAsync(id))["fault"]);
        await AlterAsync(id, body => body[field] = Other(body[field]));
        Assert.Equal((false, "fields"), ((await VerifyAsync(id))["valid"]!.GetValue<bool>(), (await VerifyAsync(id)).Text("fault")));
    }

    [Fact]
    public async Task A_history_that_was_written_anew_is_found_for_the_store_does_not_have_the_key()
    {
        var id = await WithHistoryAsync(3);
        var (history, entries, previous) = (History(), await StoredAsync(id, 3), Array.Empty<byte>());
        foreach (var stored in entries)
        {
            var entry = Read(stored.Body);
            entry.Remove("hash");
            (entry["reason"], entry["previous"]) = ("Another one.", previous);
            previous = System.Security.Cryptography.SHA256.HashData(entry.ToBson());
            var version = (await history.FindAsync(stored.Id, default))!.Value.Version;
            Assert.True(await history.ReplaceAsync(
                new StoredDocument(stored.Id, version, entry.Add("hash", previous).ToBson()), version, default));
        }

        await AlterAsync(id, body => body["_envelope"]["chainHead"] = previous);
        var found = await VerifyAsync(id);
        Assert.Equal((false, "head", null), (found["valid"]!.GetValue<bool>(), found.Text("fault"), found["firstBroken"]));
    }

    private async Task AlterAsync(string id, Action<BsonDocument> alter)
    {
        var documents = suite.Modules.GetRequiredService<AggregateStore<Incident>>().Documents;
        var stored = (await documents.FindAsync(Guid.Parse(id), default))!.Value;
        var body = Read(stored.Body);
        alter(body);
        Assert.True(await documents.ReplaceAsync(new StoredDocument(stored.Id, stored.Version, body.ToBson()), stored.Version, default));
    }

    [Fact]
    public async Task Whatever_byte_of_a_chain_is_altered_it_is_found_or_says_the_same()
    {
        var id = await WithHistoryAsync(4);
        var entries = (await StoredAsync(id, 4)).Select(entry => entry.Body.ToArray()).ToList();
        var head = Read(entries[^1])["hash"].AsByteArray;
        Assert.Null(First(entries, 4, head));
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 1 << 20], Gen.Int[1, 255]).Sample((number, position, difference) =>
        {
            var altered = entries.ConvertAll(entry => entry.ToArray());
            altered[number][position % altered[number].Length] ^= (byte)difference;
            return First(altered, 4, head) is { } found ? found <= number + 2 : Publishes(altered[number]) == Publishes(entries[number]);
        }, iter: 1000, threads: 1);
        Gen.Int[0, 15].Sample(
            kept => First([.. entries.Where((_, index) => (kept & (1 << index)) != 0)], 4, head) is null == (kept == 15), threads: 1);
    }

    private static long? First(IEnumerable<byte[]> entries, long count, byte[] head)
    {
        var chain = new ChainCheck();
        foreach (var entry in entries)
        {
            chain.Add(entry);
        }

        return chain.FirstBroken(count, head);
    }

    /// <summary>What an entry says; that its hash is marked as another kind of bytes says nothing.</summary>
    private static string Publishes(byte[] body)
    {
        var entry = Read(body);
        entry["hash"] = new BsonBinaryData(entry["hash"].AsByteArray);
        return entry.ToJson();
    }

    private static BsonDocument Read(ReadOnlyMemory<byte> body) => BsonSerializer.Deserialize<BsonDocument>(body.ToArray());

    private static BsonValue Other(BsonValue value) => value switch
    {
        BsonString text => text.Value + "!",
        BsonInt64 number => number.Value + 1,
        BsonDateTime at => new BsonDateTime(at.MillisecondsSinceEpoch + 1),
        BsonArray array => new BsonArray(array.Append("one more")),
        BsonDocument document => new BsonDocument(document).Set("name", "Somebody else"),
        BsonBinaryData { SubType: BsonBinarySubType.UuidStandard } => new BsonBinaryData(Guid.Empty, GuidRepresentation.Standard),
        BsonBinaryData bytes => new BsonBinaryData([.. bytes.Bytes, 1]),
        BsonInt32 number => number.Value + 1,
        _ => "something",
    };

    private static async Task PutAsync(IDocumentCollection history, Guid id, BsonDocument body)
    {
        var version = (await history.FindAsync(id, default))!.Value.Version;
        Assert.True(await history.ReplaceAsync(new StoredDocument(id, version + 1, body.ToBson()), version, default));
    }

    private IDocumentCollection History()
    {
        var store = suite.Modules.GetRequiredService<AggregateStore<Incident>>();
        return suite.Modules.GetRequiredKeyedService<IDocumentDatabase>("incidents").Collection(store.Definition.History);
    }

    private async Task<string> WithHistoryAsync(int entries)
    {
        var id = (await suite.OpenAsync()).Id;
        for (var entry = 1; entry < entries; entry++)
        {
            (await suite.PatchAsync(Agent, "incidents/" + id, new { description = $"Turn {entry}" }, "*")).Ok();
        }

        return id;
    }

    private Task<IReadOnlyList<StoredDocument>> StoredAsync(string id, int count) => RunningSuite.UntilAsync(
        async () =>
            await History().QueryAsync(new DocumentQuery(
                [Condition.In("aggregate", BsonMapping.Value(Guid.Parse(id)))], "entry", false, null, 100), default),
        found => found.Count == count, "the history");

    private async Task<JsonObject> VerifyAsync(string id) => (await suite.GetAsync(Agent, $"incidents/{id}/history/verification")).Ok();
}
