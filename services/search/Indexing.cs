using System.Diagnostics.Metrics;
using Itsm.Platform.Telemetry;
using Itsm.Search.Engines;

namespace Itsm.Search;

/// <summary>Writes into all generations that there are: the one that serves, and the one that is being filled.</summary>
internal sealed class Indexing(ISearchEngine engine, IndexCare care, Meanings.Meanings meanings, TimeProvider clock)
{
    private static readonly Histogram<double> Lag = Instruments.Meter.CreateHistogram<double>("itsm.index.lag", "s",
        "From a change to its place in the index.");
    private long _changes;

    /// <summary>Grows with what this process writes.</summary>
    public long Changes => Interlocked.Read(ref _changes);

    /// <summary>From the last live change to its place in the index.</summary>
    public TimeSpan LastLag { get; private set; }

    /// <summary>Applies the changes everywhere.</summary>
    /// <param name="changes">What to change.</param>
    /// <param name="happened">When the newest of them happened, for the lag; null for what is said again.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task ApplyAsync(IReadOnlyList<DocumentChange> changes, DateTimeOffset? happened, CancellationToken ct)
    {
        var generations = await engine.GenerationsAsync(ct) is { Count: > 0 } some ? some : await care.ReplaceLostAsync(ct);
        if (meanings.Model is not null && generations.Count > 1)
        {
            changes = await KeepingMeaningsAsync(changes, ct);
        }

        await Task.WhenAll(generations.Select(generation => Task.Run(() => ApplyAsync(generation, changes, ct), ct)));
        meanings.Expect(changes.Select(change => change.Id));

        if (happened is { } at)
        {
            LastLag = clock.GetUtcNow() - at;
            Lag.Record(LastLag.TotalSeconds);
        }
    }

    /// <summary>What the generation that serves knows of the same texts need not be told again for the one that is being filled.</summary>
    private async Task<IReadOnlyList<DocumentChange>> KeepingMeaningsAsync(IReadOnlyList<DocumentChange> changes, CancellationToken ct)
    {
        try
        {
            return await engine.ServingAsync(ct) is not { } serving
                || await engine.FindAsync(serving, [.. changes.Select(change => change.Id)], ct) is not { Count: > 0 } known ? changes
                : [.. changes.Select(change => new DocumentChange(
                    change.Id, document => change.Change(document)?.Keeping(known.GetValueOrDefault(change.Id))))];
        }
        catch (GenerationMissingException)
        {
            return changes;
        }
    }

    private async Task ApplyAsync(int generation, IReadOnlyList<DocumentChange> changes, CancellationToken ct)
    {
        try
        {
            Interlocked.Add(ref _changes, await engine.ApplyAsync(generation, changes, ct));
        }
        catch (GenerationMissingException)
        {
            // Dropped meanwhile; where it should be there, the next comparison fills another.
        }
    }
}
