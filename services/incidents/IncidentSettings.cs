using System.ComponentModel.DataAnnotations;

namespace Itsm.Incidents;

/// <summary>Section <c>Incidents</c>.</summary>
public sealed class IncidentSettings
{
    /// <summary>How long a resolved incident may still be reopened before it closes by itself; 1 minute to 90 days, 7 days by default.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "90.00:00:00")]
    public TimeSpan CloseAfter { get; set; } = TimeSpan.FromDays(7);
}
