using Itsm.Contracts.Requests;
using Itsm.Directory.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Messaging;

namespace Itsm.Directory.Subscriptions;

/// <summary>Takes all access from a leaver. Safe to run twice, and late: an activation since it was asked for stays.</summary>
internal sealed class DeactivatePerson(AggregateStore<Person> people) : IHandle<PersonDeactivationRequested>
{
    public Task HandleAsync(PersonDeactivationRequested message, CancellationToken ct)
    {
        var audit = new AuditContext { By = message.By, Action = "deactivate", Reason = message.Reason, At = message.At };
        return people.UpdateAsync(message.Person, audit, person =>
        {
            if (person.Active && !(person.ActivatedAt > message.At))
            {
                person.SetActive(false, message.At);
            }
        }, ct);
    }
}
