using Itsm.Contracts.Requests;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Messaging;
using Itsm.Requests.Domain;

namespace Itsm.Requests.Subscriptions;

/// <summary>Does to access what a campaign decided. Safe to run twice: what has ended stays as it ended.</summary>
internal sealed class FollowReview(AggregateStore<AccessGrant> grants) : IHandle<AccessReviewed>
{
    public Task HandleAsync(AccessReviewed message, CancellationToken ct)
    {
        var audit = new AuditContext { By = message.By, Action = message.Confirmed ? "confirm" : "revoke", Reason = message.Reason,
            At = message.At };
        return grants.UpdateAsync(message.Grant, audit, grant => grant.Follow(message.Confirmed, message.Reason, message.By, audit), ct);
    }
}
