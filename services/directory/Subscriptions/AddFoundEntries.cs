using System.Text.RegularExpressions;
using Itsm.Contracts;
using Itsm.Contracts.Directory;
using Itsm.Directory.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Messaging;
using Itsm.Platform.Values;
using Group = Itsm.Directory.Domain.Group;

namespace Itsm.Directory.Subscriptions;

/// <summary>Adds people and groups that an import met. Safe to run twice: their ids come with the message.</summary>
internal sealed partial class AddFoundEntries(AggregateStore<Person> people, AggregateStore<Group> groups, TimeProvider clock)
    : IHandle<DirectoryEntriesFound>
{
    public async Task HandleAsync(DirectoryEntriesFound message, CancellationToken ct)
    {
        var audit = new AuditContext
        {
            By = new Actor(null, "directory"), Action = "create", Reason = $"Met by an import from {message.Source}.",
            At = clock.GetUtcNow().ToMilliseconds(),
        };
        foreach (var person in message.People)
        {
            await people.AddMissingAsync(Person.Found(person, Slug($"{message.Source} {person.Name}"), message.Source), audit, ct);
        }

        foreach (var group in message.Groups)
        {
            await groups.AddMissingAsync(Group.Found(group, Slug($"{message.Source} {group.Name}"), message.Source), audit, ct);
        }
    }

    private static string Slug(string text) => NotWord().Replace(text.ToLowerInvariant(), "-").Trim('-');

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotWord();
}
