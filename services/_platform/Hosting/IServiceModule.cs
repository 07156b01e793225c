using Microsoft.AspNetCore.Routing;

namespace Itsm.Platform.Hosting;

/// <summary>One service: its stores, subscriptions and routes. Hosted alone, or together with others in one process; it can't tell
/// which.</summary>
public interface IServiceModule
{
    /// <summary>The plural word that folder, routes, queues and database share: <c>incidents</c>.</summary>
    string Name { get; }

    /// <summary>What it answers below <c>/api/v1</c>: the gateway forwards these paths, and all below them, to it.</summary>
    IReadOnlyList<string> Paths { get; }

    /// <summary>Those of its paths that programs without a token of a person may call: what they bring along is checked by the
    /// service.</summary>
    IReadOnlyList<string> OpenPaths => [];

    /// <summary>Those of its paths that a <c>GET</c> may read with the query parameter <c>ticket</c> instead of a token: the service checks
    /// it.</summary>
    IReadOnlyList<string> TicketPaths => [];

    /// <summary>Its stores, subscriptions, timers and permissions.</summary>
    void AddServices(ServiceBuilder service);

    /// <summary>Its routes, below <c>/api/v1</c>.</summary>
    void MapEndpoints(IEndpointRouteBuilder api);
}
