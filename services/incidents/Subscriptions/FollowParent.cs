using Itsm.Contracts;
using Itsm.Contracts.Ticketing;
using Itsm.Incidents.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;
using Itsm.Platform.Values;
using Itsm.Ticketing;
using Microsoft.Extensions.Options;

namespace Itsm.Incidents.Subscriptions;

/// <summary>Children follow their parent; the target of a merge takes over; what was given to somebody who is gone is given back. Safe to
/// run twice: each incident remembers the version of the other that it acted on.</summary>
internal sealed class FollowParent(
    AggregateStore<Incident> incidents, Ownerless<Incident> ownerless, IOptions<IncidentSettings> settings, TimeProvider clock)
    : IHandle<TicketChanged>
{
    private const int PageSize = 200;

    public async Task HandleAsync(TicketChanged message, CancellationToken ct)
    {
        await ownerless.CheckAsync(message, ct);
        var audit = new AuditContext
        {
            By = message.By, Action = "follow", Reason = $"Follows {message.Number}: {message.Action}.",
            At = clock.GetUtcNow().ToMilliseconds(), Cause = new Cause($"ticket:{message.Id}", message.Version),
        };
        if ((message.Changed.Contains("mergedInto") || message.Changed.Contains("mergedFrom"))
            && await incidents.FindAsync(message.Id, ct) is { } source)
        {
            // As it stands now: a merge that was undone since is so already.
            foreach (var left in source.UnmergedFrom)
            {
                await incidents.UpdateAsync(left, audit, incident => incident.LetGo(source.Id), ct);
            }

            if (source.MergedInto is { } target)
            {
                await incidents.UpdateAsync(target, audit, incident => incident.TakeOver(source), ct);
            }
        }

        if (message.Changed.Contains("state") || message.Changed.Contains("holdReason") || message.Changed.Contains("security"))
        {
            await FollowAsync(message, audit, ct);
        }
    }

    private async Task FollowAsync(TicketChanged parent, AuditContext audit, CancellationToken ct)
    {
        var state = Enum.Parse<IncidentState>(parent.State, ignoreCase: true);
        var reason = parent.Incident!.HoldReason is { } hold ? Enum.Parse<HoldReason>(hold, ignoreCase: true) : (HoldReason?)null;
        var code = parent.Incident.ResolutionCode is { } resolution
            ? Enum.Parse<ResolutionCode>(resolution, ignoreCase: true)
            : (ResolutionCode?)null;
        var query = new DocumentQuery([Condition.In("parent", BsonMapping.Value(parent.Id))], "openedAt", false, null, PageSize);
        while (true)
        {
            var page = await incidents.Documents.QueryAsync(query, ct);
            foreach (var child in page)
            {
                var open = IsOpenTo(parent, AggregateStore<Incident>.Load(child));
                var its = open ? audit : audit with { By = new Actor(null, "incidents"), Reason = "Follows its parent." };
                await incidents.UpdateAsync(child.Id, its, incident =>
                {
                    if (incident.Security is not null != parent.Incident.Security)
                    {
                        incident.LeaveParent();
                        return;
                    }

                    incident.Follow(state, reason, code, open ? parent.Incident.ResolutionNotes : "Resolved with its parent.",
                        parent.By.Person == parent.Requester, settings.Value.CloseAfter, its);
                }, ct);
            }

            if (page.Count < PageSize)
            {
                return;
            }

            query = query with { After = new DocumentPosition(RawBson.Values(page[^1].Body.Span, "openedAt")[0], page[^1].Id) };
        }
    }

    /// <summary>False where the parent is restricted and not all who see the child may read it: then only its moves are carried along, not
    /// what was written, nor by whom.</summary>
    private static bool IsOpenTo(TicketChanged parent, Incident child) =>
        (child.Security is null && !parent.Incident!.Security) || child.Readers.All(parent.Readers.Contains);
}
