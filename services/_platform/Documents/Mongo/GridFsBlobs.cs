using MongoDB.Bson;
using MongoDB.Driver;
using MongoDB.Driver.GridFS;

namespace Itsm.Platform.Documents.Mongo;

/// <summary>Blobs in GridFS. Their ids begin with their owner's, so that also chunks of an interrupted write, of which GridFS has no
/// record, are found and deleted with it.</summary>
internal sealed class GridFsBlobs(IMongoDatabase database) : IBlobStore
{
    private const string Bucket = "blobs";
    private const int ChunkSize = 1024 * 1024;
    private const int ChunksAtOnce = 4;
    private static readonly GridFSUploadOptions Upload = new() { ChunkSizeBytes = ChunkSize, BatchSize = ChunksAtOnce };
    private readonly GridFSBucket<string> _bucket = new(database, new GridFSBucketOptions { BucketName = Bucket });

    public async Task<long> WriteAsync(Guid owner, Guid id, Stream content, CancellationToken ct)
    {
        var name = IdOf(owner, id);
        await using var into = await AnsweredAsync(() => _bucket.OpenUploadStreamAsync(name, name, Upload, ct));
        try
        {
            var buffer = new byte[ChunkSize];
            int read;
            while ((read = await content.ReadAsync(buffer, ct)) > 0)
            {
                await AnsweredAsync(() => DoneAsync(into.WriteAsync(buffer, 0, read, ct)));
            }

            await AnsweredAsync(() => DoneAsync(into.CloseAsync(ct)));
            return into.Length;
        }
        catch
        {
            await AnsweredAsync(() => DoneAsync(into.AbortAsync(CancellationToken.None)));
            throw;
        }
    }

    public async Task<Stream?> OpenAsync(Guid owner, Guid id, CancellationToken ct)
    {
        try
        {
            return new Content(await AnsweredAsync(() =>
                _bucket.OpenDownloadStreamAsync(IdOf(owner, id), new GridFSDownloadOptions { Seekable = true }, ct)));
        }
        catch (GridFSFileNotFoundException)
        {
            return null;
        }
    }

    public Task DeleteAsync(Guid owner, Guid id, CancellationToken ct) => DeleteAsync(IdOf(owner, id), ct);

    public Task DeleteAsync(Guid owner, IReadOnlyCollection<Guid> except, CancellationToken ct) => DeleteAsync(new BsonDocument
    {
        { "$gte", $"{owner:N}/" }, { "$lt", $"{owner:N}0" },
        { "$nin", new BsonArray(except.Select(id => IdOf(owner, id))) },
    }, ct);

    private async Task DeleteAsync(BsonValue which, CancellationToken ct)
    {
        await DeletePartAsync("files", "_id");
        await DeletePartAsync("chunks", "files_id");

        Task DeletePartAsync(string part, string field) => AnsweredAsync(() =>
            database.GetCollection<BsonDocument>($"{Bucket}.{part}").DeleteManyAsync(new BsonDocument(field, which), ct));
    }

    private static string IdOf(Guid owner, Guid id) => $"{owner:N}/{id:N}";

    private static async Task<bool> DoneAsync(Task task)
    {
        await task;
        return true;
    }

    private static async Task<T> AnsweredAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception e) when (MongoOutage.Is(e))
        {
            throw new StoreUnavailableException($"{Bucket}: {e.Message}", e);
        }
    }
    /// <summary>A blob whose reads tell an outage.</summary>
    private sealed class Content(GridFSDownloadStream<string> stored) : ContentStream
    {
        public override long Length => stored.Length;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            stored.Position = Position;
            var read = await AnsweredAsync(() => stored.ReadAsync(buffer, cancellationToken).AsTask());
            Position += read;
            return read;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                stored.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
