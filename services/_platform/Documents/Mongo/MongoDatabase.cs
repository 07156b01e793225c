using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;
using MongoDB.Driver;

namespace Itsm.Platform.Documents.Mongo;

/// <summary>The document store in a MongoDB database: writes are journalled by a majority before they count.</summary>
public sealed class MongoDatabase : IDocumentDatabase, IDisposable
{
    private static readonly TimeSpan PingPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ServerSelection = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Connection = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestOperation = TimeSpan.FromSeconds(30);
    private readonly IMongoDatabase _database;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentDictionary<string, Lazy<MongoCollection>> _collections = new();

    static MongoDatabase()
    {
        BsonMapping.Use();
        BsonSerializer.TryRegisterSerializer(new StoredDocumentSerializer());
    }

    /// <summary>A database of this client; nothing is asked of the server yet. New blobs go to GridFS where no other place is given; those
    /// that are there stay.</summary>
    public MongoDatabase(IMongoClient client, string name, TimeProvider clock, ILogger<MongoDatabase> log, IBlobStore? blobs = null)
    {
        _database = client.GetDatabase(name,
            new MongoDatabaseSettings
            {
                WriteConcern = WriteConcern.WMajority.With(journal: true), ReadConcern = ReadConcern.Majority,
                ReadPreference = ReadPreference.Primary,
            });
        (_clock, _log, Blobs) = (clock, log, LayeredBlobs.Of(blobs, new GridFsBlobs(_database)));
    }

    /// <inheritdoc/>
    public IBlobStore Blobs { get; }

    /// <summary>A client for this connection string, shared by all databases of a process. What the string does not say: a server is
    /// waited for 2 s, while it is away looked for every half second; a connection, new or of the pool, is waited for 5 s; a server
    /// that is silent is noticed, and its connections are given up, within 10 s; an operation takes at most 30 s.</summary>
    /// <exception cref="MongoConfigurationException">The connection string can't be understood.</exception>
    public static MongoClient Connect(string connectionString, string application)
    {
        var settings = MongoClientSettings.FromConnectionString(connectionString);
        settings.ApplicationName ??= "itsm-" + application;
        Default("serverSelectionTimeoutMS", () => settings.ServerSelectionTimeout = ServerSelection);
        Default("connectTimeoutMS", () => settings.ConnectTimeout = Connection);
        Default("waitQueueTimeoutMS", () => settings.WaitQueueTimeout = Connection);
        Default("heartbeatFrequencyMS", () => settings.HeartbeatInterval = Connection);
        Default("socketTimeoutMS", () => settings.SocketTimeout = LongestOperation);
        return new MongoClient(settings);

        void Default(string option, Action set)
        {
            if (!connectionString.Contains(option, StringComparison.OrdinalIgnoreCase))
            {
                set();
            }
        }
    }

    /// <inheritdoc/>
    public IDocumentCollection Collection(CollectionDefinition definition) => _collections
        .GetOrAdd(definition.Name, _ =>
            new Lazy<MongoCollection>(() => new MongoCollection(definition, _database, _clock, _log, _closing.Token))).Value;

    /// <inheritdoc/>
    public IReadOnlyList<string> MissingIndexes => [.. _collections.Values.Select(one => one.Value.MissingIndexes).OfType<string>()];

    /// <inheritdoc/>
    public async ValueTask<bool> AnswersAsync(CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct, _closing.Token);
        limit.CancelAfter(PingPatience);
        try
        {
            await _database.RunCommandAsync<BsonDocument>(new BsonDocument("ping", 1), cancellationToken: limit.Token);
            return true;
        }
        catch (Exception e) when (e is MongoException or TimeoutException
            || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return false;
        }
    }

    /// <summary>Ends what waits for the server.</summary>
    public void Dispose()
    {
        _closing.Cancel();
        _closing.Dispose();
    }
}
