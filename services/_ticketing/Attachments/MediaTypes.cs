using System.Text;
using System.Text.RegularExpressions;

namespace Itsm.Ticketing.Attachments;

/// <summary>Tells what a file is by how it begins. Its name counts only among kinds of plain text, none of which a browser runs.</summary>
public static partial class MediaTypes
{
    /// <summary>A program for Windows.</summary>
    public const string WindowsProgram = "application/vnd.microsoft.portable-executable";

    /// <summary>A program for Linux.</summary>
    public const string LinuxProgram = "application/x-executable";

    /// <summary>A program for macOS.</summary>
    public const string MacProgram = "application/x-mach-binary";

    /// <summary>Bytes of a file's beginning that are looked at.</summary>
    internal const int HeadSize = 8 * 1024;

    private const int ShortSignature = 3;
    private const string Unknown = "application/octet-stream";
    private const string Zip = "application/zip";
    private const string PlainText = "text/plain";

    // A null stands for any byte.
    private static readonly (string Type, byte?[] Begins)[] Signatures =
    [
        ("image/png", Bytes("89504E470D0A1A0A")), ("image/jpeg", Bytes("FFD8FF")), ("image/gif", Ascii("GIF8")),
        ("image/webp", Ascii("RIFF????WEBP")), ("image/bmp", Ascii("BM????\0\0\0\0")), ("image/tiff", Bytes("49492A00")),
        ("image/tiff", Bytes("4D4D002A")), ("image/vnd.microsoft.icon", Bytes("00000100")), ("image/avif", Ascii("????ftypavif")),
        ("image/heic", Ascii("????ftyphei")), ("image/heic", Ascii("????ftypmif1")), ("video/quicktime", Ascii("????ftypqt")),
        ("audio/mp4", Ascii("????ftypM4A")), ("video/mp4", Ascii("????ftyp")), ("video/webm", Bytes("1A45DFA3")),
        ("video/x-msvideo", Ascii("RIFF????AVI ")), ("audio/wav", Ascii("RIFF????WAVE")), ("audio/ogg", Ascii("OggS")),
        ("audio/mpeg", Ascii("ID3")), ("audio/mpeg", Bytes("FFFB")), ("audio/flac", Ascii("fLaC")), ("application/pdf", Ascii("%PDF-")),
        (Zip, Bytes("504B0304")), (Zip, Bytes("504B0506")), ("application/gzip", Bytes("1F8B")),
        ("application/x-7z-compressed", Bytes("377ABCAF271C")), ("application/vnd.rar", Ascii("Rar!\u001a\u0007")),
        ("application/x-bzip2", Ascii("BZh")), ("application/x-xz", Bytes("FD377A585A00")), ("application/zstd", Bytes("28B52FFD")),
        ("application/x-ole-storage", Bytes("D0CF11E0A1B11AE1")), ("application/vnd.sqlite3", Ascii("SQLite format 3\0")),
        (WindowsProgram, Ascii("MZ")), (LinuxProgram, Bytes("7F454C46")), (MacProgram, Bytes("CFFAEDFE")), (MacProgram, Bytes("CAFEBABE")),
        ("application/rtf", Ascii("{\\rtf")), ("application/postscript", Ascii("%!PS")),
    ];

    // The names of the first entries of an archive stand in its beginning.
    private static readonly (string Type, byte[] Has)[] Archives =
    [
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "word/"u8.ToArray()),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xl/"u8.ToArray()),
        ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "ppt/"u8.ToArray()),
        ("application/vnd.oasis.opendocument.text", "mimetypeapplication/vnd.oasis.opendocument.text"u8.ToArray()),
        ("application/vnd.oasis.opendocument.spreadsheet", "mimetypeapplication/vnd.oasis.opendocument.spreadsheet"u8.ToArray()),
        ("application/vnd.oasis.opendocument.presentation", "mimetypeapplication/vnd.oasis.opendocument.presentation"u8.ToArray()),
        ("application/java-archive", "META-INF/"u8.ToArray()),
    ];

    private static readonly Dictionary<string, string> Texts = new(StringComparer.OrdinalIgnoreCase)
    {
        [".csv"] = "text/csv", [".json"] = "application/json", [".md"] = "text/markdown", [".ics"] = "text/calendar",
        [".eml"] = "message/rfc822", [".yaml"] = "application/yaml", [".yml"] = "application/yaml",
    };

    /// <summary>The media type of a file.</summary>
    /// <param name="head">How it begins: all of it, or its first 8 KiB.</param>
    /// <param name="fileName">What it is called.</param>
    public static string Of(ReadOnlySpan<byte> head, string fileName)
    {
        foreach (var (type, begins) in Signatures)
        {
            // A text may begin with two or three letters of these, too.
            if (Matches(head, begins) && (begins.Length > ShortSignature || TextOf(head) is null))
            {
                return type == Zip ? OfArchive(head) : type;
            }
        }

        return TextOf(head) is not { } text ? Unknown
            : Markup().Match(text) is { Success: true } found ? found.Groups["svg"].Success ? "image/svg+xml"
                : found.Groups["xml"].Success ? "application/xml" : "text/html"
            : Texts.GetValueOrDefault(Path.GetExtension(fileName), PlainText);
    }

    private static string OfArchive(ReadOnlySpan<byte> head)
    {
        foreach (var (type, has) in Archives)
        {
            if (head.IndexOf(has) >= 0)
            {
                return type;
            }
        }

        return Zip;
    }

    /// <summary>Null where it is no text.</summary>
    private static string? TextOf(ReadOnlySpan<byte> head)
    {
        if (head is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
        {
            return (head[0] == 0xFF ? Encoding.Unicode : Encoding.BigEndianUnicode).GetString(head);
        }

        // The beginning may end within a character.
        var whole = Encoding.UTF8.GetString(head).TrimEnd('\uFFFD');
        return whole.Contains('\uFFFD') || whole.Any(one => char.IsControl(one) && one is not ('\t' or '\r' or '\n' or '\f' or '\u001b'))
            ? null
            : whole;
    }

    private static bool Matches(ReadOnlySpan<byte> head, byte?[] begins)
    {
        if (head.Length < begins.Length)
        {
            return false;
        }

        for (var at = 0; at < begins.Length; at++)
        {
            if (begins[at] is { } must && head[at] != must)
            {
                return false;
            }
        }

        return true;
    }

    private static byte?[] Bytes(string hex) => [.. Convert.FromHexString(hex).Select(one => (byte?)one)];

    private static byte?[] Ascii(string text) => [.. text.Select(one => one == '?' ? (byte?)null : (byte)one)];

    // What browsers take for markup, wherever in the beginning it stands.
    [GeneratedRegex(
        @"(?<svg><svg[\s>])|<(!doctype\s+html|html|head|body|script|iframe|style|table|img|a|div|h1|br|p|title|b)[\s>/]|^\s*(?<xml><\?xml)",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Markup();
}
