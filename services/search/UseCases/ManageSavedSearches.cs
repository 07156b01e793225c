using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Search.Finding;
using Itsm.Search.Queries;

namespace Itsm.Search.UseCases;

/// <summary>Searches with a name: one's own, and queues that groups share.</summary>
internal static class ManageSavedSearches
{
    private const int MostGroups = 20;

    private static readonly ListDefinition Lists = new() { Filters = [Filter.Person("owner")], Sorts = ["name"], DefaultSort = "name" };

    /// <summary>A new saved search.</summary>
    /// <example>{ "name": "Printers in Berlin", "q": "printer berlin", "filters": { "kind": "incident", "state": "new,inProgress" },
    /// "sort": "-updatedAt" }</example>
    public sealed record CreateRequest
    {
        /// <summary>Name shown to people.</summary>
        [Required, StringLength(120, MinimumLength = 1)]
        public required string Name { get; init; }

        /// <summary>The query, as <c>q</c> of a search; everything where left out.</summary>
        [StringLength(QueryParser.Longest)]
        public string? Q { get; init; }

        /// <summary>Values by name of the parameter, as of a search: <c>{"state": "new,inProgress", "openedAt[gte]":
        /// "2026-01-01"}</c>.</summary>
        public IReadOnlyDictionary<string, string>? Filters { get; init; }

        /// <summary>The order, as of a search.</summary>
        [StringLength(60)]
        public string? Sort { get; init; }

        /// <summary>Ids or keys of the groups that see it too.</summary>
        [MaxLength(MostGroups)]
        public IReadOnlyList<string>? SharedWith { get; init; }
    }

    /// <summary>Changes of a saved search; what is absent stays.</summary>
    /// <example>{ "name": "Printers" }</example>
    public sealed record EditRequest
    {
        /// <summary>Name shown to people.</summary>
        [StringLength(120, MinimumLength = 1)]
        public Optional<string> Name { get; init; }

        /// <summary>The query; null for everything.</summary>
        [StringLength(QueryParser.Longest)]
        public Optional<string?> Q { get; init; }

        /// <summary>Values by name of the parameter; they replace all.</summary>
        public Optional<IReadOnlyDictionary<string, string>?> Filters { get; init; }

        /// <summary>The order.</summary>
        [StringLength(60)]
        public Optional<string?> Sort { get; init; }

        /// <summary>Ids or keys of the groups that see it too; they replace all.</summary>
        public Optional<IReadOnlyList<string>?> SharedWith { get; init; }
    }

    /// <summary>How many things a saved search finds for the caller.</summary>
    /// <param name="Count">Exact. For five minutes after, <c>savedSearch</c> events of the stream tell when it changes.</param>
    public sealed record CountAnswer(long Count);

    public static void Map(IEndpointRouteBuilder saved)
    {
        saved.MapGet("", (ListQuery list, AggregateStore<SavedSearch> store, CancellationToken ct) => list.PageAsync(store, Lists, ct))
            .WithName("ListSavedSearches").WithSummary("Lists the caller's saved searches, and those shared with their groups")
            .Requires(Permissions.Search).Lists<SavedSearch>(Lists);
        saved.MapGet("{id}", (string id, Read read, AggregateStore<SavedSearch> store, CancellationToken ct) =>
            read.OneAsync(store, id, ct))
            .WithName("GetSavedSearch").WithSummary("Reads a saved search").Requires(Permissions.Search).Reads<SavedSearch>();
        saved.MapPost("", CreateAsync).WithName("SaveSearch").WithSummary("Saves a search").Requires(Permissions.Search)
            .Produces<SavedSearch>(StatusCodes.Status201Created);
        saved.MapPatch("{id}", EditAsync).WithName("EditSavedSearch").WithSummary("Changes a saved search").Requires(Permissions.Search)
            .ChangesOne().Produces<SavedSearch>();
        saved.MapDelete("{id}", (string id, Write write, AggregateStore<SavedSearch> store, CancellationToken ct) =>
                write.ChangeAsync(store, id, "delete", null, (search, audit) => search.Delete(write.Caller, audit.At), ct))
            .WithName("DeleteSavedSearch").WithSummary("Deletes a saved search").Requires(Permissions.Search).ChangesOne()
            .Produces<SavedSearch>();
        saved.MapGet("{id}/results",
            async (string id, SearchParameters asked, Read read, AggregateStore<SavedSearch> store, Finder finder, CancellationToken ct) =>
                await finder.PageAsync(asked, AggregateStore<SavedSearch>.Load(await read.FindAsync(store, id, ct)).Criteria, ct))
            .WithName("RunSavedSearch").WithSummary("Finds what a saved search finds, for the caller").Requires(Permissions.Search)
            .Takes(SearchParameters.OfPage).Produces<SearchPage>();
        saved.MapGet("{id}/count",
            async (string id, Read read, AggregateStore<SavedSearch> store, LiveCounts counts, CancellationToken ct) =>
                new CountAnswer(await counts.WatchAsync(
                    AggregateStore<SavedSearch>.Load(await read.FindAsync(store, id, ct)), read.Caller, ct)))
            .WithName("CountSavedSearch").WithSummary("Counts what a saved search finds for the caller, and tells when that changes")
            .Requires(Permissions.Search).Produces<CountAnswer>();
    }

    private static async Task<IResult> CreateAsync(
        CreateRequest request, Write write, AggregateStore<SavedSearch> store, Finder finder, People people, CancellationToken ct)
    {
        var criteria = new SearchCriteria(request.Q, request.Filters ?? new Dictionary<string, string>(), request.Sort);
        await finder.CheckAsync(write.Caller, criteria, ct);
        var groups = await GroupsAsync(request.SharedWith ?? [], [], write.Caller, people, ct);
        return await write.CreateAsync(store,
            audit => ValueTask.FromResult(SavedSearch.Save(request.Name, criteria, groups, write.Caller, audit.At)), ct);
    }

    private static Task<IResult> EditAsync(string id, EditRequest request, Write write, AggregateStore<SavedSearch> store, Finder finder,
        People people, CancellationToken ct) =>
        write.ChangeAsync(store, id, "edit", null, async (search, _) =>
        {
            var criteria = new SearchCriteria(
                request.Q.Or(search.Criteria.Q),
                request.Filters.Or(search.Criteria.Filters) ?? new Dictionary<string, string>(),
                request.Sort.Or(search.Criteria.Sort));
            await finder.CheckAsync(write.Caller, criteria, ct);
            search.Change(request.Name.Or(search.Name, "/name"), criteria,
                request.SharedWith.IsPresent
                    ? await GroupsAsync(request.SharedWith.Value ?? [], search.SharedWith, write.Caller, people, ct)
                    : search.SharedWith, write.Caller);
        }, ct);

    /// <summary>Groups of the caller, and those that have it already.</summary>
    private static async Task<IReadOnlyList<Guid>> GroupsAsync(
        IReadOnlyList<string> named, IReadOnlyList<Guid> before, Caller caller, People people, CancellationToken ct)
    {
        var groups = new List<Guid>();
        foreach (var (index, name) in named.Index())
        {
            var group = await people.FindGroupAsync(name, ct) is { Active: true } found
                ? found.Id
                : throw HttpProblemException.Invalid($"/sharedWith/{index}", FieldCode.NotFound,
                    $"No active group {name.Quoted} is known.");
            groups.Add(caller.Groups.Contains(group) || before.Contains(group)
                ? group
                : throw HttpProblemException.Invalid($"/sharedWith/{index}", FieldCode.Conflicting,
                    $"You are no member of {name.Quoted}: a search is shared into one's own groups."));
        }

        return groups;
    }
}
