using Itsm.Contracts.Ticketing;
using Itsm.Platform.Messaging;
using Itsm.Requests.Domain;
using Itsm.Requests.Fulfilling;
using Itsm.Ticketing;
using Itsm.Ticketing.Tasks;

namespace Itsm.Requests.Subscriptions;

/// <summary>Does what follows from a change of a request: begins the work, orders, tells the request above, gives access, takes
/// back, gives away what nobody would work on. Safe to run twice, in any order: each looks at the request as it is now.</summary>
internal sealed class FollowRequest(Fulfillment fulfillment, Access access, Leavers leavers, Ownerless<ServiceRequest> ownerless)
    : IHandle<TicketChanged>
{
    public async Task HandleAsync(TicketChanged message, CancellationToken ct)
    {
        var (details, tasks) = (message.Request!, message.AllTasks);
        await ownerless.CheckAsync(message, ct);
        if (message.State == "approved")
        {
            await fulfillment.BeginAsync(message.Id, ct);
        }

        if (tasks.Any(task => task is { Kind: "request", State: "open" }))
        {
            await fulfillment.OrderAsync(message.Id, ct);
        }

        if (tasks.Any(task => task is { Kind: "request", State: "skipped", OpenedAt: not null }))
        {
            await fulfillment.CancelSkippedAsync(message.Id, ct);
        }

        if (details.Parent is { } parent)
        {
            await fulfillment.NoteChildAsync(parent, message.Id, ct);
        }

        if (message.State == "cancelled")
        {
            await fulfillment.CancelChildrenAsync(message.Id, message.Number, ct);
            await access.RevokeAsync(message.Id, message.Number, ct);
        }

        if (message.State is "fulfilled" or "closed")
        {
            await access.GrantAsync(message.Id, ct);
        }

        if (tasks.Any(task => task is { Kind: "recover", State: "done" }))
        {
            await leavers.ReleaseAsync(message.Id, ct);
        }

        // What somebody came to hold, or gave back, while they leave; and what changed while the work on their leaving began.
        if (message.Changed.Contains("holder"))
        {
            await leavers.FollowAsync(message.Requester, ct);
        }
        else if (details.Subject is { } subject && message is { State: "inFulfillment", Action: "begin" })
        {
            await leavers.FollowAsync(subject, ct);
        }
    }
}
