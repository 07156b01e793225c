using System.Globalization;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Itsm.Platform.WorkingTime;
using Itsm.Requests.Domain;
using Itsm.Requests.Ordering;
using Itsm.Ticketing;
using Microsoft.Extensions.Options;

namespace Itsm.Requests.Fulfilling;

/// <summary>Gives the access that a fulfilled request asks for, once; takes it back where the request is cancelled after all.</summary>
internal sealed class Access(
    AggregateStore<ServiceRequest> requests, AggregateStore<AccessGrant> grants, AggregateStore<CatalogItem> items, Catalog catalog,
    People people, IOptions<RequestSettings> settings, TimeProvider clock)
{
    public async Task GrantAsync(Guid id, CancellationToken ct)
    {
        var request = await requests.FindAsync(id, ct);
        if (request is { State: RequestState.Cancelled })
        {
            // An earlier run may have given it, and died before it saw that.
            await RevokeAsync(id, request.Number, ct);
            return;
        }

        if (request is not { State: RequestState.Fulfilled or RequestState.Closed, GaveNothing: false }
            || (await catalog.OfAsync(request, ct)).Content is not { Access: { } access } content
            || await people.FindPersonAsync(request.Requester, ct) is not { } requester)
        {
            return;
        }

        var audit = AuditContext.OfService("requests", "create", clock) with { Reason = $"{request.Number} is fulfilled." };
        var owner = await OwnerAsync(content, requester.Id, ct);
        var lastDay = access.Until is { } question && request.AnswerTo(question) is { } text
            ? WorkingSchedule.Always.EndOfWorkingDay(DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture), 0,
                requester.TimeZone)
            : null;
        var longest = access.Longest is { } time ? audit.At + time : (DateTimeOffset?)null;
        var grant = AccessGrant.Of(request, access, RequestFields.Resolve(access.Role, request) ?? access.Role, owner,
            lastDay is { } day && !(longest < day) ? day : longest, settings.Value.ExpiryNotice, audit);
        if (!requester.Active)
        {
            // Whoever has left gets nothing by this request, now or when they come back.
            grant.Revoke($"{requester.Name} had left.", audit.By, audit);
        }

        await grants.AddMissingAsync(grant, audit, ct);

        // One that was reopened and cancelled since it was looked at has found no access to take back.
        if (await requests.FindAsync(id, ct) is { State: RequestState.Cancelled })
        {
            await RevokeAsync(id, request.Number, ct);
        }
    }

    /// <summary>A request that was reopened and then cancelled gives nothing.</summary>
    public Task RevokeAsync(Guid request, string number, CancellationToken ct)
    {
        var audit = AuditContext.OfService("requests", "revoke", clock) with { Reason = $"{number} was cancelled." };
        return grants.UpdateAsync(
            AccessGrant.IdOf(request), audit, grant => grant.Follow(confirmed: false, audit.Reason!, audit.By, audit), ct);
    }

    /// <summary>Who answers for a grant now: the owner of the data, as the catalog has it; where that one is gone, or has the access, the
    /// nearest above.</summary>
    public async ValueTask<Guid?> OwnerOfAsync(AccessGrant grant, CancellationToken ct)
    {
        var owner =
            await items.FindAsync(grant.Item, ct) is { Current: { } content } ? await OwnerAsync(content, grant.Person, ct) : grant.Owner;
        if (owner != grant.Owner)
        {
            var audit = AuditContext.OfService("requests", "pass", clock) with { Reason = "Somebody else owns the data." };
            await grants.UpdateAsync(grant.Id, audit, one => one.PassTo(owner), ct);
        }

        return owner;
    }

    private async ValueTask<Guid?> OwnerAsync(ItemContent content, Guid person, CancellationToken ct) =>
        (content.DataOwner ?? content.Owner) is not { } named || await people.FindPersonAsync(named, ct) is not { } owner ? null
        : owner.Active && owner.Id != person ? owner.Id : (await people.FindManagerAsync(owner, [person], ct))?.Id;

    /// <exception cref="HttpProblemException">403 for all but the owner of the data and those who manage access.</exception>
    public static void RequireOwner(Guid? owner, Caller caller)
    {
        if (owner != caller.Person && !caller.May(Permissions.ManageAccess.Name))
        {
            throw new HttpProblemException(Problems.Create(403, "permission-missing", $"Permission missing",
                $"That is for the owner of the data, or needs the permission {Permissions.ManageAccess.Name}."));
        }
    }
}
