using Itsm.Platform.Documents;
using MongoDB.Bson;

namespace Itsm.Platform.Tests;

/// <summary>What every engine behind the document port does. One subclass per engine.</summary>
public abstract partial class DocumentContract : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    private static readonly IReadOnlyDictionary<string, IReadOnlyList<BsonValue>> States =
        new Dictionary<string, IReadOnlyList<BsonValue>> { ["state"] = ["new", "open", "closed"] };

    private static readonly CollectionDefinition Tickets = new("tickets",
        new IndexDefinition("readers", "state", "openedAt") { Domains = States },
        new IndexDefinition("readers", "openedAt"),
        new IndexDefinition("state", "openedAt") { Domains = States },
        new IndexDefinition("openedAt"),
        new IndexDefinition("number") { Unique = true },
        new IndexDefinition("assignee.id", "openedAt") { Sparse = true },
        new IndexDefinition("watchers.person", "number"),
        new IndexDefinition("state", "tags"),
        new IndexDefinition("priority", "score"),
        new IndexDefinition("priority", "openedAt"),
        new IndexDefinition("endedAt") { Sparse = true },
        new IndexDefinition("late", "openedAt") { Only = true },
        new IndexDefinition("tags", "openedAt") { Carries = ["readers", "late"] },
        new IndexDefinition("priority", "state", "openedAt") { Complete = true, Domains = States, Carries = ["tags"] });

    private int _made;

    /// <summary>The database under test, fresh for each test.</summary>
    protected IDocumentDatabase Database { get; private set; } = null!;

    private IDocumentCollection Collection => Database.Collection(Tickets);

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => Database = await OpenAsync();

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <summary>Opens the engine; a second time after <see cref="CloseAsync"/>, with what was stored.</summary>
    protected abstract ValueTask<IDocumentDatabase> OpenAsync();

    /// <summary>Closes the engine but keeps what is stored.</summary>
    protected abstract ValueTask CloseAsync(IDocumentDatabase database);

    private async Task ReopenAsync()
    {
        await CloseAsync(Database);
        Database = await OpenAsync();
    }

    /// <summary>A document of these fields; ids grow with each call.</summary>
    private StoredDocument Document(BsonDocument fields) => Version(Guid.CreateVersion7(Noon.AddMilliseconds(++_made)), 1, fields);

    private static StoredDocument Version(Guid id, long version, BsonDocument fields)
    {
        var all = new BsonDocument { ["_id"] = new BsonBinaryData(id, GuidRepresentation.Standard), ["version"] = version };
        all.AddRange(fields);
        return new StoredDocument(id, version, all.ToBson());
    }

    private async Task<Guid> Store(BsonDocument fields)
    {
        var document = Document(fields);
        await Collection.InsertAsync(document, default);
        return document.Id;
    }

    private static BsonDocument Ticket(string readers = "", string state = "new", int? openedAt = 0) => new()
    {
        ["readers"] = new BsonArray(readers.Split(' ', StringSplitOptions.RemoveEmptyEntries)),
        ["state"] = state,
        ["openedAt"] = openedAt is { } minute ? At(minute) : BsonNull.Value,
    };

    private static BsonDateTime At(int minute) => new(Noon.AddMinutes(minute).ToUnixTimeMilliseconds());

    private async Task<List<Guid>> Query(string sort, bool descending, params Condition[] where) =>
        [.. (await Collection.QueryAsync(new DocumentQuery(where, sort, descending, null, 1000), default)).Select(document => document.Id)];

    private static BsonDocument Fields(StoredDocument document) => BsonMapping.FromBytes<BsonDocument>(document.Body);
}
