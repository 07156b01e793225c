using System.ComponentModel.DataAnnotations;
using Itsm.Ticketing;

namespace Itsm.Incidents;

/// <summary>Section <c>Incidents</c>.</summary>
public sealed class IncidentSettings : TicketSettings
{
    /// <summary>A resolved incident closes by itself after 7 days by default.</summary>
    public IncidentSettings() => CloseAfter = TimeSpan.FromDays(7);

    /// <summary>How long after its end an incident can be followed up by a new one; 1 minute to 10 years, 90 days by default.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan FollowUpWithin { get; set; } = TimeSpan.FromDays(90);
}
