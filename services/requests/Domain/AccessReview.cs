using Itsm.Contracts;
using Itsm.Contracts.Requests;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;

namespace Itsm.Requests.Domain;

/// <summary>Somebody's access in a recertification campaign: whether it is still needed, and who said so. A document of its own, so that
/// owners do not wait for each other.</summary>
public sealed class AccessReview : Aggregate
{
    /// <summary>The campaign.</summary>
    public Guid Campaign { get; private init; }

    /// <summary>Its name.</summary>
    public string CampaignName { get; private init; } = "";

    /// <summary>The access grant.</summary>
    public Guid Grant { get; private init; }

    /// <summary>Who has it.</summary>
    public Guid Person { get; private init; }

    /// <summary>To which application.</summary>
    public string Application { get; private init; } = "";

    /// <summary>In which role.</summary>
    public string Role { get; private init; } = "";

    /// <summary>When it was given.</summary>
    public DateTimeOffset GrantedAt { get; private init; }

    /// <summary>Who answers for it; null: those who manage access.</summary>
    public Guid? Owner { get; private init; }

    /// <summary>When the campaign began: what was done to the grant since is an answer.</summary>
    public DateTimeOffset StartedAt { get; private init; }

    /// <summary>When it was asked.</summary>
    public DateTimeOffset AskedAt { get; private init; }

    /// <summary>Until when it can be answered.</summary>
    public DateTimeOffset EndsAt { get; private init; }

    /// <summary>What was answered; null while nothing was.</summary>
    public ReviewAnswer? Answer { get; private set; }

    /// <summary>Who answered.</summary>
    public Actor? By { get; private set; }

    /// <summary>When.</summary>
    public DateTimeOffset? AnsweredAt { get; private set; }

    /// <summary>Why.</summary>
    public string? Comment { get; private set; }

    /// <summary>The access grant while nothing was answered.</summary>
    [Hidden, Unaudited]
    public Guid? Waiting { get; private set; }

    private const string OfCampaign = "grants of a campaign";

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<AccessReview> Definition { get; } = new("access-reviews", null,
        new IndexDefinition("campaign", "grantedAt") { Serves = OfCampaign },
        new("campaign", "answer", "grantedAt") { Serves = OfCampaign },
        new("campaign", "person", "grantedAt") { Serves = OfCampaign }, new("campaign", "owner", "grantedAt") { Serves = OfCampaign },
        new("waiting", "grantedAt") { Sparse = true, Serves = "revocations under way" })
    {
        Noun = "access grant of this campaign",
    };

    /// <summary>A campaign asks about a grant once.</summary>
    internal static Guid IdOf(Guid campaign, Guid grant) => DerivedId.From("access-review", campaign.ToString(), grant.ToString());

    /// <summary>Asks about a grant.</summary>
    internal static AccessReview Of(Recertification campaign, AccessGrant grant, Guid? owner, AuditContext audit) => new()
    {
        Id = IdOf(campaign.Id, grant.Id), Campaign = campaign.Id, CampaignName = campaign.Name, Grant = grant.Id, Waiting = grant.Id,
        Person = grant.Person, Application = grant.Application, Role = grant.Role, GrantedAt = grant.GrantedAt, Owner = owner,
        StartedAt = campaign.StartedAt, AskedAt = audit.At, EndsAt = campaign.EndsAt,
        Readers = [ReaderToken.Role(KnownRoles.Administrator), ReaderToken.Role(KnownRoles.SecurityAnalyst),
            .. owner is { } known ? new[] { ReaderToken.Person(known) } : []],
    };

    /// <summary>The owner confirms that it is still needed, or revokes it. Final.</summary>
    /// <exception cref="RuleViolationException"><c>recertification.ended</c>, <c>recertification.answered</c>,
    /// <c>access-grant.own</c>.</exception>
    internal void Decide(bool confirm, string? comment, AuditContext audit)
    {
        if (Answer is not null)
        {
            throw new RuleViolationException("recertification.answered", $"This access was answered for already; an answer is final.");
        }

        if (EndsAt <= audit.At)
        {
            throw new RuleViolationException("recertification.ended", $"{CampaignName} has ended.");
        }

        if (confirm && audit.By.Person == Person)
        {
            throw new RuleViolationException("access-grant.own", $"Nobody confirms their own access.");
        }

        Take(confirm ? ReviewAnswer.Confirmed : ReviewAnswer.Revoked, audit.By, audit.At, comment);
        Say(confirm, comment is null ? CampaignName : $"{CampaignName}: {comment}", audit);
    }

    /// <summary>The grant was confirmed, or ended, outside of the campaign: that is an answer too.</summary>
    internal void Follow(AccessGrant grant)
    {
        if (Answer is not null)
        {
            return;
        }

        if (grant.State != GrantState.Active)
        {
            Take(ReviewAnswer.Revoked, grant.EndedBy, grant.EndedAt!.Value, grant.EndReason);
        }
        else if (grant.ConfirmedAt >= StartedAt)
        {
            Take(ReviewAnswer.Confirmed, grant.ConfirmedBy, grant.ConfirmedAt.Value, null);
        }
    }

    /// <summary>Nobody answered. What was asked too late to be answered stays.</summary>
    internal void EndInSilence(SilencePolicy policy, AuditContext audit)
    {
        if (Answer is not null)
        {
            return;
        }

        policy = AskedAt < EndsAt ? policy : SilencePolicy.Keep;
        Take(policy == SilencePolicy.Revoke ? ReviewAnswer.RevokedBySilence : ReviewAnswer.KeptBySilence, null, audit.At, null);
        if (policy == SilencePolicy.Revoke)
        {
            Say(false, $"{CampaignName}: nobody confirmed it in time.", audit);
        }
    }

    private void Take(ReviewAnswer answer, Actor? by, DateTimeOffset at, string? comment) =>
        (Answer, By, AnsweredAt, Comment, Waiting) = (answer, by, at, comment, null);

    private void Say(bool confirmed, string reason, AuditContext audit) =>
        Raise(new AccessReviewed { Grant = Grant, Confirmed = confirmed, Reason = reason, By = audit.By, At = audit.At });
}

/// <summary>What came of a grant in a campaign.</summary>
public enum ReviewAnswer
{
    /// <summary>Still needed.</summary>
    Confirmed,

    /// <summary>Not needed any more.</summary>
    Revoked,

    /// <summary>Nobody answered; it ends.</summary>
    RevokedBySilence,

    /// <summary>Nobody answered; it stays.</summary>
    KeptBySilence,
}
