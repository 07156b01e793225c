using System.ComponentModel.DataAnnotations;
using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Timers;

namespace Itsm.Assets.UseCases;

/// <summary>Says that an item is the same thing as another.</summary>
internal static class MergeItems
{
    /// <summary>With which it is the same.</summary>
    /// <example>{ "into": "CI0001001", "reason": "Both are the mail server; discovery had found it under its old name." }</example>
    public sealed record Request
    {
        /// <summary>Id, number or key of the item that stays.</summary>
        [Required, StringLength(60, MinimumLength = 1)]
        public required string Into { get; init; }

        /// <summary>Why they are the same.</summary>
        [Required, StringLength(2_000, MinimumLength = 2)]
        public required string Reason { get; init; }
    }

    public static void Map(IEndpointRouteBuilder items) => items.MapPost("{id}/merge", Handle)
        .WithName("MergeConfigurationItem").WithSummary("Merges a configuration item into another that is the same thing")
        .WithDescription("The item is retired; the other takes over what sources said of it, its relations and those to it, and is found "
            + "by its names. Both keep their histories.")
        .Requires(Permissions.EditItems).ChangesOne().Produces<ConfigurationItem>();

    private static async Task<IResult> Handle(
        string id, Request request, Write write, AggregateStore<ConfigurationItem> items, AggregateStore<RelationType> types,
        ItemLookup lookup, Relating relating, RelationGuard guard, CancellationToken ct)
    {
        // Held until it is saved: of two that are merged into each other at once the second sees that the first is retired.
        await using var hold = await guard.TakeAsync(ct);
        return await write.ChangeAsync(items, id, "merge", request.Reason, async (item, audit) =>
        {
            var named = await lookup.RequireItemAsync(request.Into, write.Caller, "/into", ct);
            var survivor = (await items.FindAsync(named.Id, ct))!;
            foreach (var key in item.Relations.Concat(survivor.Relations).Select(one => one.Type).Distinct())
            {
                if (await types.RecallAsync(key, ct) is { Acyclic: true }
                    && await relating.JoinsThroughOthersAsync(item, survivor, key, ct))
                {
                    throw new RuleViolationException("configuration-item.cycle",
                        $"{item.Number} and {survivor.Number} are joined by {key} through others: that would become a cycle.");
                }
            }

            item.MergeInto(survivor, audit);

            // Refuses what would not fit; it is done once this is saved.
            survivor.Absorb(item, await lookup.RequireClassAsync(item.Class, "", ct), audit);
            await hold.RenewAsync(ct);
        }, ct);
    }
}

/// <summary>Has an item take over what one has that was merged into it, and the relations of others lead to it. Safe to run twice: each step
/// looks whether it is done.</summary>
internal sealed class SettleMerge(
    AggregateStore<ConfigurationItem> items, ItemLookup lookup, Relating relating, RelationGuard guard, ServiceStatuses statuses)
    : ITimerHandler
{
    public async Task RunAsync(Guid id, CancellationToken ct)
    {
        if (await MoveAsync(id, ct) is var (merged, into))
        {
            await statuses.FollowMergeAsync(merged, into, ct);
        }
    }

    private async Task<(ConfigurationItem Merged, ConfigurationItem Into)?> MoveAsync(Guid id, CancellationToken ct)
    {
        await using var hold = await guard.TakeAsync(ct);
        if (await items.FindAsync(id, ct) is not { MergedInto: not null } merged || await SurvivorAsync(merged, ct) is not { } into)
        {
            return null;
        }

        var audit = AuditContext.OfService("assets", "merge", items.Clock) with { Reason = $"{merged.Number} was merged." };
        var of = await lookup.RequireClassAsync(merged.Class, "", ct);
        await items.UpdateAsync(into.Id, audit, survivor => survivor.Absorb(merged, of, audit), ct);
        foreach (var source in await relating.SourcesAsync(id, ct))
        {
            await hold.RenewAsync(ct);
            await items.UpdateAsync(source, audit, one => one.Follow(id, into.Id, audit), ct);
        }

        await items.UpdateAsync(id, audit, one => one.EndMerge(audit), ct);
        return (merged, into);
    }

    /// <summary>What it was merged into, or what that was merged into meanwhile.</summary>
    private async ValueTask<ConfigurationItem?> SurvivorAsync(ConfigurationItem merged, CancellationToken ct)
    {
        ConfigurationItem? found = merged;
        while (found?.MergedInto is { } next)
        {
            found = await items.FindAsync(next, ct);
        }

        return found;
    }
}
