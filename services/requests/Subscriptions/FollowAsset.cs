using Itsm.Contracts.Assets;
using Itsm.Platform.Messaging;
using Itsm.Platform.Replicas;
using Itsm.Requests.Fulfilling;

namespace Itsm.Requests.Subscriptions;

/// <summary>Somebody got an asset, or has it no more: the tasks of their offboarding follow what they hold now. Safe to run twice, in any
/// order: the copy knows this version or a newer one before it is looked at.</summary>
internal sealed class FollowAsset(Replica<AssetChanged> assets, Leavers leavers) : IHandle<AssetChanged>
{
    public async Task HandleAsync(AssetChanged message, CancellationToken ct)
    {
        await assets.HandleAsync(message, ct);
        foreach (var person in new[] { message.LastHolder, message.Holder }.OfType<Guid>().Distinct())
        {
            await leavers.FollowAsync(person, ct);
        }
    }
}
