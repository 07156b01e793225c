using System.Collections.Concurrent;
using Itsm.Platform.Documents.Files;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Itsm.Platform.Documents.Sqlite;

/// <summary>The document store in one SQLite file, for machines without MongoDB. One process at a time; writes that wait together are
/// flushed together.</summary>
public sealed class SqliteDatabase : IWritesTogether, IAsyncDisposable
{
    private static readonly Sql Ping = new("SELECT count(*) FROM sqlite_master");

    private readonly SqliteWriter _writer;
    private readonly SqliteReaders _readers;
    private readonly ConcurrentDictionary<string, Lazy<SqliteCollection>> _collections = new();

    /// <summary>Opens the file, and makes it where it is missing.</summary>
    /// <param name="path">Of the file.</param>
    /// <param name="logger">Gets failed commits.</param>
    /// <param name="isBackground">True where nobody waits for an answer to what is written; by default everybody does.</param>
    /// <param name="blobs">Where new blobs go; by default to a folder beside the file, where earlier ones stay.</param>
    public SqliteDatabase(
        string path, ILogger<SqliteDatabase>? logger = null, Func<bool>? isBackground = null, IBlobStore? blobs = null)
    {
        _writer = new SqliteWriter(
            path, logger ?? NullLogger<SqliteDatabase>.Instance, ForgetRecorded, isBackground ?? (static () => false));
        _readers = new SqliteReaders(path);
        Blobs = LayeredBlobs.Of(blobs, new FileBlobs(Path.ChangeExtension(path, "blobs")));
    }

    /// <inheritdoc/>
    public IBlobStore Blobs { get; }

    /// <summary>Rows that are read sooner than another way to them is looked for; few in tests.</summary>
    internal int Few { get; init; } = 200;

    /// <inheritdoc/>
    public IDocumentCollection Collection(CollectionDefinition definition) => _collections
        .GetOrAdd(definition.Name, _ => new Lazy<SqliteCollection>(() => new SqliteCollection(definition, _writer, _readers, Few))).Value;

    /// <inheritdoc/>
    public IReadOnlyList<string> MissingIndexes => [.. _collections.Values.Select(one => one.Value.MissingIndexes).OfType<string>()];

    /// <inheritdoc/>
    public Task<bool> WriteAsync(
        IDocumentCollection collection, StoredDocument document, long? expected, IReadOnlyList<SideWrite> beside, CancellationToken ct) =>
        ((SqliteCollection)collection).WriteAsync(document, expected, beside, ct);

    /// <inheritdoc/>
    public async ValueTask<bool> AnswersAsync(CancellationToken ct)
    {
        try
        {
            var session = await _readers.RentAsync(ct);
            try
            {
                session.Run(Ping);
                return true;
            }
            finally
            {
                _readers.Return(session);
            }
        }
        catch (Exception failure) when (failure is SqliteException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Completes the writes that wait, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _readers.Dispose();
    }

    private void ForgetRecorded()
    {
        foreach (var collection in _collections.Values)
        {
            collection.Value.Table.ForgetRecorded();
        }
    }
}
