using Itsm.Platform.Timers;

namespace Itsm.ServiceLevels.Subscriptions;

/// <summary>An edition of an agreement begins to hold: what is open is counted by it.</summary>
internal sealed class ApplyAgreement(Recounting recounting) : ITimerHandler
{
    public Task RunAsync(Guid id, CancellationToken ct) => recounting.BeginAsync(null, ct);
}
