using Itsm.Platform.Timers;

namespace Itsm.ServiceLevels.Subscriptions;

/// <summary>The instant of a warning, a breach or a step has come.</summary>
internal sealed class TellNext(CountClocks clocks) : ITimerHandler
{
    public Task RunAsync(Guid id, CancellationToken ct) => clocks.RunAsync(id, null, ct);
}
