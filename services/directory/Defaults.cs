using Itsm.Directory.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Hosting;
using Itsm.Platform.Values;

namespace Itsm.Directory;

/// <summary>What the directory must have before its first caller: the known roles, and the first administrator where the setting
/// <c>Directory:FirstAdministrator</c> (a user name) asks for one.</summary>
internal sealed class Defaults(
    AggregateStore<Role> roles, AggregateStore<Person> people, IConfiguration configuration, TimeProvider clock, ILogger<Defaults> log)
    : Preparation(clock, log)
{
    protected override async Task PrepareAsync(CancellationToken ct)
    {
        var audit = new AuditContext { By = new(null, "directory"), Action = "create", At = Clock.GetUtcNow().ToMilliseconds() };
        foreach (var (key, name) in Role.Known)
        {
            await roles.AddMissingAsync(Role.Create(key, name, []), audit, ct);
        }

        if (configuration["Directory:FirstAdministrator"] is { Length: > 0 } administrator)
        {
            var userName = UserNames.Normalize(administrator);
            await people.AddMissingAsync(Person.Create(DerivedId.From("person", userName), userName, administrator, null, null, null,
                [KnownRoles.Administrator, KnownRoles.Requester]), audit, ct);
        }
    }
}
