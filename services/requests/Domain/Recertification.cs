using System.Text.Json;
using Itsm.Contracts.Requests;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;

namespace Itsm.Requests.Domain;

/// <summary>A campaign in which owners confirm or revoke the access that people have; what is not answered by its end follows its policy.
/// What is asked of them are <see cref="AccessReview"/>s.</summary>
public sealed class Recertification : Aggregate
{
    /// <summary>Ends it.</summary>
    internal const string EndTimer = "end";

    /// <summary>Reminds the owners.</summary>
    internal const string NoticeTimer = "notice";

    /// <summary>What is still being prepared, or ended, after this is begun again.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Name shown to people.</summary>
    public required string Name { get; init; }

    /// <summary>Only grants to this application; null for all.</summary>
    public string? Application { get; init; }

    /// <summary>Only grants of this sensitivity; null for all.</summary>
    public Sensitivity? Sensitivity { get; init; }

    /// <summary>What becomes of grants that nobody answers for.</summary>
    public SilencePolicy OnSilence { get; init; }

    /// <summary>Where it stands.</summary>
    public RecertificationState State { get; private set; }

    /// <summary>How much access it asks about; null while it is prepared.</summary>
    public int? Grants { get; private set; }

    /// <summary>When it began: it asks about what was active then.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>Until when owners may answer.</summary>
    public DateTimeOffset EndsAt { get; init; }

    /// <summary>When its owners were reminded of its end.</summary>
    public DateTimeOffset? NoticedAt { get; private set; }

    /// <summary>When it ended; null while it has not.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<Recertification> Definition { get; } = new("recertifications", null,
        new IndexDefinition("readers", "startedAt"), new("readers", "endsAt"));

    /// <summary>A new campaign, about to be prepared.</summary>
    internal static Recertification Start(string name, string? application, Sensitivity? sensitivity, SilencePolicy onSilence,
        DateTimeOffset endsAt, TimeSpan notice, AuditContext audit)
    {
        var campaign = new Recertification
        {
            Id = Guid.CreateVersion7(audit.At), Name = name, Application = application, Sensitivity = sensitivity, OnSilence = onSilence,
            StartedAt = audit.At, EndsAt = endsAt,
            Readers = [ReaderToken.Role(KnownRoles.Administrator), ReaderToken.Role(KnownRoles.SecurityAnalyst)],
        };
        campaign.SetTimer(NoticeTimer, new[] { endsAt - notice, audit.At + ((endsAt - audit.At) / 2) }.Max());
        campaign.SetTimer(EndTimer, audit.At + Patience);
        return campaign;
    }

    /// <summary>All owners are asked.</summary>
    internal void Open(int grants, IEnumerable<Guid> owners)
    {
        if (State == RecertificationState.Preparing)
        {
            (State, Grants, Readers) = (RecertificationState.Open, grants,
                [.. Readers.Concat(owners.Select(ReaderToken.Person)).Distinct()]);
            SetTimer(EndTimer, EndsAt);
        }
    }

    /// <summary>Its end is announced.</summary>
    internal void Notice(AuditContext audit) => NoticedAt = State == RecertificationState.Open && NoticedAt is null ? audit.At : NoticedAt;

    /// <summary>Its time has come: what nobody answered for is about to follow the policy. What was not prepared or ended yet is said
    /// again.</summary>
    internal void EndWhenDue(AuditContext audit)
    {
        if (State == RecertificationState.Open && EndsAt <= audit.At)
        {
            State = RecertificationState.Ending;
        }

        if (State is RecertificationState.Preparing or RecertificationState.Ending)
        {
            SetTimer(EndTimer, audit.At + Patience);
        }
    }

    /// <summary>Nothing is left to be answered.</summary>
    internal void End(AuditContext audit)
    {
        if (State == RecertificationState.Ending)
        {
            (State, EndedAt) = (RecertificationState.Ended, audit.At);
            CancelTimer(EndTimer);
        }
    }

    /// <inheritdoc/>
    protected override void OnSaving(AuditContext audit, IReadOnlyList<string> changed) => Raise(new RecertificationChanged
    {
        Id = Id, Version = Version, Name = Name, State = JsonNamingPolicy.CamelCase.ConvertName(State.ToString()), EndsAt = EndsAt,
        NoticedAt = NoticedAt, Changed = changed, At = audit.At, Readers = Readers,
    });
}

/// <summary>Where a campaign stands.</summary>
public enum RecertificationState
{
    /// <summary>What it asks about is looked up.</summary>
    Preparing,

    /// <summary>Owners answer.</summary>
    Open,

    /// <summary>What nobody answered for follows its policy.</summary>
    Ending,

    /// <summary>It is over.</summary>
    Ended,
}

/// <summary>What becomes of grants that nobody answers for.</summary>
public enum SilencePolicy
{
    /// <summary>They end.</summary>
    Revoke,

    /// <summary>They stay.</summary>
    Keep,
}
