using Itsm.Platform.Documents;
using MongoDB.Bson;

namespace Itsm.Platform.Tests;

public abstract partial class DocumentContract
{
    private static readonly CollectionDefinition Annexed = new("annexed", new IndexDefinition("readers", "openedAt"),
        new IndexDefinition("readers", "levels.dueAt"), new IndexDefinition("number") { Unique = true })
    {
        Annex = "levels",
    };

    private IDocumentCollection WithAnnex => Database.Collection(Annexed);

    [Fact]
    public async Task An_annex_is_set_found_by_its_fields_and_outlives_replacements_of_its_document()
    {
        var document = Document(new BsonDocument
        {
            ["readers"] = new BsonArray { "a" }, ["openedAt"] = Noon.UtcDateTime, ["title"] = "$one", ["number"] = "1",
        });
        await WithAnnex.InsertAsync(document, default);
        await WithAnnex.AnnexAsync([Annex(document.Id, 1, 5), Annex(Guid.CreateVersion7(Noon), 1, 5)], default);
        Assert.Equal(5, Assert.Single(await DueAsync()));
        Assert.Equal(1, (await WithAnnex.FindAsync(document.Id, default))!.Value.Version);

        Assert.True(await WithAnnex.ReplaceAsync(Version(document.Id, 2,
            new BsonDocument { ["readers"] = new BsonArray { "a" }, ["title"] = "$two", ["number"] = "2" }), 1, default));
        Assert.Equal(5, Assert.Single(await DueAsync()));
        Assert.True(await WithAnnex.ReplaceAsync(Version(document.Id, 3,
            new BsonDocument
            {
                ["readers"] = new BsonArray { "a" }, ["title"] = "$three", ["number"] = "3",
                ["levels"] = new BsonDocument { ["version"] = 9L },
            }), 2, default));
        await WithAnnex.SetManyAsync("note", [new DocumentElement(document.Id, 3, new BsonDocument("text", "n").ToBson())], default);
        Assert.Equal(5, Assert.Single(await DueAsync()));

        var found = MongoDB.Bson.Serialization.BsonSerializer.Deserialize<BsonDocument>(
            (await WithAnnex.FindAsync(document.Id, default))!.Value.Body.ToArray());
        Assert.Equal((document.Id, "$three", 1L, false),
            (found["_id"].AsGuid, found["title"].AsString, found["levels"]["version"].ToInt64(), found.Contains("openedAt")));
    }

    [Fact]
    public async Task An_annex_takes_on_newer_versions_only()
    {
        var document = Document(new BsonDocument { ["readers"] = new BsonArray { "a" }, ["number"] = "1" });
        await WithAnnex.InsertAsync(document, default);
        await WithAnnex.AnnexAsync([Annex(document.Id, 3, 3)], default);
        await WithAnnex.AnnexAsync([Annex(document.Id, 2, 2)], default);
        await WithAnnex.AnnexAsync([Annex(document.Id, 3, 33)], default);
        Assert.Equal(3, Assert.Single(await DueAsync()));
        await Task.WhenAll(Enumerable.Range(4, 20).Select(version => WithAnnex.AnnexAsync([Annex(document.Id, version, version)], default)));
        Assert.Equal(23, Assert.Single(await DueAsync()));
        await WithAnnex.AnnexAsync([], default);
    }

    [Fact]
    public async Task An_annex_and_a_replacement_at_the_same_time_are_both_kept()
    {
        for (var number = 0; number < 20; number++)
        {
            var document = Document(new BsonDocument { ["readers"] = new BsonArray { "b" }, ["number"] = $"n{number}" });
            await WithAnnex.InsertAsync(document, default);
            await Task.WhenAll(
                WithAnnex.AnnexAsync([Annex(document.Id, 1, 1)], default),
                WithAnnex.ReplaceAsync(Version(document.Id, 2,
                    new BsonDocument { ["readers"] = new BsonArray { "b" }, ["title"] = "new", ["number"] = $"n{number}" }), 1, default),
                WithAnnex.AnnexAsync([Annex(document.Id, 2, 2)], default));
            var found = MongoDB.Bson.Serialization.BsonSerializer.Deserialize<BsonDocument>((await WithAnnex.FindAsync(
                document.Id, default))!.Value.Body.ToArray());
            Assert.Equal((2L, "new", 2L), (found["version"].ToInt64(), found["title"].AsString, found["levels"]["version"].ToInt64()));
        }
    }

    [Fact]
    public async Task A_collection_that_declares_no_annex_takes_none()
    {
        var id = await Store(Ticket("a"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Collection.AnnexAsync([Annex(id, 1, 1)], default));
    }

    private static DocumentAnnex Annex(Guid id, long version, int minute) =>
        new(id, version, new BsonDocument { ["version"] = version, ["dueAt"] = Noon.UtcDateTime.AddMinutes(minute) }.ToBson());

    private async Task<int[]> DueAsync() =>
        [.. (await WithAnnex.QueryAsync(new DocumentQuery([Condition.In("readers", "a"),
            Condition.Within("levels.dueAt", BsonValue.Create(DateTime.UnixEpoch), true, null, false)], "levels.dueAt", false, null, 10),
            default))
            .Select(found => (int)(RawBson.Values(found.Body.Span, "levels.dueAt")[0].ToUniversalTime() - Noon.UtcDateTime).TotalMinutes)];
}
