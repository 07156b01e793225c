using Itsm.Platform.Documents;
using Itsm.Platform.Documents.Files;
using Itsm.Platform.Documents.Mongo;
using Itsm.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using MongoDB.Driver;

namespace Itsm.Platform.Tests.Blobs;

[OuterTier]
public sealed class GridFsBlobTests : BlobContract
{
    private readonly string _name = "itsm-tests-" + Path.GetRandomFileName().Replace('.', '-');
    private Proxy? _door;
    private MongoClient? _client;

    public override async ValueTask DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.DropDatabaseAsync(_name);
            _client.Dispose();
            await _door!.DisposeAsync();
        }
    }

    protected override async ValueTask<IBlobStore> OpenAsync()
    {
        if (_client is null)
        {
            var address = new Uri((await Engines.MongoDbAsync()).Split(',')[0]);
            _door = Proxy.Before(address.Host, address.Port);
            _door.Open();
            _client = MongoDatabase.Connect(new UriBuilder(address) { Host = "127.0.0.1", Port = _door.Port }.Uri
                + (address.Query.Length > 0 ? "&" : "?") + "serverSelectionTimeoutMS=500", "tests");
        }

        return Database().Blobs;
    }

    [Fact]
    public Task A_server_that_goes_away_is_an_outage_also_while_a_blob_is_read() => IsAnOutageAsync(_door!);

    [Fact]
    public async Task What_a_database_had_before_stays_where_it_is()
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("itsm-blobs-");
        var current = new FileBlobs(folder.FullName);
        await EarlierBlobsStayAsync(Blobs, Database(current).Blobs, current);
        folder.Delete(recursive: true);
    }

    private MongoDatabase Database(IBlobStore? blobs = null) =>
        new(_client!, _name, TimeProvider.System, NullLogger<MongoDatabase>.Instance, blobs);
}
