using Itsm.Search.Engines;
using Itsm.Search.Engines.Lucene;
using Itsm.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Itsm.Search.Tests;

/// <summary>The embedded engine.</summary>
public sealed class LuceneTests : EngineContract
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "itsm-tests", Path.GetRandomFileName());

    private protected override ISearchEngine Open() =>
        new LuceneEngine(_folder, Known, Options.Create(Settings), Supervisors.Create(), NullLogger<LuceneEngine>.Instance);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        System.IO.Directory.Delete(_folder, recursive: true);
    }
}
