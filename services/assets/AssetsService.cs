using Itsm.Platform.Hosting;

namespace Itsm.Assets;

/// <summary>Assets and configuration: what there is, who answers for it, and what depends on it. This file is the table of
/// contents.</summary>
public sealed class AssetsService : IServiceModule
{
    /// <inheritdoc/>
    public string Name => "assets";

    /// <inheritdoc/>
    public IReadOnlyList<string> Paths => ["assets", "configuration-items", "configuration-classes", "relation-types"];

    /// <inheritdoc/>
    public void AddServices(ServiceBuilder service)
    {
    }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder api)
    {
    }
}
