using System.Globalization;
using Itsm.Contracts.Assets;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Replicas;
using Itsm.Platform.WorkingTime;
using Itsm.Requests.Domain;
using Microsoft.Extensions.Options;
using Itsm.Ticketing.Tasks;

namespace Itsm.Requests.Fulfilling;

/// <summary>What people hold, and what must come back of it when they leave.</summary>
internal sealed class Leavers(
    AggregateStore<ServiceRequest> requests, AggregateStore<AccessGrant> grants, Replica<AssetChanged> assets, People people,
    Calendars calendars, IOptions<RequestSettings> settings, TimeProvider clock)
{
    private const int Most = 10_000;

    /// <summary>A task for each thing that the leaver of an offboarding holds now and, where asked for, one for the end of their
    /// access.</summary>
    public async ValueTask<IReadOnlyList<RequestTask>> TasksAsync(ServiceRequest offboarding, bool withDeactivation, CancellationToken ct)
    {
        var leaver = await people.FindPersonAsync(offboarding.Subject!.Value, ct)
            ?? throw new InvalidOperationException($"The leaver of {offboarding.Number} is unknown.");
        var last = (await calendars.FindAsync(leaver.Calendar, ct)).EndOfWorkingDay(DateOnly.ParseExact(offboarding.AnswerTo("lastDay")!,
            "yyyy-MM-dd", CultureInfo.InvariantCulture), 0, leaver.TimeZone);
        var tasks = new List<RequestTask>();
        foreach (var document in await grants.Documents.QueryAsync(new DocumentQuery(
            [Condition.In("person", BsonMapping.Value(leaver.Id)), Condition.In("state", BsonMapping.Value(GrantState.Active))],
            "grantedAt", false, null, Most), ct))
        {
            var grant = AggregateStore<AccessGrant>.Load(document);
            tasks.Add(Task(new Holding(HoldingKind.AccessGrant, grant.Id, $"{grant.Application}, {grant.Role}"),
                $"Revoke access: {grant.Application}, {grant.Role}", await requests.FindAsync(grant.Request, ct)));
        }

        foreach (var document in await requests.Documents.QueryAsync(new DocumentQuery([Condition.In("holder",
            BsonMapping.Value(leaver.Id))], "openedAt", false, null, Most), ct))
        {
            var request = AggregateStore<ServiceRequest>.Load(document);
            tasks.Add(Task(new Holding(HoldingKind.Request, request.Id, $"{request.Title} ({request.Number})"),
                $"Take back: {request.Title} ({request.Number})", request));
        }

        foreach (var asset in await assets.QueryAsync([Condition.In("holder", BsonMapping.Value(leaver.Id))], "number", Most, ct))
        {
            // Of each time that they have it one: it may come back, and go out to them again.
            tasks.Add(Task(new Holding(HoldingKind.Asset, asset.Id, $"{asset.Name} ({asset.Number})"),
                $"Return {asset.Number}: {asset.Name}", null) with
            {
                Key = ServiceRequest.RecoverPrefix + DerivedId.From("check-out", asset.Id.ToString(),
                    asset.CheckedOutAt!.Value.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)),
            });
        }

        if (withDeactivation)
        {
            // Their date, which may be before the last day where that is no working day; a day that ends at midnight is the one before it.
            var on = last is { } moment
                ? string.Create(CultureInfo.InvariantCulture, $" on {LocalDates.Of(moment.AddTicks(-1), leaver.TimeZone):yyyy-MM-dd}")
                : "";
            tasks.Add(new RequestTask
            {
                Key = ServiceRequest.DeactivateKey, Kind = StepKind.Deactivate, Title = $"End the access of {leaver.Name}{on}",
                DueAt = last,
            });
        }

        return tasks;

        // Whoever handed it out takes it back.
        RequestTask Task(Holding holding, string title, ServiceRequest? by) => new()
        {
            Key = ServiceRequest.RecoverPrefix + holding.Id, Kind = StepKind.Recover, Title = title, Holding = holding, DueAt = last,
            AssignmentGroup = by?.AssignmentGroup ?? offboarding.AssignmentGroup,
            GroupName = by?.AssignmentGroup is null ? offboarding.GroupName : by.GroupName,
        };
    }

    /// <summary>Makes the tasks of a person's offboarding follow what they hold now.</summary>
    public async Task FollowAsync(Guid person, CancellationToken ct)
    {
        foreach (var document in await requests.Documents.QueryAsync(new DocumentQuery([Condition.In("subject", BsonMapping.Value(person))],
            "openedAt", false, null, Most), ct))
        {
            // What they hold is looked at after the request was loaded: an older look can't undo a newer one.
            var audit = OwnAct("follow-holdings");
            await requests.UpdateAsync(document.Id, audit, one => FollowAsync(one, fulfill: true, audit, ct), ct);
        }
    }

    /// <summary>The same for an offboarding about to be changed.</summary>
    /// <param name="offboarding">The request.</param>
    /// <param name="fulfill">True where it may end with that.</param>
    /// <param name="audit">Who changes it, and when.</param>
    /// <param name="ct">Ends the look.</param>
    public async ValueTask FollowAsync(ServiceRequest offboarding, bool fulfill, AuditContext audit, CancellationToken ct)
    {
        if (offboarding is { ItemKind: ItemKind.Offboarding,
            State: RequestState.InFulfillment or RequestState.OnHold or RequestState.Fulfilled })
        {
            offboarding.Recover(await TasksAsync(offboarding, withDeactivation: false, ct), fulfill, settings.Value.CloseAfter, audit);
        }
    }

    /// <summary>What somebody took back is not held any more: revokes the access, and notes the return.</summary>
    public async Task ReleaseAsync(Guid offboarding, CancellationToken ct)
    {
        if (await requests.FindAsync(offboarding, ct) is not { } request)
        {
            return;
        }

        foreach (var task in request.Tasks.Where(task =>
            task is { Kind: StepKind.Recover, State: TaskState.Done, EndedBy.Person: not null }))
        {
            var audit = OwnAct("release") with { Reason = $"{request.Number}: {task.Title}" };
            if (task.Holding!.Kind == HoldingKind.AccessGrant)
            {
                await grants.UpdateAsync(
                    task.Holding.Id, audit, grant => grant.Follow(confirmed: false, audit.Reason!, task.EndedBy!, audit), ct);
            }
            else if (task.Holding.Kind == HoldingKind.Request)
            {
                await requests.UpdateAsync(task.Holding.Id, audit, held => held.Return(audit), ct);
            }
        }
    }

    private AuditContext OwnAct(string action) => AuditContext.OfService("requests", action, clock);
}
