using System.Threading.Channels;
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
    private const int AtOnce = 32;

    // Of more than are taken at once each process takes others.
    private const int LookedFor = 500;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);
    private readonly Channel<Guid> _expected = Channel.CreateBounded<Guid>(
        new BoundedChannelOptions(MostExpected) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private ISentenceModel? _model;

    /// <summary>The model that is set; null where none is.</summary>
    public string? Model => settings.Value.Model?.ToString();

    /// <summary>Documents that were written and may have new texts.</summary>
    public void Expect(IEnumerable<Guid> documents)
    {
        foreach (var document in _model is null ? [] : documents)
        {
            _expected.Writer.TryWrite(document);
        }
    }

    /// <summary>What a text means; null where no model is set, and of a text in a language that it does not know.</summary>
    public Meaning? Of(string title, string? description = null) =>
        LanguageRule.Of(title, description) == Meaning.Language ? _model?.Of(SearchDocument.MeantOf(title, description)) : null;

    /// <exception cref="InvalidOperationException">The model that is set is not part of this build.</exception>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            _model = settings.Value.Model?.Load();
        }
        catch (FileNotFoundException e)
        {
            throw new InvalidOperationException(
                $"Search:Model is {Model}, which is not part of this build: ./build/images --model makes an image with it.", e);
        }

        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        base.Dispose();
        _model?.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        _model is null ? Task.CompletedTask : supervisor.Watch("meanings of search").RunAsync(LoopAsync, stoppingToken);

    private async Task LoopAsync(Work work)
    {
        if (!await engine.FindsMeaningsAsync(work.Token))
        {
            log.LogWarning("Search:Model is {Model}, but the engine does not find by meaning: words alone count.", Model);
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

            var (began, looks) = (Now, false);
            if (some.Count == 0 && (more || TimeProvider.System.GetElapsedTime(looked, began) >= BetweenLooks))
            {
                (some, looks, looked) = (await LackingAsync(work.Token), true, began);
            }

            more = await TellAsync(some, work.Token) > 0 && looks;
            work.Completed();

            // What is made up for leaves half of a processor to those who wait.
            await WaitAsync(looks && more ? TimeProvider.System.GetElapsedTime(began) : Idle, work.Token);
        }
    }

    private static long Now => TimeProvider.System.GetTimestamp();

    /// <summary>Until something is expected, at most so long.</summary>
    private async Task WaitAsync(TimeSpan most, CancellationToken ct)
    {
        try
        {
            await _expected.Reader.WaitToReadAsync(ct).AsTask().WaitAsync(most, ct);
        }
        catch (TimeoutException)
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

        var some = lacking.Distinct().ToArray();
        Random.Shared.Shuffle(some);
        return [.. some.Take(AtOnce)];
    }

    private async Task<int> TellAsync(List<Guid> some, CancellationToken ct)
    {
        var generations = new Dictionary<int, IReadOnlyDictionary<Guid, SearchDocument>>();
        foreach (var generation in some.Count == 0 ? [] : await engine.GenerationsAsync(ct))
        {
            generations[generation] = await UnlessGoneAsync(
                () => engine.FindAsync(generation, some, ct), new Dictionary<Guid, SearchDocument>());
        }

        // What another generation has need not be told again.
        var known = generations.Values.SelectMany(documents => documents.Values)
            .Where(document => document.Meant is not null && !Lacks(document))
            .ToLookup(document => document.Meant!, document => document.Meaning!).ToDictionary(same => same.Key, same => same.First());
        var told = 0;
        foreach (var (generation, documents) in generations)
        {
            IReadOnlyList<DocumentChange> changes = [.. documents.Values.Where(Lacks).Select(document => Told(document, known))];
            told += await UnlessGoneAsync(() => engine.ApplyAsync(generation, changes, ct), 0);
        }

        return told;
    }

    private DocumentChange Told(SearchDocument document, Dictionary<string, Meaning> known)
    {
        var meant = document.Meant!;
        if (!known.TryGetValue(meant, out var meaning))
        {
            known[meant] = meaning = _model!.Of(meant);
            Work.Progress();
        }

        return new DocumentChange(document.Id, current =>
            current?.Meant == meant && Lacks(current) ? current with { Meaning = meaning } : null);
    }

    private bool Lacks(SearchDocument document) => document.Meant is not null && document.Meaning?.Model != Model;

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
