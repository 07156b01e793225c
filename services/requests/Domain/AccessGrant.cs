using Itsm.Contracts;
using Itsm.Contracts.Requests;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Values;

namespace Itsm.Requests.Domain;

/// <summary>Somebody's access to an application: who gave it, by whose approval, until when.</summary>
public sealed class AccessGrant : Aggregate
{
    /// <summary>Tells the owner and the person that it will end.</summary>
    internal const string NoticeTimer = "notice";

    /// <summary>Ends it.</summary>
    internal const string ExpiryTimer = "expiry";

    /// <summary>Who has it.</summary>
    public Guid Person { get; private init; }

    /// <summary>To which application.</summary>
    public string Application { get; private init; } = "";

    /// <summary>In which role.</summary>
    public string Role { get; private init; } = "";

    /// <summary>How much harm wrong hands could do.</summary>
    public Sensitivity Sensitivity { get; private init; }

    /// <summary>Who owns the data, and confirms it from time to time.</summary>
    public Guid? Owner { get; private set; }

    /// <summary>The catalog item that gave it.</summary>
    public Guid Item { get; private init; }

    /// <summary>The request by which it was asked for.</summary>
    public Guid Request { get; private init; }

    /// <summary>That request's number.</summary>
    public string RequestNumber { get; private init; } = "";

    /// <summary>Who approved it.</summary>
    [UnusedByActions]
    [AtMost(2_000)]
    public IReadOnlyList<Actor> ApprovedBy { get; private init; } = [];

    /// <summary>Where it stands.</summary>
    public GrantState State { get; private set; }

    /// <summary>When it was given.</summary>
    public DateTimeOffset GrantedAt { get; private init; }

    /// <summary>When it ends by itself; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; private init; }

    /// <summary>When its end was announced.</summary>
    public DateTimeOffset? NoticedAt { get; private set; }

    /// <summary>When its owner last confirmed it.</summary>
    public DateTimeOffset? ConfirmedAt { get; private set; }

    /// <summary>Who confirmed it then.</summary>
    [UnusedByActions]
    public Actor? ConfirmedBy { get; private set; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>Who ended it; null where its time ran out.</summary>
    [UnusedByActions]
    public Actor? EndedBy { get; private set; }

    /// <summary>Why it ended.</summary>
    [UnusedByActions]
    public string? EndReason { get; private set; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<AccessGrant> Definition { get; } = new("access-grants", null,
        new IndexDefinition("readers", "grantedAt"), new("readers", "expiresAt"), new("application", "grantedAt"),
        new("owner", "grantedAt"), new("sensitivity", "grantedAt"), new("request", "grantedAt"), new("request") { Serves = "replays" },
        new("person", "state", "grantedAt"), new("state", "grantedAt"), new("state", "application", "grantedAt"))
    {
        Noun = "access grant",
    };

    /// <summary>The access that a fulfilled request gives.</summary>
    internal static AccessGrant Of(
        ServiceRequest request, AccessRule access, string role, Guid? owner, DateTimeOffset? expiresAt, TimeSpan notice, AuditContext audit)
    {
        var grant = new AccessGrant
        {
            Id = IdOf(request.Id), Person = request.Requester, Application = access.Application, Role = role,
            Sensitivity = access.Sensitivity, Owner = owner, Item = request.Item, Request = request.Id, RequestNumber = request.Number,
            GrantedAt = audit.At, ExpiresAt = expiresAt,
            ApprovedBy = [.. request.Approval!.Approvals
                .Where(one => one.Round == request.Approval.Round && one.State == Contracts.Ticketing.ApprovalState.Approved)
                .Select(one => one.By!)],
        };
        grant.PassTo(owner);
        if (expiresAt is { } end)
        {
            grant.SetTimer(NoticeTimer, end - notice);
            grant.SetTimer(ExpiryTimer, end);
        }

        return grant;
    }

    /// <summary>Somebody owns the data from now on.</summary>
    internal void PassTo(Guid? owner)
    {
        Owner = owner;
        Readers =
        [
            ReaderToken.Person(Person), ReaderToken.Role(KnownRoles.Agent), ReaderToken.Role(KnownRoles.Administrator),
            ReaderToken.Role(KnownRoles.SecurityAnalyst),
            .. owner is { } known ? new[] { ReaderToken.Person(known) } : [],
        ];
    }

    /// <summary>What is active: all, of an application, of a sensitivity.</summary>
    internal static IReadOnlyList<Condition> ActiveIn(string? application, Sensitivity? sensitivity) =>
    [
        Condition.In("state", BsonMapping.Value(GrantState.Active)),
        .. application is null ? new List<Condition>() : [Condition.In("application", application)],
        .. sensitivity is null ? new List<Condition>() : [Condition.In("sensitivity", BsonMapping.Value(sensitivity))],
    ];

    /// <summary>A request gives access once.</summary>
    internal static Guid IdOf(Guid request) => DerivedId.From("access-grant", request.ToString());

    /// <summary>Its end is announced.</summary>
    internal void Notice(AuditContext audit) => NoticedAt = State == GrantState.Active && NoticedAt is null ? audit.At : NoticedAt;

    /// <summary>Its time has run out.</summary>
    internal void Expire(AuditContext audit)
    {
        if (State == GrantState.Active && ExpiresAt <= audit.At)
        {
            End(GrantState.Expired, null, "Its time has run out.", audit);
        }
    }

    /// <summary>Its owner says that it is still needed.</summary>
    /// <exception cref="RuleViolationException"><c>access-grant.own</c>, <c>access-grant.ended</c>.</exception>
    internal void Confirm(AuditContext audit)
    {
        RequireActive();
        if (audit.By.Person == Person)
        {
            throw new RuleViolationException("access-grant.own", $"Nobody confirms their own access.");
        }

        (ConfirmedAt, ConfirmedBy) = (audit.At, audit.By);
    }

    /// <summary>Does what its owner, or their silence, decided; one that has ended stays as it ended.</summary>
    internal void Follow(bool confirmed, string reason, Actor by, AuditContext audit)
    {
        if (State != GrantState.Active)
        {
            return;
        }

        if (confirmed)
        {
            Confirm(audit);
        }
        else
        {
            Revoke(reason, by, audit);
        }
    }

    /// <summary>Ends it.</summary>
    internal void Revoke(string reason, Actor by, AuditContext audit)
    {
        RequireActive();
        End(GrantState.Revoked, by, reason, audit);
    }

    /// <summary>The message of this version.</summary>
    public AccessGrantChanged Snapshot() => new()
    {
        Id = Id, Version = Version, Person = Person, Application = Application, Role = Role, State = State.ToString().ToLowerInvariant(),
        GrantedAt = GrantedAt, ExpiresAt = ExpiresAt, EndedAt = EndedAt, Owner = Owner,
        Sensitivity = System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(Sensitivity.ToString()), Request = Request,
        NoticedAt = NoticedAt, Readers = Readers,
    };

    /// <inheritdoc/>
    protected override void OnSaving(AuditContext audit, IReadOnlyList<string> changed) => Raise(Snapshot() with { Changed = changed });

    /// <inheritdoc/>
    protected override IEnumerable<ActionState> Actions(Caller caller)
    {
        var closed = State != GrantState.Active ? $"It is {State}."
            : Owner == caller.Person || caller.May(Permissions.ManageAccess.Name) ? null : (Sentence)$"That is for the owner of the data.";
        return [new("confirm", Permissions.ReadAccess.Name,
            closed ?? (caller.Person == Person ? (Sentence)$"Nobody confirms their own access." : null)),
            new("revoke", Permissions.ReadAccess.Name, closed)];
    }

    private void End(GrantState state, Actor? by, string reason, AuditContext audit)
    {
        (State, EndedAt, EndedBy, EndReason) = (state, audit.At, by, reason);
        CancelTimer(NoticeTimer);
        CancelTimer(ExpiryTimer);
    }

    private void RequireActive()
    {
        if (State != GrantState.Active)
        {
            throw new RuleViolationException("access-grant.ended", $"This access to {Application} has ended: {EndReason}");
        }
    }
}

/// <summary>Where an access grant stands.</summary>
public enum GrantState
{
    /// <summary>The person has access.</summary>
    Active,

    /// <summary>Its time ran out.</summary>
    Expired,

    /// <summary>Somebody ended it.</summary>
    Revoked,
}
