using Itsm.Platform.Hosting;

namespace Itsm.Assets;

/// <summary>Services that were there before it was kept how they are.</summary>
internal sealed class ServiceDefaults(ServiceStatuses statuses, TimeProvider clock, ILogger<ServiceDefaults> log) : Preparation(clock, log)
{
    protected override Task PrepareAsync(CancellationToken ct) => statuses.AddMissingAsync(ct);
}
