using Itsm.Platform.Access;
using Itsm.Platform.Http;
using Itsm.Search.Finding;
using Itsm.Search.Queries;

namespace Itsm.Search.UseCases;

/// <summary>One box over everything that the caller may see.</summary>
internal static class SearchEverything
{
    public static void Map(IEndpointRouteBuilder search) => search
        .MapGet("", (SearchParameters asked, Finder finder, CancellationToken ct) => finder.PageAsync(asked, asked.Criteria, ct))
        .WithName(nameof(SearchEverything))
        .WithSummary("Searches tickets with their comments, people, configuration items, assets and things to order")
        .WithDescription("""
            `q` takes words (all must be there, by their stems), `"phrases"`, `-not`, `OR`, `(groups)`, `prefix*`, `misspelt~` (`~1`, `~2`: letters that may differ), and
            `field:value`: title, description, comments, notes with words or phrases; kind, number, state, stage, requester, openedBy, assignmentGroup (group), assignee, approver,
            category, owner, class, affectedService (service), configurationItem (ci) with values, several with commas, `none` for without; priority, openedAt (opened), updatedAt (updated),
            resolvedAt (resolved), closedAt (closed) also with `>` `>=` `<` `<=` and `from..to`; days are days in UTC. People are ids, user names or `me`; groups ids, keys or `mine`; categories ids or keys.
            A word before a colon that is no field is text, and `hints` says so. The same fields are parameters. Work notes are searched for those who may read them. A query is at most 1,000 characters.
            `facets` names fields to count what was found by: exactly, for the caller. `sort` is relevance, updatedAt, openedAt, priority or number, with a minus for the greatest first.
            Words such as "the" or "nicht" need not be there where others are. Where nothing has all words, things with a word that begins as the last one, or with most of them, are found, and `hints` says so;
            `didYouMean` is a query that finds more, where a word seems to be misspelt. Where a model of sentences is set, English tickets and things to order that mean the same fill up such a page. `explain=true`, for agents, says of each thing what counted.
            Things to order, configuration items and assets are found where their kind is named alone: `kind=asset,configuration-item`, or `kind:catalogItem` in `q`; by name, number,
            key, class, tag, serial number, maker, model, site, description and attributes. People's mail addresses are found by callers who may read them.
            A page by relevance comes from the index as it was at the first page, for two minutes.
            """)
        .Requires(Permissions.Search).Takes(SearchParameters.All).Produces<SearchPage>();
}
