using System.ComponentModel.DataAnnotations;
using Itsm.Ticketing;

namespace Itsm.Requests;

/// <summary>Section <c>Requests</c>.</summary>
public sealed class RequestSettings : TicketSettings
{
    /// <summary>A fulfilled request closes by itself after 5 days by default.</summary>
    public RequestSettings() => CloseAfter = TimeSpan.FromDays(5);

    /// <summary>How long before access ends its end is announced; 1 hour to 90 days, 14 days by default.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "90.00:00:00")]
    public TimeSpan ExpiryNotice { get; set; } = TimeSpan.FromDays(14);

    /// <summary>The gateway's address as programs outside know it, for calls back; without it they get the path alone.</summary>
    public Uri? PublicAddress { get; set; }
}
