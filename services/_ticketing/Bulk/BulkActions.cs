using Itsm.Platform.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Itsm.Ticketing.Bulk;

/// <summary>The actions that can be done to many: those of single reads that have a route with a JSON body, or none.</summary>
internal sealed class BulkActions(EndpointDataSource endpoints)
{
    // Those whose path is no word for them.
    private static readonly Dictionary<string, string> Words = new()
    {
        [""] = "update", ["comments"] = "comment", ["links"] = "link", ["tasks"] = "add-task",
    };

    /// <summary>The method and the last part of the path of each action on things of this plural.</summary>
    public IReadOnlyDictionary<string, (string Method, string Path)> Of(string plural)
    {
        var prefix = $"/api/v1/{plural}/{{id}}";
        return endpoints.Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText?.StartsWith(prefix, StringComparison.Ordinal) == true && !endpoint.StreamsBody)
            .SelectMany(endpoint => (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [])
                .Select(method => (Method: method, Path: endpoint.RoutePattern.RawText![prefix.Length..].Trim('/'))))
            .Where(route => route.Path.Length == 0 ? route.Method == HttpMethods.Patch
                : route.Method == HttpMethods.Post && !route.Path.AsSpan().ContainsAny('/', '{'))
            .ToDictionary(route => Words.GetValueOrDefault(route.Path, route.Path));
    }
}
