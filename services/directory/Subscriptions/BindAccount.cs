using Itsm.Contracts.Directory;
using Itsm.Directory.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Messaging;

namespace Itsm.Directory.Subscriptions;

/// <summary>Binds an account of the identity provider to the person as whom it signed in first. Safe to run twice, and late: who has an
/// account keeps it.</summary>
internal sealed class BindAccount(AggregateStore<Person> people, ILogger<BindAccount> log) : IHandle<PersonSignedIn>
{
    public async Task HandleAsync(PersonSignedIn message, CancellationToken ct)
    {
        var audit = new AuditContext { By = new(null, "directory"), Action = "bind-account", Reason = "First sign-in.", At = message.At };
        try
        {
            await people.UpdateAsync(message.Person, audit, person =>
            {
                if (person is { Active: true, Account: null } && person.UserName == message.UserName)
                {
                    person.Bind(message.Account);
                }
            }, ct);
        }
        catch (DuplicateKeyException e) when (e.What == "account")
        {
            log.LogWarning("The account {Subject} of {Issuer} signed in as {UserName}, but is bound to another person.",
                message.Account.Subject, message.Account.Issuer, message.UserName);
        }
    }
}
