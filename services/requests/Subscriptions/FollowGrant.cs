using Itsm.Contracts.Requests;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;
using Itsm.Requests.Domain;
using Itsm.Requests.Fulfilling;

namespace Itsm.Requests.Subscriptions;

/// <summary>Access changed: the tasks of a leaver follow what they hold now, and a campaign takes what its owner did to the grant as their
/// answer. Safe to run twice: both look at things as they are.</summary>
internal sealed class FollowGrant(
    Leavers leavers, AggregateStore<AccessGrant> grants, AggregateStore<AccessReview> reviews, TimeProvider clock)
    : IHandle<AccessGrantChanged>
{
    private const int PageSize = 200;

    public async Task HandleAsync(AccessGrantChanged message, CancellationToken ct)
    {
        await leavers.FollowAsync(message.Person, ct);
        var audit = AuditContext.OfService("requests", "follow-grant", clock);
        var query = new DocumentQuery([Condition.In("waiting", BsonMapping.Value(message.Id))], "grantedAt", false, null, PageSize);
        await foreach (var review in reviews.Documents.AllAsync(query, ct))
        {
            await reviews.UpdateAsync(review.Id, audit, async one =>
            {
                if (await grants.FindAsync(message.Id, ct) is { } grant)
                {
                    one.Follow(grant);
                }
            }, ct);
        }
    }
}
