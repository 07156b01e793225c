using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Timers;
using Itsm.Platform.Values;

namespace Itsm.Assets;

/// <summary>Frees seats that were claimed for assignments that never came to be, or have ended, and ends those of people who left just as
/// they were made: who learns of the departure looks at the assignments, who looks at a new assignment looks at the person.</summary>
internal sealed class SettleSeats(AggregateStore<License> licenses, AggregateStore<LicenseAssignment> assignments, People people)
    : ITimerHandler
{
    public async Task RunAsync(Guid id, CancellationToken ct)
    {
        if (await licenses.FindAsync(id, ct) is not { } found)
        {
            return;
        }

        var until = licenses.Clock.GetUtcNow().ToMilliseconds() - License.Allowance;
        var (seen, lost) = (new HashSet<Guid>(), new HashSet<Guid>());
        foreach (var claim in found.Unsettled(until))
        {
            seen.Add(claim.Assignment);
            if (await assignments.FindAsync(claim.Assignment, ct) is not { EndedAt: null } assignment)
            {
                lost.Add(claim.Assignment);
            }
            else if (assignment.Person is { } person && await people.FindPersonAsync(person, ct) is { Active: false })
            {
                var audit = AuditContext.OfService("assets", "end", licenses.Clock);
                await assignments.UpdateAsync(assignment.Id, audit, one => one.EndWithHolder(audit), ct);
            }
        }

        await licenses.UpdateAsync(id, AuditContext.OfService("assets", "settle", licenses.Clock),
            license => license.Settle(seen, lost, until), ct);
    }
}

/// <summary>Frees the seats of an assignment that has ended; safe to run twice.</summary>
internal sealed class ReleaseSeats(
    AggregateStore<License> licenses, AggregateStore<LicenseAssignment> assignments, ILogger<ReleaseSeats> log) : ITimerHandler
{
    public async Task RunAsync(Guid id, CancellationToken ct)
    {
        if (await assignments.FindAsync(id, ct) is { EndedAt: not null } ended)
        {
            await licenses.UpdateAsync(ended.License, AuditContext.OfService("assets", "release", licenses.Clock),
                license => license.Release(id), ct);
        }
    }

    /// <summary>Does it now, where that is possible; else its timer does.</summary>
    public async Task TryAsync(Guid id)
    {
        try
        {
            await RunAsync(id, CancellationToken.None);
        }
        catch (Exception e) when (e is StoreUnavailableException or ConcurrentChangeException)
        {
            log.LogWarning("The seats of {Assignment} are freed a little later: {Reason}", id, e.Message);
        }
    }
}

/// <summary>What a person or an asset has of licenses.</summary>
internal sealed class HeldLicenses(AggregateStore<LicenseAssignment> assignments)
{
    private const int PageSize = 200;

    /// <summary>The assignments of a person that have not ended.</summary>
    public IAsyncEnumerable<LicenseAssignment> OfPersonAsync(Guid person, CancellationToken ct) => OfAsync("person", person, ct);

    /// <summary>The assignments of an asset that have not ended.</summary>
    public IAsyncEnumerable<LicenseAssignment> OfAssetAsync(Guid asset, CancellationToken ct) => OfAsync("asset", asset, ct);

    /// <summary>Changes them as the service's own act.</summary>
    public async Task ChangeAsync(
        IAsyncEnumerable<LicenseAssignment> held, string action, Action<LicenseAssignment, AuditContext> change, CancellationToken ct)
    {
        await foreach (var one in held.WithCancellation(ct))
        {
            var audit = AuditContext.OfService("assets", action, assignments.Clock);
            await assignments.UpdateAsync(one.Id, audit, assignment => change(assignment, audit), ct);
        }
    }

    private IAsyncEnumerable<LicenseAssignment> OfAsync(string field, Guid holder, CancellationToken ct) =>
        assignments.Documents.AllAsync(new DocumentQuery(
            [Condition.In(field, BsonMapping.Value(holder)), Condition.In("active", true)], "assignedAt", false, null, PageSize), ct)
            .Select(AggregateStore<LicenseAssignment>.Load);
}
