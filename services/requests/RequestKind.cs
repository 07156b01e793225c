using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Requests.Domain;
using Itsm.Requests.Fulfilling;
using Itsm.Ticketing;
using Microsoft.Extensions.Options;

namespace Itsm.Requests;

/// <summary>What requests are beside tickets of any kind.</summary>
internal static class RequestKind
{
    public static readonly TicketKind<ServiceRequest, RequestState, RequestHoldReason> Declared = new()
    {
        Names = new("request", "requests", "Request", "REQ"),
        LifeCycle = RequestLifeCycle.Table,
        OwnMoves = [RequestLifeCycle.Submit],
        OwnEdit = true,
        TaskType = typeof(RequestTask),
        Indexes =
        [
            new("itemKey", "openedAt"), new("parent", "openedAt") { Sparse = true },
            new("subject", "openedAt") { Sparse = true }, new("holder", "openedAt") { Sparse = true, Serves = "leavers" },
            new("leaver") { Unique = true, Serves = "leavers" },
            new("callbacks.hash") { Sparse = true, Serves = "callbacks" },
        ],
        Filters = [Filter.Person("subject"), Filter.Text("item", "itemKey"), Filter.Id("parent")],
        Summary = ["item", "itemKey", "subject", "parent", "waitingFor", "expectedAt", "cost"],
        CountFields = ["itemKey"],
        Expandable = ["subject"],
        Expanders = [TicketExpanders.Parent<ServiceRequest>()],
    };
}

/// <summary>Makes the moves of requests: the tasks of an offboarding follow what the leaver holds then.</summary>
internal sealed class RequestMoves(Leavers leavers, IOptions<RequestSettings> settings) : TicketMoves<ServiceRequest>(settings.Value)
{
    public override async ValueTask MoveAsync(ServiceRequest ticket, string action, AuditContext audit, CancellationToken ct)
    {
        if (action == RequestLifeCycle.Fulfill)
        {
            await leavers.FollowAsync(ticket, fulfill: false, audit, ct);
        }

        await base.MoveAsync(ticket, action, audit, ct);
        if (action == Moves.Reopen)
        {
            await leavers.FollowAsync(ticket, fulfill: false, audit, ct);
        }
    }
}
