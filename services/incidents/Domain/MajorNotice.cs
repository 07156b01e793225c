using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;

namespace Itsm.Incidents.Domain;

/// <summary>What employees read of a major incident, so that they need not report it once more: words for them, and nothing else of
/// it.</summary>
public sealed class MajorNotice : Record
{
    /// <summary>Number of the incident.</summary>
    public required string Number { get; init; }

    /// <summary>What is wrong, and what to do meanwhile.</summary>
    public required string Text { get; init; }

    /// <summary>Reference to the affected service; null where it has none.</summary>
    public string? AffectedService { get; init; }

    /// <summary>Keys of the sites whose people it concerns; empty for all.</summary>
    [AtMost(100)]
    public IReadOnlyList<string> Sites { get; init; } = [];

    /// <summary>When the incident was opened.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>When the text was last written.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When service was restored; null while it is not.</summary>
    public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>How it is stored.</summary>
    public static ProjectionDefinition<MajorNotice> Definition { get; } = new("major-notices", new("readers", "since"),
        new("affectedService", "since"))
    {
        Noun = "major incident",
    };

    /// <summary>The notice of an incident that has one.</summary>
    internal static MajorNotice Of(Incident incident, EmployeeNotice notice) => new()
    {
        Id = incident.Id, Version = incident.Version, Number = incident.Number, Text = notice.Text,
        AffectedService = incident.AffectedService, Sites = notice.Sites, Since = incident.OpenedAt, UpdatedAt = notice.At,
        ResolvedAt = incident.ResolvedAt,
        Readers = [ReaderToken.Role(KnownRoles.Agent), .. notice.Sites.Count == 0 ? [ReaderToken.Everyone]
            : notice.Sites.Select(ReaderToken.Site)],
    };
}
