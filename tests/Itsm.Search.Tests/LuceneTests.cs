using System.Security.Cryptography;
using Itsm.Search.Domain;
using Itsm.Search.Engines;
using Itsm.Search.Engines.Lucene;
using Itsm.Testing;
using Lucene.Net.Index;
using Lucene.Net.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Itsm.Search.Tests;

/// <summary>The embedded engine.</summary>
public sealed class LuceneTests : EngineContract
{
    private readonly string _root = Path.Combine(Path.GetTempPath(), "itsm-tests", Path.GetRandomFileName());

    private protected override ISearchEngine Open() => new LuceneEngine(
        FolderOf(SearchDocument.Format), Known, Options.Create(Settings), Supervisors.Create(), NullLogger<LuceneEngine>.Instance);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        System.IO.Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task What_is_laid_out_as_the_library_does_is_read_and_goes_on()
    {
        var folder = Path.Combine(_root, "plain");
        var analysis = new LuceneAnalysis(Known);
        var (old, added) = (Long("old"), Long("new"));
        using (var directory = FSDirectory.Open(folder))
        using (var writer = new IndexWriter(directory, new IndexWriterConfig(LuceneAnalysis.Version, analysis.ByField)))
        {
            writer.AddDocument(LuceneDocuments.Of(old));
        }

        foreach (var count in new[] { 1, 0 })
        {
            using var generation = new LuceneGeneration(folder, analysis, new LuceneQueries(analysis, Known), TimeSpan.Zero);
            Assert.Equal(count, await generation.ApplyAsync([new(added.Id, known => known ?? added)], default));
            AssertKept(generation);
        }

        using (var directory = FSDirectory.Open(folder))
        using (var writer = new IndexWriter(
            directory, new IndexWriterConfig(LuceneAnalysis.Version, analysis.ByField) { Codec = LuceneCodec.Instance }))
        {
            writer.ForceMerge(1);
        }

        using var merged = new LuceneGeneration(folder, analysis, new LuceneQueries(analysis, Known), TimeSpan.Zero);
        AssertKept(merged);

        void AssertKept(LuceneGeneration generation) =>
            Assert.All(new[] { old, added }, one => Assert.Equal(one.ToJson(), generation.Find(one.Id)?.ToJson()));

        // Longer than what is packed together, however well it packs.
        static SearchDocument Long(string title) => Ticket(Guid.CreateVersion7(Noon), title, 1) with
        {
            Description = Convert.ToBase64String(RandomNumberGenerator.GetBytes(30_000)),
        };
    }

    protected override Task MakeOtherFormatAsync(int format)
    {
        System.IO.Directory.CreateDirectory(Path.Combine(FolderOf(format), "generation-1"));
        return Task.CompletedTask;
    }

    protected override Task<bool> HasOtherFormatAsync(int format) => Task.FromResult(System.IO.Directory.Exists(FolderOf(format)));

    private string FolderOf(int format) => Path.Combine(_root, LuceneEngine.FolderOf(format));
}
