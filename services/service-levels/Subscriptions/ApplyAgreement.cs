using Itsm.Platform.Timers;

namespace Itsm.ServiceLevels.Subscriptions;

/// <summary>An edition of an agreement begins to hold: what is open is counted by it.</summary>
internal sealed class ApplyAgreement(CountClocks clocks) : ITimerHandler
{
    public Task RunAsync(Guid id, CancellationToken ct) => clocks.RunAllAsync(null, ct);
}
