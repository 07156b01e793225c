using System.Globalization;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;

namespace Itsm.Assets.Domain;

/// <summary>A time in which a service did not work, worked badly, or is worked on: as found, or as a person has recorded it.</summary>
public sealed class Outage : Aggregate
{
    /// <summary>Has its service and readers and, after that, all services looked at.</summary>
    internal const string CheckTimer = "check";

    /// <summary>Has its service and readers looked at.</summary>
    internal const string ShowTimer = "show";

    /// <summary>It begins.</summary>
    internal const string BeginTimer = "begin";

    /// <summary>It ends.</summary>
    internal const string EndTimer = "end";

    private static readonly DateTimeOffset Never = new(9999, 12, 31, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Number shown to people; works as an id.</summary>
    public required string Number { get; init; }

    /// <summary>Id of the service's item.</summary>
    public Guid Service { get; private set; }

    /// <summary>How bad it is.</summary>
    public OutageKind Kind { get; private set; }

    /// <summary>What it is, in words for those who use the service; null where nobody has written any.</summary>
    public string? Title { get; private set; }

    /// <summary>When it begins.</summary>
    public DateTimeOffset BeginsAt { get; private set; }

    /// <summary>When it ends; null while that is open.</summary>
    public DateTimeOffset? EndsAt { get; private set; }

    /// <summary>When it is over, far away while that is open: what is not over is found by it.</summary>
    [Hidden, Unaudited]
    public DateTimeOffset Until { get; private set; } = Never;

    /// <summary>Where those who read histories read what changed on the service and near to it in the day before it began.</summary>
    [Unaudited]
    public string? ChangesAround { get; private set; }

    /// <summary>Who says so.</summary>
    public OutageSource Source { get; init; }

    /// <summary>Number of the incident that began it; not all may see that who see the outage.</summary>
    [Hidden, Unaudited]
    public string? Incident { get; init; }

    /// <summary>True where it does not count for the availability.</summary>
    public bool NotCounted { get; private set; }

    /// <summary>Why it does not count.</summary>
    public string? NotCountedReason { get; private set; }

    /// <summary>When it was called off; null where it was not.</summary>
    public DateTimeOffset? CanceledAt { get; private set; }

    /// <summary>When it was recorded.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<Outage> Definition { get; } = new("outages", "number",
        new("readers", "beginsAt"), new("kind", "beginsAt"), new("service", "beginsAt") { Serves = "outages of a service" },
        new("until") { Serves = "outages that are not over" });

    /// <summary>One that a person records.</summary>
    /// <exception cref="InvalidValueException">Parts of it don't go together.</exception>
    internal static Outage Record(string number, ConfigurationItem service, OutageContent content, AuditContext audit)
    {
        var outage = new Outage
        {
            Id = Guid.CreateVersion7(audit.At), Number = number, Service = service.Id, Source = OutageSource.Person, CreatedAt = audit.At,
            Readers = service.Readers,
        };
        outage.Describe(content, audit);
        return outage;
    }

    /// <summary>One that was found.</summary>
    internal static Outage Of(FoundOutage found, string number, ConfigurationItem service, AuditContext audit)
    {
        var outage = new Outage
        {
            Id = found.Id, Number = number, Service = service.Id, Source = OutageSource.Tickets, Incident = found.Incident,
            CreatedAt = audit.At, Readers = service.Readers, Kind = found.Kind, BeginsAt = found.BeginsAt,
        };
        outage.SetTimer(CheckTimer, audit.At);
        return outage;
    }

    /// <summary>What people say of it, as it is now.</summary>
    internal OutageContent Content => new()
    {
        Kind = Kind, Title = Title, BeginsAt = BeginsAt, EndsAt = EndsAt, NotCounted = NotCounted, NotCountedReason = NotCountedReason,
    };

    /// <summary>Changes what people say of it.</summary>
    /// <exception cref="InvalidValueException">Parts of it don't go together.</exception>
    /// <exception cref="RuleViolationException"><c>outage.canceled</c>.</exception>
    internal void Describe(OutageContent content, AuditContext audit)
    {
        RequireNotCanceled();
        content.Require();
        (Kind, Title, BeginsAt) = (content.Kind, content.Title, content.BeginsAt);
        (NotCounted, NotCountedReason) = (content.NotCounted, content.NotCountedReason);
        EndAt(content.EndsAt);
        SetTimers(audit.At);
    }

    /// <summary>It is over now.</summary>
    /// <exception cref="RuleViolationException"><c>outage.canceled</c>, <c>outage.not-begun</c> or <c>outage.ended</c>.</exception>
    internal void End(AuditContext audit)
    {
        RequireNotCanceled();
        if (BeginsAt >= audit.At)
        {
            throw new RuleViolationException("outage.not-begun", $"{Number} has not begun yet: it can be canceled.");
        }

        if (EndsAt <= audit.At)
        {
            throw new RuleViolationException("outage.ended", $"{Number} is over already.");
        }

        EndAt(audit.At);
        SetTimers(audit.At);
    }

    /// <summary>What was to come does not come.</summary>
    /// <exception cref="RuleViolationException"><c>outage.canceled</c> or <c>outage.begun</c>.</exception>
    internal void Cancel(AuditContext audit)
    {
        RequireNotCanceled();
        if (BeginsAt < audit.At)
        {
            throw new RuleViolationException("outage.begun", $"{Number} has begun already: it can be ended, or not be counted.");
        }

        (CanceledAt, Until) = (audit.At, audit.At);
        SetTimers(audit.At);
    }

    /// <summary>What made it is over; an end that a person has set stays.</summary>
    internal void EndAsFound(DateTimeOffset at)
    {
        if (EndsAt is null && CanceledAt is null)
        {
            EndAt(at > BeginsAt ? at : BeginsAt.AddMilliseconds(1));
        }
    }

    /// <summary>True where it is an outage of this service, and shown to all who see that.</summary>
    internal bool Follows(ConfigurationItem service) => Service == service.Id && Readers.SequenceEqual(service.Readers);

    /// <summary>It is an outage of this service, and its readers are those of the service.</summary>
    internal void Follow(ConfigurationItem service, AuditContext audit)
    {
        if (Service != service.Id)
        {
            Service = service.Id;
            SetTimer(CheckTimer, audit.At);
        }

        if (!Readers.SequenceEqual(service.Readers))
        {
            Readers = service.Readers;

            // Readers alone are no change; and they may have changed again.
            SetTimer(ShowTimer, audit.At);
        }
    }

    /// <inheritdoc/>
    protected override void OnSaving(AuditContext audit, IReadOnlyList<string> changed)
    {
        var at = BeginsAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        ChangesAround = $"/api/v1/configuration-items/{Service}/changes-around?at={Uri.EscapeDataString(at)}&hours=24";
    }

    /// <inheritdoc/>
    protected override IEnumerable<ActionState> Actions(Caller caller) =>
    [
        new("update", Permissions.ManageOutages.Name, WhyCanceled), new("end", Permissions.ManageOutages.Name, WhyCanceled),
        new("cancel", Permissions.ManageOutages.Name, WhyCanceled),
    ];

    private Sentence? WhyCanceled => CanceledAt is null ? null : (Sentence)$"{Number} is canceled.";

    private void RequireNotCanceled()
    {
        if (WhyCanceled is { } why)
        {
            throw new RuleViolationException("outage.canceled", why);
        }
    }

    private void EndAt(DateTimeOffset? at) => (EndsAt, Until) = (at, at ?? Never);

    private void SetTimers(DateTimeOffset now)
    {
        SetTimer(CheckTimer, now);
        SetOrCancel(BeginTimer, CanceledAt is null && BeginsAt > now ? BeginsAt : null);
        SetOrCancel(EndTimer, CanceledAt is null && EndsAt > now ? EndsAt : null);
    }

    private void SetOrCancel(string timer, DateTimeOffset? due)
    {
        if (due is { } at)
        {
            SetTimer(timer, at);
        }
        else
        {
            CancelTimer(timer);
        }
    }
}

/// <summary>What people say of an outage.</summary>
internal sealed record OutageContent
{
    public const int LongestDays = 2 * 366;

    public OutageKind Kind { get; init; }

    public string? Title { get; init; }

    public DateTimeOffset BeginsAt { get; init; }

    public DateTimeOffset? EndsAt { get; init; }

    public bool NotCounted { get; init; }

    public string? NotCountedReason { get; init; }

    /// <exception cref="InvalidValueException">Parts of it don't go together.</exception>
    public void Require()
    {
        if (EndsAt is { } end)
        {
            if (end <= BeginsAt)
            {
                throw new InvalidValueException("/endsAt", FieldCode.Conflicting,
                    $"endsAt can't be {end:yyyy-MM-ddTHH:mm:ssZ}: an outage ends after it begins.");
            }

            if ((end - BeginsAt).TotalDays > LongestDays)
            {
                throw new InvalidValueException("/endsAt", FieldCode.OutOfRange,
                    $"endsAt can't be {end:yyyy-MM-ddTHH:mm:ssZ}: an outage lasts two years at most.");
            }
        }

        if (NotCounted != (NotCountedReason is not null))
        {
            throw new InvalidValueException("/notCountedReason", FieldCode.Conflicting,
                $"notCountedReason goes with notCounted, and is required then.");
        }
    }
}

/// <summary>How bad an outage is; the later, the milder.</summary>
public enum OutageKind
{
    /// <summary>The service does not work.</summary>
    Outage,

    /// <summary>It works badly.</summary>
    Degradation,

    /// <summary>It is worked on.</summary>
    Maintenance,
}

/// <summary>Where an outage comes from.</summary>
public enum OutageSource
{
    /// <summary>It follows from tickets, from maintenance of items, or from an outage of another service.</summary>
    Tickets,

    /// <summary>A person has recorded it.</summary>
    Person,
}
