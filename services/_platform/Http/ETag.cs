using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Itsm.Platform.Http;

/// <summary>Strong entity tags: the version and, of a read, whatever else what is sent depends on.</summary>
internal static class ETag
{
    /// <param name="version">Of the thing.</param>
    /// <param name="annex">Stands for its annex; null where it has none.</param>
    /// <param name="caller">Stands for the caller; null where all get the same.</param>
    /// <param name="expanded">What ids in it stand for; null where that is not sent.</param>
    /// <param name="language">In which sentences in it are written; null where there are none, or in English.</param>
    public static string Of(long version, string? annex = null, string? caller = null, byte[]? expanded = null, string? language = null) =>
        $"\"{version}{(annex is null ? "" : "." + annex)}{(expanded is null ? "" : "." + Digest(expanded))}"
        + $"{(language is null ? "" : "." + language)}{(caller is null ? "" : "-" + caller)}\"";

    /// <summary>The version in a tag; null where it is not one of ours.</summary>
    public static long? Version(string tag) =>
        tag.Length > 2
            && tag[0] == '"'
            && tag.IndexOf('"', 1) == tag.Length - 1
            && tag.AsSpan(1).IndexOfAny(".-\"") is var end
            && long.TryParse(tag.AsSpan(1, end), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : null;

    private static string Digest(byte[] sent) => Convert.ToHexStringLower(SHA256.HashData(sent).AsSpan(0, 8));

    /// <summary>True where <c>If-None-Match</c> names the tag, compared weakly as RFC 9110 asks, or any.</summary>
    public static bool IsAmong(StringValues ifNoneMatch, string tag) =>
        ifNoneMatch.Count > 0
            && EntityTagHeaderValue.TryParseList(ifNoneMatch, out var tags)
            && tags.Any(one => one.Equals(EntityTagHeaderValue.Any) || one.Tag == tag);
}
