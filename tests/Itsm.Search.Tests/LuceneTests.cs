using Itsm.Search.Domain;
using Itsm.Search.Engines;
using Itsm.Search.Engines.Lucene;
using Itsm.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Itsm.Search.Tests;

/// <summary>The embedded engine.</summary>
public sealed class LuceneTests : EngineContract
{
    private readonly string _root = Path.Combine(Path.GetTempPath(), "itsm-tests", Path.GetRandomFileName());

    private protected override ISearchEngine Open() =>
        new LuceneEngine(FolderOf(SearchDocument.Format), Known, Options.Create(Settings), Supervisors.Create(), NullLogger<LuceneEngine>.Instance);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        System.IO.Directory.Delete(_root, recursive: true);
    }

    protected override Task MakeOtherFormatAsync(int format)
    {
        System.IO.Directory.CreateDirectory(Path.Combine(FolderOf(format), "generation-1"));
        return Task.CompletedTask;
    }

    protected override Task<bool> HasOtherFormatAsync(int format) => Task.FromResult(System.IO.Directory.Exists(FolderOf(format)));

    private string FolderOf(int format) => Path.Combine(_root, LuceneEngine.FolderOf(format));
}
