using System.Collections.Concurrent;
using System.Globalization;
using Itsm.Platform.Documents;
using Itsm.Platform.Supervision;
using Itsm.Search.Domain;
using Itsm.Search.Queries;
using Microsoft.Extensions.Options;

namespace Itsm.Search.Engines.Lucene;

/// <summary>The embedded engine: folders of Lucene on disk, written by this process alone. A search finds what was written
/// <see cref="SearchSettings.Refresh"/> before it, at the latest; on disk that is after <see cref="SearchSettings.Commit"/>.</summary>
internal sealed class LuceneEngine : BackgroundService, ISearchEngine
{
    private const string Prefix = "generation-";
    private readonly ConcurrentDictionary<int, LuceneGeneration> _open = new();
    private readonly string _root;
    private readonly LuceneAnalysis _analysis;
    private readonly LuceneQueries _queries;
    private readonly LuceneHighlighter _highlighter;
    private readonly SearchSettings _settings;
    private readonly Supervisor _supervisor;
    private readonly ILogger _log;
    private int? _serving;

    public LuceneEngine(
        string root, SearchWords words, IOptions<SearchSettings> settings, Supervisor supervisor, ILogger<LuceneEngine> log)
    {
        (_root, _settings, _supervisor, _log) = (root, settings.Value, supervisor, log);
        _analysis = new LuceneAnalysis(words);
        (_queries, _highlighter) = (new LuceneQueries(_analysis, words), new LuceneHighlighter(_analysis));
        System.IO.Directory.CreateDirectory(root);
        foreach (var folder in System.IO.Directory.EnumerateDirectories(root, Prefix + "*"))
        {
            Open(int.Parse(Path.GetFileName(folder)[Prefix.Length..], CultureInfo.InvariantCulture));
        }

        _serving = File.Exists(ServingFile) && int.Parse(File.ReadAllText(ServingFile), CultureInfo.InvariantCulture) is var serving
            ? serving
            : null;
        MayHaveLost = !File.Exists(CleanFile);
        File.Delete(CleanFile);
    }

    public string Name => "lucene";

    /// <summary>Where an index of a format stands, beside those of others.</summary>
    public static string FolderOf(int format) => $"v{format}";

    public bool MayHaveLost { get; }

    private string ServingFile => Path.Combine(_root, "serving");

    private string CleanFile => Path.Combine(_root, "closed");

    public Task<int?> ServingAsync(CancellationToken ct) => Task.FromResult(Serving);

    public Task<string?> ComplaintAsync(CancellationToken ct) => Task.FromResult(Serving is null ? "No index serves yet." : null);

    public Task<IReadOnlyList<int>> GenerationsAsync(CancellationToken ct) => Task.FromResult<IReadOnlyList<int>>([.. _open.Keys.Order()]);

    public Task CreateAsync(int generation, CancellationToken ct)
    {
        Open(generation);
        return Task.CompletedTask;
    }

    public Task ServeAsync(int generation, CancellationToken ct)
    {
        Find(generation).Commit();
        var next = ServingFile + ".next";
        File.WriteAllText(next, generation.ToString(CultureInfo.InvariantCulture));
        File.Move(next, ServingFile, overwrite: true);
        _serving = generation;
        return Task.CompletedTask;
    }

    public Task DropAsync(int generation, CancellationToken ct)
    {
        if (_open.TryRemove(generation, out var dropped))
        {
            dropped.Dispose();
            System.IO.Directory.Delete(dropped.Folder, recursive: true);
        }

        return Task.CompletedTask;
    }

    public Task DropEarlierFormatsAsync(CancellationToken ct)
    {
        foreach (var format in SearchDocument.EarlierFormats)
        {
            var folder = Path.Combine(_root, "..", FolderOf(format));
            if (System.IO.Directory.Exists(folder))
            {
                System.IO.Directory.Delete(folder, recursive: true);
            }
        }

        return Task.CompletedTask;
    }

    public async Task<int> ApplyAsync(int generation, IReadOnlyList<DocumentChange> changes, CancellationToken ct)
    {
        try
        {
            return await Find(generation).ApplyAsync(changes, ct);
        }
        catch (ObjectDisposedException)
        {
            throw new GenerationMissingException(generation);
        }
    }

    public Task<IReadOnlyDictionary<Guid, SearchDocument>> FindAsync(
        int generation, IReadOnlyCollection<Guid> ids, CancellationToken ct) =>
        Task.FromResult(On(generation, index => (IReadOnlyDictionary<Guid, SearchDocument>)ids.Distinct().AsParallel().Select(index.Find)
            .OfType<SearchDocument>().ToDictionary(document => document.Id)));

    public Task<SearchResult> SearchAsync(SearchRequest request, CancellationToken ct)
    {
        var found = OnServing(serving => serving.Search(request));
        return Task.FromResult(request.Highlights ? Highlighted(request, found) : found);
    }

    public Task<DateTimeOffset?> IndexedUntilAsync(CancellationToken ct) => Task.FromResult(OnServing(serving => serving.IndexedUntil()));

    /// <summary>One that is dropped meanwhile is missing.</summary>
    private T On<T>(int generation, Func<LuceneGeneration, T> ask)
    {
        try
        {
            return ask(Find(generation));
        }
        catch (Exception e) when (e is ObjectDisposedException or AggregateException { InnerException: ObjectDisposedException })
        {
            throw new GenerationMissingException(generation);
        }
    }

    private T OnServing<T>(Func<LuceneGeneration, T> ask)
    {
        while (Serving is { } serving)
        {
            try
            {
                return ask(Find(serving));
            }
            catch (Exception e) when (e is ObjectDisposedException or GenerationMissingException)
            {
                // Swapped since the look: the next one serves.
            }
        }

        throw new StoreUnavailableException("The index is being filled for the first time.");
    }

    public Task<IReadOnlyDictionary<string, long>> CountAsync(int generation, CancellationToken ct) =>
        Task.FromResult(On(generation, index => index.Count()));

    public Task RefreshAsync(int generation, CancellationToken ct)
    {
        Find(generation).Refresh();
        return Task.CompletedTask;
    }

    public Task<bool> FindsMeaningsAsync(CancellationToken ct) => Task.FromResult(true);

    public Task<(IReadOnlyList<Guid> Some, long Count)> WithoutMeaningAsync(
        int generation, string model, int limit, CancellationToken ct) =>
        Task.FromResult(On(generation, index => index.WithoutMeaning(model, limit)));

    public override void Dispose()
    {
        base.Dispose();
        var open = _open.Values.ToList();
        _open.Clear();
        open.ForEach(generation => generation.Dispose());
        if (open.Count > 0)
        {
            File.WriteAllText(CleanFile, "");
        }

        _analysis.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        _supervisor.Watch("index of search").RunAsync(LoopAsync, stoppingToken);

    private async Task LoopAsync(Work work)
    {
        using var timer = new PeriodicTimer(_settings.Commit);
        while (await timer.WaitForNextTickAsync(work.Token))
        {
            foreach (var generation in _open.Values)
            {
                try
                {
                    // For the memory's sake: searches refresh for themselves.
                    generation.Refresh();
                    generation.Commit();
                }
                catch (Exception e) when (e is IOException or ObjectDisposedException)
                {
                    _log.LogError(e, "The index in {Folder} could not be put on disk.", generation.Folder);
                }
            }

            work.Completed();
        }
    }

    private SearchResult Highlighted(SearchRequest request, SearchResult found)
    {
        var matcher = _highlighter.For(request);
        return found with { Hits = [.. found.Hits.Select(hit => hit with { Highlights = matcher.Of(hit.Document) })] };
    }

    private int? Serving
    {
        get
        {
            // One that is not open may have been dropped since the look, because another serves.
            int? gone = null;
            while (_serving is { } serving && serving != gone)
            {
                if (_open.ContainsKey(serving))
                {
                    return serving;
                }

                gone = serving;
            }

            return null;
        }
    }

    private LuceneGeneration Find(int generation) =>
        _open.GetValueOrDefault(generation) ?? throw new GenerationMissingException(generation);

    private void Open(int generation) =>
        _open.GetOrAdd(generation, _ =>
            new LuceneGeneration(Path.Combine(_root, Prefix + generation.ToString(CultureInfo.InvariantCulture)), _analysis, _queries,
                _settings.Refresh));
}
