using Itsm.Platform.Aggregates;

namespace Itsm.Incidents.Domain;

/// <summary>Two incidents while they are being related: each says so in its own document, so that no rule about both can be broken in
/// between.</summary>
public sealed partial class Incident
{
    /// <summary>Lets go of what somebody who died left reserved.</summary>
    internal const string SettleTimer = "settle-relations";

    /// <summary>How long something stays reserved when nobody goes on.</summary>
    internal static readonly TimeSpan ReservedFor = TimeSpan.FromMinutes(1);

    /// <summary>The incident to which this one is being related just now; null for none.</summary>
    [Hidden, Unaudited, UnusedByActions]
    public Reservation? Reserved { get; private set; }

    /// <summary>Those that are being related to this one just now.</summary>
    [Hidden, Unaudited, UnusedByActions]
    [AtMost(1_000)]
    public IReadOnlyList<Reservation> ReservedBy { get; private set; } = [];

    internal const string Pending = "incident.relation-pending";

    /// <summary>Reserves this one as the end that follows, or is merged.</summary>
    /// <exception cref="RuleViolationException"><c>incident.relation-pending</c> while it takes part in another relation that is being
    /// made.</exception>
    public void Reserve(Guid target, Guid id, DateTimeOffset now)
    {
        RequireNotEnded("relate");
        RequireSettled();
        Reserved = new(target, id, now);
        SetTimer(SettleTimer, now + ReservedFor);
    }

    /// <summary>Reserves this one as the end that goes on.</summary>
    /// <exception cref="RuleViolationException"><c>incident.relation-pending</c> while it is being related to a third one.</exception>
    public void ReserveFor(Incident source, Guid id, string rule, DateTimeOffset now)
    {
        source.RequireFit(this, rule);
        if (Reserved is not null)
        {
            throw IsPending();
        }

        ReservedBy = [.. ReservedBy.Where(one => one.Incident != source.Id), new(source.Id, id, now)];
        SetTimer(SettleTimer, now + ReservedFor);
    }

    /// <summary>Takes back what was reserved under this id, at either end.</summary>
    public void Release(Guid id)
    {
        if (Reserved?.Id != id && ReservedBy.All(one => one.Id != id))
        {
            return;
        }

        Reserved = Reserved?.Id == id ? null : Reserved;
        ReservedBy = [.. ReservedBy.Where(one => one.Id != id)];
        if (Reserved is null && ReservedBy.Count == 0)
        {
            CancelTimer(SettleTimer);
        }
        else
        {
            SetTimer(SettleTimer, ReservedBy.Append(Reserved).OfType<Reservation>().Max(one => one.At) + ReservedFor);
        }
    }

    /// <summary>The relation that was reserved is made: that ends the reservation here.</summary>
    private void Redeem(Incident target, string rule)
    {
        RequireFit(target, rule);
        if (Reserved is not { } reserved || reserved.Incident != target.Id || target.ReservedBy.All(one => one.Id != reserved.Id))
        {
            throw IsPending();
        }

        Release(reserved.Id);
    }

    /// <exception cref="RuleViolationException"><c>incident.relation-pending</c> while a relation is being made that rests on what is to
    /// change.</exception>
    private void RequireSettled()
    {
        if (Reserved is not null || ReservedBy.Count > 0)
        {
            throw IsPending();
        }
    }

    private RuleViolationException IsPending() => new(Pending, $"{Number} is being related to another incident just now; try again.");
}

/// <summary>An incident that takes part in a relation that is being made.</summary>
/// <param name="Incident">Its id.</param>
/// <param name="Id">The same at both ends, and of one request alone.</param>
/// <param name="At">Since when.</param>
public sealed record Reservation(Guid Incident, Guid Id, DateTimeOffset At);
