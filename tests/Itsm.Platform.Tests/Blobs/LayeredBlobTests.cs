using Itsm.Platform.Documents;
using Itsm.Platform.Documents.Files;
using Itsm.Platform.Documents.Sqlite;

namespace Itsm.Platform.Tests.Blobs;

public sealed class LayeredBlobTests : BlobContract
{
    private readonly DirectoryInfo _folder = System.IO.Directory.CreateTempSubdirectory("itsm-blobs-");

    public override ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    protected override ValueTask<IBlobStore> OpenAsync() => new(LayeredBlobs.Of(Current, Files("earlier")));

    [Fact]
    public async Task What_a_database_had_before_stays_where_it_is()
    {
        var path = Path.Combine(_folder.FullName, "documents.db");
        await using var before = new SqliteDatabase(path);
        await using var now = new SqliteDatabase(path, blobs: Current);
        await EarlierBlobsStayAsync(before.Blobs, now.Blobs, Current);
    }

    private FileBlobs Current => Files("current");

    private FileBlobs Files(string name) => new(Path.Combine(_folder.FullName, name));
}
