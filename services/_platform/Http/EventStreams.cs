using System.Globalization;

namespace Itsm.Platform.Http;

/// <summary>What those say to its clients that write or pass on a stream of server-sent events.</summary>
public static class EventStreams
{
    /// <summary>After so many milliseconds a client comes back that lost its stream.</summary>
    public const int ReconnectMilliseconds = 2_000;

    /// <summary>The last lines of a stream that its node ends, to be written between two events: its client comes back after 2 to 4 s, each
    /// at another moment, since all at once would be too many for the node that takes them.</summary>
    public static string ComeBack() => string.Create(CultureInfo.InvariantCulture,
        $"retry: {Random.Shared.Next(ReconnectMilliseconds, 2 * ReconnectMilliseconds)}\n\n");
}
