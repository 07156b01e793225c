using System.Globalization;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Itsm.Platform.Http;

/// <summary>Strong entity tags: the version and, of a read, whatever else what is sent depends on.</summary>
internal static class ETag
{
    /// <param name="version">Of the thing.</param>
    /// <param name="annex">Stands for its annex; null where it has none.</param>
    /// <param name="caller">Stands for the caller; null where all get the same.</param>
    public static string Of(long version, string? annex = null, string? caller = null) =>
        $"\"{version}{(annex is null ? "" : "." + annex)}{(caller is null ? "" : "-" + caller)}\"";

    /// <summary>The version in a tag; null where it is not one of ours.</summary>
    public static long? Version(string tag) =>
        tag.Length > 2
            && tag[0] == '"'
            && tag.IndexOf('"', 1) == tag.Length - 1
            && tag.AsSpan(1).IndexOfAny(".-\"") is var end
            && long.TryParse(tag.AsSpan(1, end), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : null;

    /// <summary>True where <c>If-None-Match</c> names the tag, compared weakly as RFC 9110 asks, or any.</summary>
    public static bool IsAmong(StringValues ifNoneMatch, string tag) =>
        ifNoneMatch.Count > 0
            && EntityTagHeaderValue.TryParseList(ifNoneMatch, out var tags)
            && tags.Any(one => one.Equals(EntityTagHeaderValue.Any) || one.Tag == tag);
}
