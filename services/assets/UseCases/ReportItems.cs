using System.ComponentModel.DataAnnotations;
using Itsm.Assets.Import;
using Itsm.Platform.Access;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;

namespace Itsm.Assets.UseCases;

/// <summary>Takes in what a source, such as a discovery, knows of configuration items.</summary>
internal static class ReportItems
{
    /// <summary>What a source knows of items.</summary>
    /// <example>{ "source": "discovery", "items": [{ "externalId": "vm-4711", "class": "virtual-machine", "name": "mail-03",
    /// "attributes": { "hostname": "mail-03.example.org", "cores": 4 } }] }</example>
    public sealed record Request
    {
        /// <summary>Key of the source, by which classes rank its word: a lower-case word, not <c>person</c>.</summary>
        [Required, StringLength(40, MinimumLength = 2),
            RegularExpression("^(?!person$)[a-z][a-z0-9-]*$", 
                ErrorMessage = "a lower-case word: a letter, then letters, digits and hyphens")]
        public required string Source { get; init; }

        /// <summary>True to hear what would happen; nothing changes.</summary>
        public bool Preview { get; init; }

        /// <summary>Each stands or falls alone.</summary>
        [Required, Length(1, 1_000)]
        public required IReadOnlyList<ReportedItem> Items { get; init; }
    }

    /// <summary>What came of a report.</summary>
    /// <param name="Counts">How many items there are of each outcome.</param>
    /// <param name="Items">In the order of the report.</param>
    public sealed record Response(IReadOnlyDictionary<string, int> Counts, IReadOnlyList<ReportedResult> Items);

    public static void Map(IEndpointRouteBuilder items) => items.MapPost("reports", Handle)
        .WithName("ReportConfigurationItems").WithSummary("Takes in what a source knows of configuration items, up to 1,000 at once")
        .WithDescription("Each item stands or falls alone; the same report again changes nothing. Whose word on an attribute counts says "
            + "its class; what does not count stands among the item's sources. Of the item's own fields a source fills those that are "
            + "empty, and changes what it had itself said.")
        .Requires(Permissions.ReportItems).Produces<Response>();

    private static async Task<Response> Handle(
        Request request, Write write, Reconciling reconciling, TimeProvider clock, CancellationToken ct)
    {
        var audit = write.ActOf("report", $"Reported by {request.Source}.", clock);
        var results = await reconciling.ReconcileAsync(
            new(request.Source, request.Preview, write.Caller, audit), request.Items, ct);
        return new(results.GroupBy(one => BsonMapping.Value(one.Outcome).AsString).ToDictionary(of => of.Key, of => of.Count()),
            [.. results.Select(one => one with { Reason = one.Reason?.In(write.Language), Errors = [.. one.Errors.Select(error =>
                error with { Message = error.Message.In(write.Language) })] })]);
    }
}
