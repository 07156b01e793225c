using System.Threading.Channels;
using Itsm.Platform.Caching;
using Itsm.Platform.Supervision;
using Itsm.Search.Domain;
using Itsm.Search.Domain.Languages;
using Itsm.Search.Engines;
using Microsoft.Extensions.Options;

namespace Itsm.Search.Meanings;

/// <summary>Tells what texts mean, and sees to it in the background that documents have it told: those that changed at once, others as it
/// finds them.</summary>
internal sealed class Meanings(ISearchEngine engine, IOptions<SearchSettings> settings, Supervisor supervisor, ILogger<Meanings> log)
    : BackgroundService
{
    private const int MostExpected = 10_000;
    private const int MostSetAside = 10_000;
    private const int AtOnce = 32;

    // Of more than are taken at once each process takes others.
    private const int LookedFor = 500;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);
    private readonly Channel<Guid> _expected = Channel.CreateBounded<Guid>(
        new BoundedChannelOptions(MostExpected) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private static readonly int Places = Environment.ProcessorCount;

    // With what they were then: another text is tried again, as is what was set aside before many others.
    private readonly BoundedCache<Guid, Meant> _setAside = new(MostSetAside);
    private readonly SemaphoreSlim _free = new(Places);
    private ISentenceModel? _model;

    /// <summary>The model that tells; null where none is set, or the engine does not find by what it tells.</summary>
    public string? Model => _model?.Name;

    /// <summary>Documents that were written and may have new texts.</summary>
    public void Expect(IEnumerable<Guid> documents)
    {
        foreach (var document in _model is null ? [] : documents)
        {
            _expected.Writer.TryWrite(document);
        }
    }

    /// <summary>What a text means; null where no model tells, and of a text in a language that it does not know.</summary>
    public async ValueTask<Meaning?> OfAsync(string title, string? description, CancellationToken ct)
    {
        if (_model is null || LanguageRule.Of(title, description) != Meaning.Language)
        {
            return null;
        }

        // Each that runs takes memory of its own.
        await _free.WaitAsync(ct);
        try
        {
            return _model?.Of(Meant.Of(title, description));
        }
        finally
        {
            _free.Release();
        }
    }

    /// <exception cref="InvalidOperationException">The model that is set is not part of this build.</exception>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            _model = settings.Value.Model?.Load();
        }
        catch (FileNotFoundException e)
        {
            throw new InvalidOperationException($"Search:Model is {settings.Value.Model}, which is not part of this build: "
                + "./build/images --model makes an image with it.", e);
        }

        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        base.Dispose();
        _model?.Dispose();
        _free.Dispose();
        _setAside.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        _model is null ? Task.CompletedTask : supervisor.Watch("meanings of search").RunAsync(LoopAsync, stoppingToken);

    private async Task LoopAsync(Work work)
    {
        if (!await engine.FindsMeaningsAsync(work.Token))
        {
            log.LogWarning("Search:Model is {Model}, but the engine does not find by meaning: words alone count.", Model);
            await UnloadAsync(work.Token);
            return;
        }

        var (looked, more) = (0L, true);
        while (!work.Token.IsCancellationRequested)
        {
            List<Guid> some = [];
            while (some.Count < AtOnce && _expected.Reader.TryRead(out var document))
            {
                some.Add(document);
            }

            var began = TimeProvider.System.GetTimestamp();
            var looks = some.Count < AtOnce && (more || TimeProvider.System.GetElapsedTime(looked, began) >= BetweenLooks);
            if (looks)
            {
                var lacking = await LackingAsync(work.Token);
                (more, looked) = (lacking.Count > 0, began);
                some.AddRange(lacking);
            }

            more &= await TellAsync(some, work.Token) > 0 || !looks;
            work.Completed();

            // What is made up for leaves half of a processor to those who wait.
            if (looks && more)
            {
                var took = TimeProvider.System.GetElapsedTime(began);
                await Task.Delay(took < LongestPause ? took : LongestPause, work.Token);
            }
            else
            {
                await WaitAsync(work.Token);
            }
        }
    }

    private async Task UnloadAsync(CancellationToken ct)
    {
        var model = Interlocked.Exchange(ref _model, null);
        for (var place = 0; place < Places; place++)
        {
            await _free.WaitAsync(ct);
        }

        model?.Dispose();
        _free.Release(Places);
    }

    /// <summary>Until something is expected, for a while.</summary>
    private async Task WaitAsync(CancellationToken ct)
    {
        using var idle = CancellationTokenSource.CreateLinkedTokenSource(ct);
        idle.CancelAfter(Idle);
        try
        {
            await _expected.Reader.WaitToReadAsync(idle.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // Nothing was.
        }
    }

    private async Task<List<Guid>> LackingAsync(CancellationToken ct)
    {
        List<Guid> lacking = [];
        foreach (var generation in await engine.GenerationsAsync(ct))
        {
            lacking.AddRange(await UnlessGoneAsync(
                async () => (await engine.WithoutMeaningAsync(generation, Model!, LookedFor, ct)).Some, []));
        }

        var some = lacking.Distinct().Where(document => _setAside.Find(document) is null).ToArray();
        Random.Shared.Shuffle(some);
        return [.. some.Take(AtOnce)];
    }

    private async Task<int> TellAsync(List<Guid> some, CancellationToken ct)
    {
        var told = 0;
        foreach (var generation in some.Count == 0 ? [] : await engine.GenerationsAsync(ct))
        {
            told += await UnlessGoneAsync(async () =>
            {
                var documents = await engine.FindAsync(generation, some, ct);
                List<DocumentChange> changes = [];
                foreach (var document in documents.Values.Where(Lacks))
                {
                    ct.ThrowIfCancellationRequested();
                    if (Told(document) is { } change)
                    {
                        changes.Add(change);
                    }

                    Work.Progress();
                }

                return await ApplyAsync(generation, documents, changes, ct);
            }, 0);
        }

        return told;
    }

    /// <summary>What the engine refuses does not keep others from being told.</summary>
    private async Task<int> ApplyAsync(
        int generation, IReadOnlyDictionary<Guid, SearchDocument> documents, List<DocumentChange> changes, CancellationToken ct)
    {
        try
        {
            return await engine.ApplyAsync(generation, changes, ct);
        }
        catch (InvalidOperationException e) when (changes.Count == 1)
        {
            SetAside(documents[changes[0].Id], e);
            return 0;
        }
        catch (InvalidOperationException)
        {
            var told = 0;
            foreach (var change in changes)
            {
                told += await ApplyAsync(generation, documents, [change], ct);
            }

            return told;
        }
    }

    private DocumentChange? Told(SearchDocument document)
    {
        var meant = document.Meant!;
        try
        {
            var meaning = _model!.Of(meant);
            return new DocumentChange(document.Id, current =>
                current?.Meant == meant && Lacks(current) ? current with { Meaning = meaning } : null);
        }
        catch (Exception e)
        {
            SetAside(document, e);
            return null;
        }
    }

    private void SetAside(SearchDocument document, Exception why)
    {
        log.LogError(why, "What {Document} means can't be told or kept.", document.Id);
        _setAside.Set(document.Id, document.Meant!);
    }

    private bool Lacks(SearchDocument document) => document.Meant is { } meant && document.Meaning?.Model != Model
        && _setAside.Find(document.Id) != meant;

    private static async Task<T> UnlessGoneAsync<T>(Func<Task<T>> ask, T otherwise)
    {
        try
        {
            return await ask();
        }
        catch (GenerationMissingException)
        {
            return otherwise;
        }
    }
}
