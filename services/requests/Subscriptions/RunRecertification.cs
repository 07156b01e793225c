using Itsm.Contracts.Requests;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;
using Itsm.Requests.Domain;
using Itsm.Requests.Fulfilling;

namespace Itsm.Requests.Subscriptions;

/// <summary>Asks the owners when a campaign begins, and lets what nobody answered for follow its policy when it ends. Safe to run twice,
/// and to break off: each grant is asked about once, and answered once.</summary>
internal sealed class RunRecertification(
    AggregateStore<Recertification> campaigns, AggregateStore<AccessReview> reviews, AggregateStore<AccessGrant> grants, Access access,
    TimeProvider clock) : IHandle<RecertificationChanged>
{
    private const int PageSize = 500;

    public async Task HandleAsync(RecertificationChanged message, CancellationToken ct)
    {
        if (message.State is "preparing" or "ending" && await campaigns.FindAsync(message.Id, ct) is { } campaign)
        {
            await (campaign.State switch
            {
                RecertificationState.Preparing => PrepareAsync(campaign, ct),
                RecertificationState.Ending => EndAsync(campaign, ct),
                _ => Task.CompletedTask,
            });
        }
    }

    private async Task PrepareAsync(Recertification campaign, CancellationToken ct)
    {
        var (audit, owners, asked) = (AuditContext.OfService("requests", "ask", clock), new HashSet<Guid>(), 0);
        var query = new DocumentQuery(AccessGrant.ActiveIn(campaign.Application, campaign.Sensitivity), "grantedAt", false, null, PageSize);
        while (true)
        {
            var page = await grants.Documents.QueryAsync(query, ct);
            foreach (var grant in page.Select(AggregateStore<AccessGrant>.Load).Where(grant => grant.GrantedAt <= campaign.StartedAt))
            {
                var owner = await access.OwnerOfAsync(grant, ct);
                await reviews.AddMissingAsync(AccessReview.Of(campaign, grant, owner, audit), audit, ct);
                await FollowAsync(AccessReview.IdOf(campaign.Id, grant.Id), _ => { }, audit, ct);
                asked++;
                if (owner is { } known)
                {
                    owners.Add(known);
                }
            }

            if (page.Count < PageSize)
            {
                break;
            }

            query = query with { After = new DocumentPosition(RawBson.Values(page[^1].Body.Span, "grantedAt")[0], page[^1].Id) };
        }

        await campaigns.UpdateAsync(campaign.Id, audit with { Action = "open" }, one => one.Open(asked, owners), ct);
    }

    private async Task EndAsync(Recertification campaign, CancellationToken ct)
    {
        var audit = AuditContext.OfService("requests", "end", clock);
        var silent = new DocumentQuery([Condition.In("campaign", BsonMapping.Value(campaign.Id)),
            Condition.In("answer", MongoDB.Bson.BsonNull.Value)], "grantedAt", false, null, PageSize);
        while (await reviews.Documents.QueryAsync(silent, ct) is { Count: > 0 } page)
        {
            foreach (var review in page)
            {
                await FollowAsync(review.Id, one => one.EndInSilence(campaign.OnSilence, audit), audit, ct);
            }
        }

        await campaigns.UpdateAsync(campaign.Id, audit, one => one.End(audit), ct);
    }

    /// <summary>What was done to the grant itself is an answer, also where word of it came before it was asked about, or is still under
    /// way.</summary>
    private Task<AccessReview?> FollowAsync(
        Guid review, Action<AccessReview> then, AuditContext audit, CancellationToken ct) => reviews.UpdateAsync(review, audit, async one =>
    {
        if (await grants.FindAsync(one.Grant, ct) is { } grant)
        {
            one.Follow(grant);
        }

        then(one);
    }, ct);
}
