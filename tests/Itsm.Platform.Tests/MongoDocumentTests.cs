using Itsm.Platform.Documents;
using Itsm.Platform.Documents.Mongo;
using Itsm.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Itsm.Platform.Tests;

[OuterTier]
public sealed class MongoDocumentTests : DocumentContract
{
    private readonly string _name = "itsm-tests-" + Path.GetRandomFileName().Replace('.', '-');
    private MongoClient? _client;

    public override async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            ((MongoDatabase)Database).Dispose();
            await _client.DropDatabaseAsync(_name);
            _client.Dispose();
        }
    }

    protected override async ValueTask<IDocumentDatabase> OpenAsync()
    {
        _client ??= MongoDatabase.Connect(await Engines.MongoDbAsync(), "tests");
        return new MongoDatabase(_client, _name, TimeProvider.System, NullLogger<MongoDatabase>.Instance);
    }

    protected override ValueTask CloseAsync(IDocumentDatabase database)
    {
        ((MongoDatabase)database).Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Pages_read_no_more_index_entries_than_they_need()
    {
        var tickets = (MongoCollection)Database.Collection(new CollectionDefinition("pages", new IndexDefinition("readers", "openedAt")));
        await tickets.InsertMissingAsync([.. Enumerable.Range(0, 2000).Select(Ticket)], default);
        var query = new DocumentQuery([Condition.In("readers", "a", "b")], "openedAt", true, null, 20);
        var last = (await tickets.QueryAsync(query, default))[^1];
        foreach (var page in new[]
        {
            query, query with { After = new DocumentPosition(RawBson.Values(last.Body.Span, "openedAt")[0], last.Id) },
        })
        {
            var filter = tickets.Filter(page, out var sort);
            BsonDocument plan;
            try
            {
                plan = await _client!.GetDatabase(_name).RunCommandAsync<BsonDocument>(new BsonDocument
                {
                    ["explain"] = new BsonDocument { ["find"] = "pages", ["filter"] = filter, ["sort"] = sort, ["limit"] = 20 },
                    ["verbosity"] = "executionStats",
                });
            }
            catch (MongoCommandException e) when (e.CodeName is "CommandNotFound" or "CommandNotSupported"
                || e.Message.Contains("explain", StringComparison.Ordinal))
            {
                Assert.Skip("This server cannot explain: " + e.Message);
                return;
            }

            Assert.InRange(plan["executionStats"]["totalKeysExamined"].ToInt64(), 20, 100);
            Assert.InRange(plan["executionStats"]["totalDocsExamined"].ToInt64(), 20, 60);
        }

        static StoredDocument Ticket(int number)
        {
            var id = Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddSeconds(number));
            return new StoredDocument(id, 1, new BsonDocument
            {
                ["_id"] = new BsonBinaryData(id, GuidRepresentation.Standard), ["version"] = 1L,
                ["readers"] = new BsonArray { number % 2 == 0 ? "a" : "b", "c" },
                ["openedAt"] = new BsonDateTime(number * 1000L),
            }.ToBson());
        }
    }

    [Fact]
    public async Task An_index_declared_no_more_goes_when_no_older_version_runs()
    {
        var clock = new MovableClock();
        using var older = Open(TimeProvider.System);
        await older.Collection(new CollectionDefinition("notes", new IndexDefinition("kind"), new IndexDefinition("kind", "at"),
            new IndexDefinition("author") { Sparse = true })).InsertMissingAsync([], default);
        await Wait.UntilAsync(async () => (await NamesAsync()).Count == 4, "The indexes of the older version");
        var indexes = _client!.GetDatabase(_name).GetCollection<BsonDocument>("notes").Indexes;
        await indexes.CreateOneAsync(new CreateIndexModel<BsonDocument>(new BsonDocument("text", 1)));
        await indexes.CreateOneAsync(new CreateIndexModel<BsonDocument>(new BsonDocument("text", -1),
            new CreateIndexOptions { Name = "by_hand_id" }));

        using var newer = Open(clock);
        newer.Collection(new CollectionDefinition("notes", new IndexDefinition("kind", "at")));
        await Wait.UntilAsync(() => newer.MissingIndexes.Count == 0, "The indexes of the newer version");
        Assert.Equal(6, (await NamesAsync()).Count);
        using var newest = Open(TimeProvider.System);
        newest.Collection(new CollectionDefinition("notes", new IndexDefinition("kind", "at"), new IndexDefinition("text")));
        await Wait.UntilAsync(() => newest.MissingIndexes.Count == 0, "The indexes of a version that came later");
        await Wait.UntilAsync(async () =>
        {
            clock.Advance(TimeSpan.FromMinutes(61));
            return (await NamesAsync()).Count == 5;
        }, "Fewer indexes");
        Assert.Equal(["_id_", "by_hand_id", "kind_at_id", "text_1", "text_id"], (await NamesAsync()).Order(StringComparer.Ordinal));

        MongoDatabase Open(TimeProvider time) => new(_client!, _name, time, NullLogger<MongoDatabase>.Instance);

        async Task<List<string>> NamesAsync() =>
            [.. (await (await _client!.GetDatabase(_name).GetCollection<BsonDocument>("notes").Indexes.ListAsync()).ToListAsync())
                .Select(index => index["name"].AsString)];
    }

    [Fact]
    public async Task A_server_that_nobody_runs_is_an_outage_not_a_mistake()
    {
        using var client = MongoDatabase.Connect("mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=300", "tests");
        using var nowhere = new MongoDatabase(client, _name, TimeProvider.System, NullLogger<MongoDatabase>.Instance);
        var notes = nowhere.Collection(new CollectionDefinition("notes", new IndexDefinition("kind")));
        Assert.False(await nowhere.AnswersAsync(default));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await notes.FindAsync(DerivedId.From("1"), default));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await notes.CountAsync([Condition.In("kind", "a")], default));
    }
}
