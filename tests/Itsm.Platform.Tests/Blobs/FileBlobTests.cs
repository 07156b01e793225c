using Itsm.Platform.Documents;
using Itsm.Platform.Documents.Files;

namespace Itsm.Platform.Tests.Blobs;

public sealed class FileBlobTests : BlobContract
{
    private readonly DirectoryInfo _folder = System.IO.Directory.CreateTempSubdirectory("itsm-blobs-");

    public override ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    protected override ValueTask<IBlobStore> OpenAsync() => new(new FileBlobs(_folder.FullName));
}
