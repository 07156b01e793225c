using System.ComponentModel.DataAnnotations;

namespace Itsm.Incidents;

/// <summary>Section <c>Incidents</c>.</summary>
public sealed class IncidentSettings
{
    /// <summary>How long a resolved incident may still be reopened before it closes by itself; 1 minute to 90 days, 7 days by default.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "90.00:00:00")]
    public TimeSpan CloseAfter { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Id or key of the group that gets incidents which nobody else has; none by default, and then some may be nobody's.</summary>
    public string? DefaultGroup { get; set; }

    /// <summary>How long after its end an incident can be followed up by a new one; 1 minute to 10 years, 90 days by default.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan FollowUpWithin { get; set; } = TimeSpan.FromDays(90);
}
