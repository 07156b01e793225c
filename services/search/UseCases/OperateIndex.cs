using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Search.Domain;
using Itsm.Search.Engines;

namespace Itsm.Search.UseCases;

/// <summary>How the index is, and its repair: comparing it with the services, building it anew.</summary>
internal static class OperateIndex
{
    /// <summary>Why.</summary>
    /// <example>{ "reason": "After the restore of the store." }</example>
    public sealed record Request
    {
        /// <summary>In the operator's words.</summary>
        [Required, StringLength(1000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    /// <summary>How the index is.</summary>
    public sealed record Status
    {
        /// <summary>lucene or elasticsearch.</summary>
        public required string Engine { get; init; }

        /// <summary>The generation that serves; null where none does yet.</summary>
        public int? Generation { get; init; }

        /// <summary>All generations that there are.</summary>
        public required IReadOnlyList<int> Generations { get; init; }

        /// <summary>Things that can be found, by kind.</summary>
        public required IReadOnlyDictionary<string, long> Documents { get; init; }

        /// <summary>From the last change to its place in the index, ISO 8601; it can be found one refresh later.</summary>
        public required TimeSpan Lag { get; init; }

        /// <summary>What differed from the services when that was last looked at; null where it has not been yet.</summary>
        public long? Drift { get; init; }

        /// <summary>How far the model that <c>Search:Model</c> sets has come; null where none is set.</summary>
        public MeaningStatus? Meanings { get; init; }

        /// <summary>The comparison under way.</summary>
        public IndexState.Comparison? Current { get; init; }

        /// <summary>The last comparison that ended.</summary>
        public IndexState.Comparison? Last { get; init; }
    }

    /// <summary>How far a model of sentences has come.</summary>
    /// <param name="Model">Its name.</param>
    /// <param name="Lacking">English tickets and items of the catalog that can be found and whose meaning it has not told yet.</param>
    public sealed record MeaningStatus(string Model, long Lacking);

    public static void Map(IEndpointRouteBuilder index)
    {
        index.MapGet("", async (
            AggregateStore<IndexState> store, ISearchEngine engine, Indexing indexing, Meanings.Meanings meanings, CancellationToken ct) =>
            {
                var (state, serving) = (await store.FindAsync(IndexState.TheOne, ct), await engine.ServingAsync(ct));
                return new Status
                {
                    Engine = engine.Name, Generation = serving, Generations = await engine.GenerationsAsync(ct), Lag = indexing.LastLag,
                    Documents = serving is { } generation ? await engine.CountAsync(generation, ct) : new Dictionary<string, long>(),
                    Drift = state?.Last?.Drift, Current = state?.Current, Last = state?.Last,
                    Meanings = serving is { } found && meanings.Model is { } model
                        ? new MeaningStatus(model, (await engine.WithoutMeaningAsync(found, model, 1, ct)).Count) : null,
                };
            })
            .WithName("GetSearchIndex").WithSummary("Reads how the index is: generation, lag, counts, drift").Requires(Permissions.Operate)
            .Produces<Status>();
        index.MapPost("compare",
            (Request request, Write write, AggregateStore<IndexState> store, ISearchEngine engine, CancellationToken ct) =>
                write.ChangeAsync(store, IndexState.TheOne.ToString(), "compare", request.Reason, async (state, audit) =>
                    state.Start(await engine.ServingAsync(ct)
                        ?? throw new RuleViolationException("search.no-index", $"No index serves yet; it is being filled."), swap: false,
                        audit), ct))
            .WithName("CompareSearchIndex").WithSummary("Compares the index with the services, by id and version, and repairs what differs")
            .Requires(Permissions.Operate).ChangesOne().Produces<IndexState>();
        index.MapPost("rebuild", (Request request, Write write, AggregateStore<IndexState> store, IndexCare care, CancellationToken ct) =>
                write.ChangeAsync(store, IndexState.TheOne.ToString(), "rebuild", request.Reason, async (state, audit) =>
                {
                    state.RequireIdle(audit);
                    state.Start(await care.NextGenerationAsync(ct), swap: true, audit);
                }, ct))
            .WithName("RebuildSearchIndex").WithSummary("Fills a new generation of the index while the one before serves, and swaps them "
                + "once nothing is missing").Requires(Permissions.Operate).ChangesOne().Produces<IndexState>();
    }
}
