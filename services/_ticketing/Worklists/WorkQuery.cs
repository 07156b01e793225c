using Itsm.Platform.Access;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using MongoDB.Bson;

namespace Itsm.Ticketing.Worklists;

/// <summary>A kind of things that wait for people.</summary>
public interface IWorkSource
{
    /// <summary>What waits for the caller; nothing for who may not read the kind.</summary>
    Task<MyWork> FindAsync(WorkQuery query, CancellationToken ct);
}

/// <summary>The fields by which what waits is put in order.</summary>
/// <param name="Due">When it is due; null where that is no matter.</param>
/// <param name="Opened">Since when it waits; ends the index of each section.</param>
/// <param name="Updated">When it last changed.</param>
public sealed record WorkOrder(string? Due, string Opened, string Updated);

/// <summary>What somebody asks of what waits for them.</summary>
/// <param name="Caller">Who asks.</param>
/// <param name="People">Who the ids stand for.</param>
/// <param name="Since">What changed after it counts as unread; null where nothing does.</param>
/// <param name="Limit">How many items a section has at most.</param>
public sealed record WorkQuery(Caller Caller, People People, DateTimeOffset? Since, int Limit)
{
    /// <summary>Who this id stands for; null where that is not known here, or there is none.</summary>
    public async ValueTask<PersonOrGroup?> NameAsync(Guid? id, CancellationToken ct) =>
        id is { } known ? await PersonOrGroup.FindAsync(known, People, ct) : null;

    /// <summary>What meets all conditions and the caller may see. Mostly it is little, and one query has it all; else it is counted as far
    /// as people care, and its first items are found where they stand in the order.</summary>
    public async Task<WorkSection> FindAsync(IDocumentCollection documents, WorkOrder order,
        Func<StoredDocument, ValueTask<WorkItem>> read, CancellationToken ct, params IReadOnlyList<Condition> conditions)
    {
        Condition[] where = [Condition.In("readers", Caller.TokenValues), .. conditions];
        var first = await documents.QueryAsync(new DocumentQuery(where, order.Opened, false, null, Limit + 1), ct);
        var isAll = first.Count <= Limit;
        var items = new List<WorkItem>();
        foreach (var found in isAll || order.Due is null ? first.Take(Limit) : await FirstDueAsync(documents, order.Due, order, where, ct))
        {
            items.Add(await read(found));
        }

        return WorkSection.Of(
            isAll ? first.Count : await documents.CountAsync(where, ct, SharedRoutes.MostCounted + 1),
            Since is not { } since ? null
                : isAll ? items.Count(item => item.UpdatedAt > since)
                : await documents.CountAsync([.. where, Condition.Within(order.Updated, BsonMapping.Value(since), false, null, false)], ct,
                    SharedRoutes.MostCounted),
            [.. WorkItem.InOrder(items)]);
    }

    private async Task<IReadOnlyList<StoredDocument>> FirstDueAsync(
        IDocumentCollection documents, string due, WorkOrder order, Condition[] where, CancellationToken ct)
    {
        Condition[] whenDue = [.. where, Condition.Within(due, BsonMapping.Value(DateTimeOffset.UnixEpoch), true, null, false)];
        var found = await documents.QueryAsync(new DocumentQuery(whenDue, due, false, null, Limit), ct);
        if (found.Count == Limit)
        {
            return found;
        }

        var others = await documents.QueryAsync(new DocumentQuery(
            [.. where, Condition.In(due, BsonNull.Value)], order.Opened, false, null, SharedRoutes.MostCounted), ct);
        return [.. found, .. others.OrderBy(PriorityOf).Take(Limit - found.Count)];
    }

    private static int PriorityOf(StoredDocument document) =>
        RawBson.Values(document.Body.Span, "priority") is [var priority, ..] ? priority.ToInt32() : int.MaxValue;
}
