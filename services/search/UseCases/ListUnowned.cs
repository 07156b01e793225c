using Itsm.Platform.Access;
using Itsm.Search.Domain;
using Itsm.Search.Engines;
using Itsm.Search.Finding;
using Itsm.Search.Queries;

namespace Itsm.Search.UseCases;

/// <summary>Open tickets of any kind that are in nobody's hands: to be given to somebody.</summary>
internal static class ListUnowned
{
    private const string Group = "assignmentGroup";
    private const string Assignee = "assignee";
    private const string Approver = "approver";
    private const int MostItems = 200;

    private static readonly SearchNode Open = new AllOf(
        [new Not(new Values(SearchFields.Kind, [SearchDocument.Person])), new Values("stage", ["open", "paused", "resolved"]),
            new Not(new Values("state", ["draft"]))]);

    /// <summary>A ticket that nobody has.</summary>
    /// <param name="Ticket">The ticket.</param>
    /// <param name="Why">How that is.</param>
    public sealed record Unowned(FoundThing Ticket, IReadOnlyList<Reason> Why);

    /// <summary>Why nobody has a ticket.</summary>
    public enum Reason
    {
        /// <summary>It has neither a group nor an assignee.</summary>
        NoGroup,

        /// <summary>Its group is retired, or unknown.</summary>
        RetiredGroup,

        /// <summary>Its assignee is deactivated, or unknown.</summary>
        InactiveAssignee,

        /// <summary>Somebody who is asked to approve it is deactivated, or unknown.</summary>
        InactiveApprover,
    }

    /// <summary>The tickets that nobody has.</summary>
    /// <param name="Items">The oldest first, at most 200.</param>
    /// <param name="Count">How many there are in all.</param>
    /// <param name="IndexedUntil">As of a search.</param>
    public sealed record UnownedList(IReadOnlyList<Unowned> Items, long Count, DateTimeOffset? IndexedUntil);

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("operations/unowned", HandleAsync)
        .WithName(nameof(ListUnowned)).WithTags("Operations").WithSummary("Lists open tickets of any kind that are in nobody's hands")
        .WithDescription("Without group and assignee, with a retired group, a deactivated assignee, or a deactivated approver who is "
            + "asked; of those that the caller may see. As the search index has them.")
        .Requires(Permissions.Operate).Produces<UnownedList>();

    private static async Task<UnownedList> HandleAsync(Caller caller, ISearchEngine engine, People people, CancellationToken ct)
    {
        var indexedUntil = await engine.IndexedUntilAsync(ct);
        var held = (await engine.SearchAsync(SearchRequest.For(caller, Open, 0) with { Facets = [Group, Assignee, Approver] }, ct)).Facets;
        var retired = await GoneAsync(held[Group].Keys, async id => await people.FindGroupAsync(id, ct) is { Active: true });
        var gone = await GoneAsync(held[Assignee].Keys.Union(held[Approver].Keys), async id =>
            await people.FindPersonAsync(id, ct) is { Active: true });
        SearchNode nobody = new AllOf([new Values(Group, [SearchFields.None]), new Values(Assignee, [SearchFields.None])]);
        var unowned = new AllOf([Open,
            new AnyOf([nobody, new Values(Group, retired), new Values(Assignee, gone), new Values(Approver, gone)])]);
        var found = await engine.SearchAsync(
            SearchRequest.For(caller, unowned, MostItems) with { Sort = "openedAt", Descending = false }, ct);
        return new UnownedList(
            [.. found.Hits.Select(hit => new Unowned(FoundThing.Of(hit, caller), [.. Why(hit.Document)]))], found.Total, indexedUntil);

        IEnumerable<Reason> Why(SearchDocument ticket)
        {
            if (ticket is { AssignmentGroup: null, Assignee: null })
            {
                yield return Reason.NoGroup;
            }

            if (ticket.AssignmentGroup is { } group && retired.Contains(group.ToString()))
            {
                yield return Reason.RetiredGroup;
            }

            if (ticket.Assignee is { } assignee && gone.Contains(assignee.ToString()))
            {
                yield return Reason.InactiveAssignee;
            }

            if (ticket.Approvers.Any(approver => gone.Contains(approver.ToString())))
            {
                yield return Reason.InactiveApprover;
            }
        }
    }

    private static async Task<List<string>> GoneAsync(IEnumerable<string> ids, Func<Guid, Task<bool>> isThere)
    {
        var gone = new List<string>();
        foreach (var id in ids.Where(id => id != SearchFields.None))
        {
            if (!await isThere(Guid.Parse(id)))
            {
                gone.Add(id);
            }
        }

        return gone;
    }
}
