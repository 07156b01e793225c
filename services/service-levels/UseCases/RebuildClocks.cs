using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.ServiceLevels.Domain;

namespace Itsm.ServiceLevels.UseCases;

/// <summary>Computes all clocks anew from the tickets' history, compares, and repairs on request.</summary>
internal static class RebuildClocks
{
    private static readonly ListDefinition Lists = new() { Filters = [], Sorts = ["startedAt"], DefaultSort = "-startedAt" };

    /// <summary>A new run.</summary>
    /// <example>{ "repair": false, "reason": "After the restore of the store." }</example>
    public sealed record Request
    {
        /// <summary>True to store what comes out differently, of clocks that have not ended; false where left out.</summary>
        public bool? Repair { get; init; }

        /// <summary>Why.</summary>
        [Required, StringLength(1000, MinimumLength = 3)]
        public required string Reason { get; init; }
    }

    public static void Map(IEndpointRouteBuilder rebuilds)
    {
        rebuilds.MapGet("", (ListQuery list, AggregateStore<Rebuild> store, CancellationToken ct) => list.PageAsync(store, Lists, ct))
            .WithName("ListRebuilds").WithSummary("Lists runs that computed all clocks anew").Requires(Permissions.Configure)
            .Lists<Rebuild>(Lists);
        rebuilds.MapGet("{id}", (string id, Read read, AggregateStore<Rebuild> store, CancellationToken ct) => read.OneAsync(store, id, ct))
            .WithName("GetRebuild").WithSummary("Reads a run that computes all clocks anew").Requires(Permissions.Configure)
            .Reads<Rebuild>();
        rebuilds.MapPost("", (Request request, Write write, AggregateStore<Rebuild> store, CancellationToken ct) =>
                write.CreateAsync(store, audit => ValueTask.FromResult(Rebuild.Start(request.Repair ?? false, audit)), ct,
                    reason: request.Reason, status: StatusCodes.Status202Accepted))
            .WithName(nameof(RebuildClocks)).WithSummary("Computes all clocks anew, compares, and repairs on request")
            .Requires(Permissions.Configure).Produces<Rebuild>(StatusCodes.Status202Accepted);
    }
}
