using Itsm.Platform.Http;

namespace Itsm.Assets.UseCases;

/// <summary>The instant of which a read of the past is.</summary>
internal static class AsOf
{
    public static readonly QueryParameter<DateTimeOffset> Optional =
        new("at", QueryValue.Instant, "As of this instant; now where left out.");

    public static DateTimeOffset? Of(HttpRequest request) => Optional.TryRead(request, out var at) ? at : null;
}
