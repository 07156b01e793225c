using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Requests.Domain;
using Itsm.Requests.Ordering;
using Itsm.Ticketing.Forms;

namespace Itsm.Requests.UseCases;

/// <summary>Reads the questions that a request answers.</summary>
internal static class ReadForms
{
    public static void Map(IEndpointRouteBuilder requests) => requests
        .MapGet("{id}/form",
            async (string id, Read read, AggregateStore<ServiceRequest> store, Catalog catalog, CancellationToken ct) =>
                await catalog.FormOfAsync(AggregateStore<ServiceRequest>.Load(await read.FindAsync(store, id, ct)), ct))
            .WithName("GetRequestForm").WithSummary("Reads the questions that a request answers, as they were when it was ordered; for a "
                + "draft, as they are now").Requires(Permissions.OfTickets.Read).Produces<Form>();
}
