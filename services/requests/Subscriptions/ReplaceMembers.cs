using Itsm.Contracts.Directory;
using Itsm.Platform.Access;
using Itsm.Platform.Messaging;
using Itsm.Platform.Replicas;
using Itsm.Requests.Approving;

namespace Itsm.Requests.Subscriptions;

/// <summary>What waits for those who have left the group as one of which they were asked, or whose group is retired, waits for them no
/// more. Safe to run twice, and late: it looks at the group as it is now.</summary>
internal sealed class ReplaceMembers(Replica<GroupChanged> groups, AbsentApprovers absent) : IHandle<GroupChanged>
{
    public async Task HandleAsync(GroupChanged message, CancellationToken ct)
    {
        await groups.HandleAsync(message, ct);
        await absent.ReplaceAllAsync("memberOf", ReaderToken.Group(message.Id), ct);
    }
}
