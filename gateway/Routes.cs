using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Itsm.Gateway;

/// <summary>Which service answers which paths, as <c>Routes:</c> says.</summary>
internal static class Routes
{
    public static RouteConfig[] All(ServiceAddresses addresses) =>
    [
        .. addresses.Services.SelectMany(service =>
            service.Paths.Append($"operations/audit-anchor/{service.Name}").Select(path => new RouteConfig
        {
            RouteId = path, ClusterId = addresses.Of(service.Name).Authority,
            AuthorizationPolicy = service.OpenPaths.Contains(path) ? "anonymous" : "default",
            Match = new RouteMatch { Path = $"/api/v1/{path}/{{**rest}}" },
        })),

        // More specific than the route of the same path: it is taken where all of this is so.
        .. addresses.Services.SelectMany(service => service.TicketPaths.Select(path => new RouteConfig
        {
            RouteId = $"{path}-by-ticket", ClusterId = addresses.Of(service.Name).Authority, AuthorizationPolicy = "anonymous",
            Match = new RouteMatch
            {
                Path = $"/api/v1/{path}", Methods = [HttpMethods.Get],
                QueryParameters = [new() { Name = "ticket", Mode = QueryParameterMatchMode.Exists }],
                Headers = [new() { Name = HeaderNames.Authorization, Mode = HeaderMatchMode.NotExists }],
            },
        })),
        .. addresses.Distinct is [var only] ? SharedAnswers.Patterns.Select(pattern => Shared(only, pattern)) : [],
    ];

    /// <summary>Of what one process answers whole.</summary>
    private static RouteConfig Shared(Uri address, string pattern) => new()
    {
        RouteId = pattern, ClusterId = address.Authority, AuthorizationPolicy = "default",
        Match = new RouteMatch { Path = pattern },
    };

    public static ClusterConfig[] Clusters(ServiceAddresses addresses) =>
    [
        .. addresses.Distinct.Select(address => new ClusterConfig
        {
            ClusterId = address.Authority,
            Destinations = new Dictionary<string, DestinationConfig> { ["service"] = new() { Address = address.ToString() } },
            HttpClient = new HttpClientConfig { RequestHeaderEncoding = "utf-8" },
            HttpRequest = new ForwarderRequestConfig { ActivityTimeout = addresses.Timeout },
        }),
    ];
}

/// <summary>The services, and where they are: <c>Services:incidents</c>, else <c>Services:default</c>.</summary>
internal sealed class ServiceAddresses
{
    private readonly IConfiguration _configuration;

    /// <exception cref="InvalidOperationException">No service has routes.</exception>
    public ServiceAddresses(IConfiguration configuration)
    {
        _configuration = configuration;
        Timeout = configuration.GetSection("Limits").Get<LimitSettings>()?.Request ?? new LimitSettings().Request;
        Services = [.. configuration.GetSection("Routes").GetChildren()
            .Select(service => new Routed(service.Key, Words(service["Paths"]), Words(service["Open"]), Words(service["ByTicket"])))];
        if (Services.Count == 0)
        {
            throw new InvalidOperationException("Routes is missing: which service answers which paths, such as Routes:incidents:Paths = "
                + "incidents,categories,priority-matrix.");
        }

        if (Services.FirstOrDefault(service => service.Paths.Count == 0
            || service.OpenPaths.Concat(service.TicketPaths).Except(service.Paths).Any()) is { } wrong)
        {
            throw new InvalidOperationException(
                $"Routes:{wrong.Name}:Paths is missing, or Routes:{wrong.Name}:Open or :ByTicket names what is not in it.");
        }

        static string[] Words(string? text) =>
            text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
    }

    public TimeSpan Timeout { get; }

    public IReadOnlyList<Routed> Services { get; }

    public IReadOnlyList<Uri> Distinct => [.. Services.Select(service => Of(service.Name)).Distinct()];

    /// <summary>Names of the services at an address.</summary>
    public IEnumerable<string> At(Uri address) => Services.Select(service => service.Name).Where(name => Of(name) == address);

    /// <exception cref="InvalidOperationException">The service has no address.</exception>
    public Uri Of(string service) => new(
        _configuration[$"Services:{service}"] ?? _configuration["Services:default"]
        ?? throw new InvalidOperationException($"Services:{service} is missing: the address of the {service} service, such as "
            + $"http://{service}:8080."));

    /// <summary>A service.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Paths">What it answers, below <c>/api/v1</c>.</param>
    /// <param name="OpenPaths">Those of them that are open to programs that have no token of a person.</param>
    /// <param name="TicketPaths">Those of them that a GET may read with the query parameter ticket instead of a token.</param>
    internal sealed record Routed(
        string Name, IReadOnlyList<string> Paths, IReadOnlyList<string> OpenPaths, IReadOnlyList<string> TicketPaths);
}
