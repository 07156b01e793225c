using Itsm.Assets.Domain;
using Itsm.Contracts.Directory;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Messaging;
using Itsm.Platform.Timers;

namespace Itsm.Assets.Subscriptions;

/// <summary>Takes back what people have of licenses who are deactivated.</summary>
internal sealed class EndLicensesOfLeavers(HeldLicenses held, People people) : IHandle<PersonChanged>
{
    public async Task HandleAsync(PersonChanged message, CancellationToken ct)
    {
        var newest = await people.FindPersonAsync(message.Id, ct) is { } known && known.Version > message.Version ? known : message;
        if (!newest.Active)
        {
            await held.ChangeAsync(held.OfPersonAsync(message.Id, ct), "end", (one, audit) => one.EndWithHolder(audit), ct);
        }
    }
}

/// <summary>Takes back what a retired asset has of licenses; what it has installed counts no more.</summary>
internal sealed class EndLicensesOfAsset(HeldLicenses held, AggregateStore<DeviceSoftware> devices) : ITimerHandler
{
    public async Task RunAsync(Guid id, CancellationToken ct)
    {
        await held.ChangeAsync(held.OfAssetAsync(id, ct), "end", (one, audit) => one.EndWithHolder(audit), ct);
        await devices.UpdateAsync(id, AuditContext.OfService("assets", "withdraw", devices.Clock), device => device.Withdraw(), ct);
    }
}
