using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Itsm.Gateway;

/// <summary>Which service answers which paths: one entry a service.</summary>
internal static class Routes
{
    private static readonly (string Service, string[] Paths)[] Services =
    [
        ("directory", ["people", "groups", "roles", "sites", "calendars"]),
        ("incidents", ["incidents", "categories", "priority-matrix"]),
        ("notifications", ["stream", "operations"]),
        ("requests", ["requests", "catalog", "approvals", "request-tasks", "request-callbacks", "access-grants", "recertifications"]),
        ("search", ["search", "incidents/{id}/similar", "operations/unowned"]),
        ("service-levels", ["service-levels"]),
    ];

    /// <summary>Open to programs that have no token of a person: what they bring along is checked by the service.</summary>
    private static readonly string[] Anonymous = ["request-callbacks"];

    public static IEnumerable<string> ServiceNames => Services.Select(service => service.Service);

    public static RouteConfig[] All(ServiceAddresses addresses) =>
    [
        .. Services.SelectMany(service => service.Paths.Append($"operations/audit-anchor/{service.Service}").Select(path => new RouteConfig
        {
            RouteId = path, ClusterId = addresses.Of(service.Service).Authority, AuthorizationPolicy = Anonymous.Contains(path) ? "anonymous" : "default", Match = new RouteMatch { Path = $"/api/v1/{path}/{{**rest}}" },
        })),
    ];

    public static ClusterConfig[] Clusters(ServiceAddresses addresses) =>
    [
        .. addresses.Distinct.Select(address => new ClusterConfig
        {
            ClusterId = address.Authority, Destinations = new Dictionary<string, DestinationConfig> { ["service"] = new() { Address = address.ToString() } },
            HttpClient = new HttpClientConfig { RequestHeaderEncoding = "utf-8" },
            HttpRequest = new ForwarderRequestConfig { ActivityTimeout = addresses.Timeout },
        }),
    ];
}

/// <summary>Where the services are: <c>Services:incidents</c>, else <c>Services:default</c>.</summary>
internal sealed class ServiceAddresses(IConfiguration configuration)
{
    public TimeSpan Timeout { get; } = configuration.GetSection("Limits").Get<LimitSettings>()?.Request ?? new LimitSettings().Request;

    public IReadOnlyList<Uri> Distinct => [.. Routes.ServiceNames.Select(Of).Distinct()];

    /// <exception cref="InvalidOperationException">The service has no address.</exception>
    public Uri Of(string service) => new(
        configuration[$"Services:{service}"] ?? configuration["Services:default"]
        ?? throw new InvalidOperationException($"Services:{service} is missing: the address of the {service} service, such as http://{service}:8080."));
}
