using System.ComponentModel.DataAnnotations;

namespace Itsm.Requests;

/// <summary>Section <c>Requests</c>.</summary>
public sealed class RequestSettings
{
    /// <summary>How long a fulfilled request may still be reopened before it closes by itself; 1 minute to 90 days, 5 days by default.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "90.00:00:00")]
    public TimeSpan CloseAfter { get; set; } = TimeSpan.FromDays(5);

    /// <summary>Id or key of the group that gets requests which nobody else has; none by default, and then some may be nobody's.</summary>
    public string? DefaultGroup { get; set; }

    /// <summary>How long before access ends its end is announced; 1 hour to 90 days, 14 days by default.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "90.00:00:00")]
    public TimeSpan ExpiryNotice { get; set; } = TimeSpan.FromDays(14);

    /// <summary>The gateway's address as programs outside know it, for calls back; without it they get the path alone.</summary>
    public Uri? PublicAddress { get; set; }
}
