using Itsm.Directory.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;

namespace Itsm.Directory.UseCases;

/// <summary>Lists people.</summary>
internal static class ListPeople
{
    internal static readonly ListDefinition Lists = new()
    {
        Filters = [Filter.Flag("active"), Filter.Person("manager").For(Permissions.ReadAll), Filter.Text("site").For(Permissions.ReadAll)],
        Sorts = ["userName", "name"], DefaultSort = "userName", Expandable = ["manager"],
    };

    public static void Map(IEndpointRouteBuilder people) => people
        .MapGet("", (ListQuery list, AggregateStore<Person> store, CancellationToken ct) => list.PageAsync(store, Lists, ct))
        .WithName(nameof(ListPeople)).WithSummary("Lists people").Requires(Permissions.Read).Lists<Person>(Lists);
}
