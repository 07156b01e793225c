using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Ticketing.Routes;

namespace Itsm.Assets.UseCases;

/// <summary>The moves of a configuration item's life cycle.</summary>
internal static class MoveConfigurationItem
{
    public static void Map(IEndpointRouteBuilder items)
    {
        foreach (var move in ConfigurationLifeCycle.Table.Table)
        {
            var route = move.NeedsReason
                ? items.MapPost($"{{id}}/{move.Action}",
                    (string id, MoveTicket.ReasonedRequest request, Write write, AggregateStore<ConfigurationItem> store,
                        CancellationToken ct) => MoveAsync(id, move.Action, request.Reason, write, store, ct))
                : items.MapPost($"{{id}}/{move.Action}",
                    (string id, MoveTicket.Request request, Write write, AggregateStore<ConfigurationItem> store, CancellationToken ct) =>
                        MoveAsync(id, move.Action, request.Reason, write, store, ct));
            route.WithName($"{string.Concat(move.Action.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]))}"
                    + nameof(ConfigurationItem))
                .WithSummary(move.Summary!).Requires(move.Permission).ChangesOne().Produces<ConfigurationItem>();
        }
    }

    private static Task<IResult> MoveAsync(
        string id, string action, string? reason, Write write, AggregateStore<ConfigurationItem> store, CancellationToken ct) =>
        write.ChangeAsync(store, id, action, reason, (item, audit) => item.Move(action, audit), ct);
}
