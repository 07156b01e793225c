using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Requests.Domain;

namespace Itsm.Requests.UseCases;

/// <summary>Who has access to what, and who had.</summary>
internal static class ReadAccessGrants
{
    private static readonly ListDefinition Lists = new()
    {
        Filters =
        [
            Filter.Person("person"), Filter.Text("application"), Filter.OneOf<GrantState>("state"), Filter.Person("owner"),
            Filter.OneOf<Sensitivity>("sensitivity"), Filter.Id("request"), Filter.Instant("expiresAt"),
        ],
        Sorts = ["grantedAt"], SortFields = new Dictionary<string, string> { ["expiresAt"] = "expiresAt" }, DefaultSort = "-grantedAt",
        Expandable = ["person", "owner"],
    };

    public static void Map(IEndpointRouteBuilder grants)
    {
        grants.MapGet("", (ListQuery list, AggregateStore<AccessGrant> store, CancellationToken ct) => list.PageAsync(store, Lists, ct))
            .WithName("ListAccessGrants").WithSummary("Lists who has access to what, and who had").Requires(Permissions.ReadAccess)
            .Lists<AccessGrant>(Lists);
        grants.MapGet("{id}", (string id, Read read, AggregateStore<AccessGrant> store, CancellationToken ct) =>
            read.OneAsync(store, id, ct))
            .WithName("GetAccessGrant").WithSummary("Reads an access grant: by whose approval, until when").Requires(Permissions.ReadAccess)
            .Reads<AccessGrant>(Lists);
    }
}
