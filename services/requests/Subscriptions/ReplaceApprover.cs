using Itsm.Contracts.Directory;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;
using Itsm.Platform.Replicas;
using Itsm.Requests.Approving;

namespace Itsm.Requests.Subscriptions;

/// <summary>What waits for somebody who is deactivated, or has lost the role for which they were asked, waits for them no more. Safe to run
/// twice, and late: it looks at the person as they are now.</summary>
internal sealed class ReplaceApprover(Replica<PersonChanged> people, AbsentApprovers absent) : IHandle<PersonChanged>
{
    public async Task HandleAsync(PersonChanged message, CancellationToken ct)
    {
        await people.HandleAsync(message, ct);
        await absent.ReplaceAllAsync("approver", BsonMapping.Value(message.Id), ct);
    }
}
