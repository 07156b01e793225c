using Itsm.Platform.Documents;
using Itsm.Platform.Documents.Sqlite;

namespace Itsm.Platform.Tests;

/// <summary>The same of few documents as of many: where the best way to a page is looked for.</summary>
public sealed class CarefulSqliteTests : DocumentContract
{
    private readonly DirectoryInfo _folder = System.IO.Directory.CreateTempSubdirectory("itsm-documents-");

    public override async ValueTask DisposeAsync()
    {
        await CloseAsync(Database);
        _folder.Delete(recursive: true);
    }

    protected override ValueTask<IDocumentDatabase> OpenAsync() =>
        new(new SqliteDatabase(Path.Combine(_folder.FullName, "documents.db")) { Few = 1 });

    protected override ValueTask CloseAsync(IDocumentDatabase database) => ((SqliteDatabase)database).DisposeAsync();
}
