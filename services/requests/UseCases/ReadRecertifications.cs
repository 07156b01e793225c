using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Requests.Domain;

namespace Itsm.Requests.UseCases;

/// <summary>Lists and reads recertification campaigns, and the access that one answers for in them.</summary>
internal static class ReadRecertifications
{
    private static readonly ListDefinition Lists = new()
    {
        Filters = [Filter.Instant("endsAt")], Sorts = ["startedAt", "endsAt"], DefaultSort = "-startedAt",
    };

    private static readonly ListDefinition Reviews = new()
    {
        Filters = [Filter.OneOf<ReviewAnswer>("answer"), Filter.Person("person"), Filter.Person("owner")], Sorts = ["grantedAt"],
        DefaultSort = "grantedAt", Expandable = ["person", "owner"],
    };

    public static void Map(IEndpointRouteBuilder campaigns)
    {
        campaigns.MapGet("", (ListQuery list, AggregateStore<Recertification> store, CancellationToken ct) =>
            list.PageAsync(store, Lists, ct))
            .WithName("ListRecertifications").WithSummary("Lists recertification campaigns").Requires(Permissions.ReadAccess)
            .Lists<Recertification>(Lists);
        campaigns.MapGet("{id}", (string id, Read read, AggregateStore<Recertification> store, CancellationToken ct) =>
            read.OneAsync(store, id, ct))
            .WithName("GetRecertification").WithSummary("Reads a campaign").Requires(Permissions.ReadAccess).Reads<Recertification>();
        campaigns.MapGet("{id}/grants",
            async (string id, ListQuery list, Read read, AggregateStore<Recertification> store, AggregateStore<AccessReview> reviews,
                CancellationToken ct) =>
                await list.PageAsync(reviews, Reviews, ct,
                    Condition.In("campaign", BsonMapping.Value((await read.FindAsync(store, id, ct)).Id))))
            .WithName("ListRecertifiedGrants").WithSummary("Lists the access that the caller answers for in a campaign, and what was "
                + "answered; all of it for those who manage access").Requires(Permissions.ReadAccess)
            .Lists<AccessReview>(Reviews);
    }
}
