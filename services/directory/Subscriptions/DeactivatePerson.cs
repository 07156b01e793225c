using Itsm.Contracts.Requests;
using Itsm.Directory.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Messaging;

namespace Itsm.Directory.Subscriptions;

/// <summary>Takes all access from a leaver. Safe to run twice: the person remembers what asked for it, so that an activation since then stays.</summary>
internal sealed class DeactivatePerson(AggregateStore<Person> people) : IHandle<PersonDeactivationRequested>
{
    public Task HandleAsync(PersonDeactivationRequested message, CancellationToken ct)
    {
        var act = new Act { By = message.By, Action = "deactivate", Reason = message.Reason, At = message.At, Cause = new Cause($"deactivation:{message.Person}", message.At.ToUnixTimeMilliseconds()) };
        return people.UpdateAsync(message.Person, act, person =>
        {
            if (person.Active)
            {
                person.SetActive(false);
            }
        }, ct);
    }
}
