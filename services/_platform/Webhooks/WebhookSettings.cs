using System.ComponentModel.DataAnnotations;

namespace Itsm.Platform.Webhooks;

/// <summary>Section <c>Webhooks</c>.</summary>
public sealed class WebhookSettings
{
    /// <summary>How long an answer may take; 10 s by default, 1 to 20 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:00:20")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Keys for signing, by the name under which they are used; each 24 to 64 bytes in Base64, with or without <c>whsec_</c>
    /// before it.</summary>
    public IReadOnlyDictionary<string, string> Secrets { get; set; } = new Dictionary<string, string>();

    /// <summary>Receivers inside the organisation's own network, by host name as in a webhook's address: the only ones that are reached
    /// without TLS, or at an address that is not public. The value says where they really are: <c>http://10.1.2.3:8080</c>.</summary>
    public IReadOnlyDictionary<string, Uri> InternalHosts { get; set; } = new Dictionary<string, Uri>();
}
