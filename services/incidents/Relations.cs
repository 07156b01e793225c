using Itsm.Contracts;
using Itsm.Incidents.Domain;
using Itsm.Incidents.UseCases;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Platform.Timers;
using Itsm.Platform.Values;
using Itsm.Ticketing;

namespace Itsm.Incidents;

/// <summary>Relates one incident to another. Rules look at both, but a save writes one: so both are reserved first, by a write of their own
/// that keeps them from being related elsewhere, ended or restricted meanwhile; then the one that follows is changed. Of relations that
/// exclude each other exactly one is made, since the end with the lower id waits and the other gives way.</summary>
internal sealed class Relations(AggregateStore<Incident> incidents, TimeProvider clock, ILogger<Relations> log) : ITimerHandler
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Changes an incident to one that is related to another.</summary>
    /// <param name="write">The request.</param>
    /// <param name="id">Of the one that follows, or is merged.</param>
    /// <param name="action">The use case in the words of its route.</param>
    /// <param name="reason">Why; null where the caller gave no reason.</param>
    /// <param name="other">The one that goes on, as the request names it, and where.</param>
    /// <param name="rule">Beginning of the codes of refusals: <c>incident.merge</c>.</param>
    /// <param name="relate">Makes the relation.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<IResult> RelateAsync(
        Write write, string id, string action, string? reason, (string Pointer, string Name) other, string rule,
        Action<Incident, Incident, AuditContext> relate, CancellationToken ct)
    {
        var reservation = Guid.CreateVersion7(clock.GetUtcNow());
        Incident? source = null;
        Incident? target = null;
        try
        {
            return await write.ChangeAsync(incidents, id, action, reason,
                async (incident, audit) => relate(incident, (await incidents.FindAsync(target!.Id, ct))!, audit), ct,
                prepare: async incident =>
            {
                target = await incidents.RequireIncidentAsync(other.Name, write.Caller, other.Pointer, ct);
                target.RequireWorker(write.Caller, Permissions.OfTickets.Work);
                incident.RequireFit(target, rule);
                await incidents.RequireNoChildrenAsync(incident, rule + "-has-children", ct);
                source = incident;
                await ReserveAsync(source, target.Id, reservation, rule, write.Caller.Actor, ct);
            });
        }
        finally
        {
            if (source is not null && target is not null)
            {
                await ReleaseAsync(source.Id, target.Id, reservation);
            }
        }
    }

    /// <summary>What was reserved a while ago is so no more: whoever reserved it has died.</summary>
    public async Task RunAsync(Guid id, CancellationToken ct)
    {
        if (await incidents.FindAsync(id, ct) is not { } incident)
        {
            return;
        }

        var (now, audit) = (clock.GetUtcNow(), AuditContext.OfService("incidents", "release", clock));
        foreach (var one in incident.ReservedBy.Where(one => one.At + Incident.ReservedFor <= now))
        {
            // The end that follows is released first: from then on the relation can't be made.
            await incidents.UpdateAsync(one.Incident, audit, source => source.Release(one.Id), ct);
            await incidents.UpdateAsync(id, audit, target => target.Release(one.Id), ct);
        }

        if (incident.Reserved is { } reserved && reserved.At + Incident.ReservedFor <= now)
        {
            await incidents.UpdateAsync(id, audit, source => source.Release(reserved.Id), ct);
        }
    }

    private async Task ReserveAsync(Incident source, Guid target, Guid id, string rule, Actor by, CancellationToken ct)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                await WhilePendingAsync(started,
                    () =>
                        incidents.UpdateAsync(source.Id, Reserving(by),
                            found => found.Reserve(target, id, clock.GetUtcNow().ToMilliseconds()), ct), ct);
                await incidents.RequireNoChildrenAsync(source, rule + "-has-children", ct);
                Task ReserveTargetAsync() =>
                    incidents.UpdateAsync(target, Reserving(by),
                        found => found.ReserveFor(source, id, rule, clock.GetUtcNow().ToMilliseconds()), ct);
                await (source.Id.CompareTo(target) < 0 ? WhilePendingAsync(started, ReserveTargetAsync, ct) : ReserveTargetAsync());
                return;
            }
            catch (RuleViolationException e) when (e.Code == Incident.Pending && clock.GetElapsedTime(started) < Patience)
            {
                await ReleaseAsync(source.Id, target, id);
                await Task.Delay(Pause, clock, ct);
            }
        }
    }

    private async Task WhilePendingAsync(long started, Func<Task> reserve, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                await reserve();
                return;
            }
            catch (RuleViolationException e) when (e.Code == Incident.Pending && clock.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(Pause, clock, ct);
            }
        }
    }

    /// <summary>The end that follows first. What can't be released now is when its timer comes due.</summary>
    private async Task ReleaseAsync(Guid source, Guid target, Guid id)
    {
        try
        {
            var audit = AuditContext.OfService("incidents", "release", clock);
            await incidents.UpdateAsync(source, audit, incident => incident.Release(id), CancellationToken.None);
            await incidents.UpdateAsync(target, audit, incident => incident.Release(id), CancellationToken.None);
        }
        catch (Exception e) when (e is StoreUnavailableException or ConcurrentChangeException)
        {
            log.LogWarning("{Source} and {Target} stay reserved for a minute: {Reason}", source, target, e.Message);
        }
    }

    private AuditContext Reserving(Actor by) => new() { By = by, Action = "reserve", At = clock.GetUtcNow().ToMilliseconds() };
}
