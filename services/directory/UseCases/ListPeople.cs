using Itsm.Directory.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;

namespace Itsm.Directory.UseCases;

/// <summary>Lists people.</summary>
internal static class ListPeople
{
    private static readonly ListDefinition Lists = new()
    {
        Filters = [Filter.Flag("active"), Filter.Person("manager"), Filter.Text("site")], Sorts = ["userName", "name"],
        DefaultSort = "userName", Expandable = ["manager"],
    };

    // What a filter selects by is told by what it finds.
    private static readonly string[] Telling = ["manager", "site"];

    public static void Map(IEndpointRouteBuilder people) => people
        .MapGet("", (ListQuery list, HttpRequest request, AggregateStore<Person> store, CancellationToken ct) =>
            list.Caller.May(Permissions.ReadAll.Name)
            || !Telling.Any(name => request.Query.TryGetValue(name, out var value) && value != "me")
                ? list.PageAsync(store, Lists, ct)
                : throw HttpProblemException.Forbidden($"Filters by {string.Join(" and ", Telling)} of others need the permission "
                    + $"{Permissions.ReadAll.Name}."))
        .WithName(nameof(ListPeople)).WithSummary("Lists people").Requires(Permissions.Read).Lists<Person>(Lists);
}
