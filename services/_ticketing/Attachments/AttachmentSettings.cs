using System.ComponentModel.DataAnnotations;

namespace Itsm.Ticketing.Attachments;

/// <summary>Section <c>Attachments</c>: the same for all services.</summary>
public sealed class AttachmentSettings
{
    /// <summary>Bytes of a file at most; 100 MiB by default, 1 byte to 10 GiB. What the gateway does not take at once comes in
    /// parts.</summary>
    [Range(1, 10L * 1024 * 1024 * 1024)]
    public long MostBytes { get; set; } = 100 * 1024 * 1024;

    /// <summary>Files on one thing at most; 100 by default, 1 to 1,000.</summary>
    [Range(1, 1_000)]
    public int MostFiles { get; set; } = 100;

    /// <summary>Media types, by content, that are not taken; programs by default.</summary>
    public IReadOnlyList<string>? Refused { get; set; }

    /// <summary>Where ClamAV's daemon takes content: <c>tcp://host:3310</c>; null, and nothing is scanned, by default. Its
    /// <c>StreamMaxLength</c> is no less than <see cref="MostBytes"/>.</summary>
    [RegularExpression("^tcp://[^/:]+:[0-9]{1,5}$", ErrorMessage = "Attachments:Scanner is no address such as tcp://clamav:3310.")]
    public string? Scanner { get; set; }

    /// <summary>How long ClamAV may take for a file; 1 minute by default, 1 s to 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan ScanPatience { get; set; } = TimeSpan.FromMinutes(1);

    // The binder would add to a default.
    internal bool Refuses(string mediaType) =>
        (Refused ?? [MediaTypes.WindowsProgram, MediaTypes.LinuxProgram, MediaTypes.MacProgram]).Contains(mediaType);
}
