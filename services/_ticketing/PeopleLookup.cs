using Itsm.Contracts.Directory;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;

namespace Itsm.Ticketing;

/// <summary>People and groups as requests name them: by id, user name or key.</summary>
public static class PeopleLookup
{
    private const int HighestManager = 10;

    extension(People people)
    {
        /// <summary>The active person that a request names.</summary>
        /// <exception cref="InvalidValueException">Unknown or deactivated.</exception>
        public async ValueTask<PersonChanged> RequirePersonAsync(string idOrUserName, string pointer, CancellationToken ct) =>
            await people.FindPersonAsync(idOrUserName, ct) switch
            {
                { Active: true } person => person,
                null => throw new InvalidValueException(pointer, FieldCode.NotFound, $"No person {idOrUserName.Quoted} is known."),
                _ => throw new InvalidValueException(pointer, FieldCode.NotFound, $"{idOrUserName.Quoted} is deactivated."),
            };

        /// <summary>The id of the active person that a request names; null for null.</summary>
        /// <exception cref="InvalidValueException">Unknown or deactivated.</exception>
        public async ValueTask<Guid?> RequirePersonIdAsync(string? idOrUserName, string pointer, CancellationToken ct) =>
            idOrUserName is null ? null : (await people.RequirePersonAsync(idOrUserName, pointer, ct)).Id;

        /// <summary>The active group that a request names.</summary>
        /// <exception cref="InvalidValueException">Unknown or retired.</exception>
        public async ValueTask<GroupChanged> RequireGroupAsync(string idOrKey, string pointer, CancellationToken ct) =>
            await people.FindGroupAsync(idOrKey, ct) switch
            {
                { Active: true } group => group,
                null => throw new InvalidValueException(pointer, FieldCode.NotFound, $"No group {idOrKey.Quoted} is known."),
                _ => throw new InvalidValueException(pointer, FieldCode.NotFound, $"Group {idOrKey.Quoted} is retired."),
            };

        /// <summary>The id of the active group that a request names; null for null.</summary>
        /// <exception cref="InvalidValueException">Unknown or retired.</exception>
        public async ValueTask<Guid?> RequireGroupIdAsync(string? idOrKey, string pointer, CancellationToken ct) =>
            idOrKey is null ? null : (await people.RequireGroupAsync(idOrKey, pointer, ct)).Id;

        /// <summary>The nearest active manager above a person, at most ten levels up; null for nobody.</summary>
        /// <param name="person">Whose manager.</param>
        /// <param name="except">People who are passed over.</param>
        /// <param name="ct">Ends the look.</param>
        public async ValueTask<PersonChanged?> FindManagerAsync(PersonChanged person, IReadOnlyList<Guid> except, CancellationToken ct)
        {
            var above = person;
            for (var level = 0; level < HighestManager && above?.Manager is { } next; level++)
            {
                above = await people.FindPersonAsync(next, ct);
                if (above is { Active: true } && !except.Contains(above.Id) && above.Id != person.Id)
                {
                    return above;
                }
            }

            return null;
        }

        /// <summary>The key of the role that a request names.</summary>
        /// <exception cref="InvalidValueException">Unknown.</exception>
        public async ValueTask<string> RequireRoleAsync(string key, string pointer, CancellationToken ct) =>
            (await people.FindRoleAsync(key, ct))?.Key ?? throw new InvalidValueException(pointer, FieldCode.NotFound,
                $"No role {key.Quoted} is known.");

        /// <summary>What the directory says now of a requester and a group.</summary>
        public async ValueTask<Surroundings?> SurroundingsAsync(Guid requester, Guid? group, CancellationToken ct)
        {
            var person = await people.FindPersonAsync(requester, ct);
            var caller = person is { Active: true } ? await people.FindCallerAsync(person.Id, ct) : null;
            var calendar = group is { } id ? (await people.FindGroupAsync(id, ct))?.Calendar : null;
            var surroundings = new Surroundings
            {
                TimeZone = person?.TimeZone, SiteCalendar = person?.Calendar, GroupCalendar = calendar,
                RequesterGroups = caller is { Groups.Count: > 0 } ? [.. caller.Groups.Order()] : null,
            };
            return surroundings == new Surroundings() ? null : surroundings;
        }

        /// <summary>Group and assignee that fit together.</summary>
        /// <exception cref="InvalidValueException">One is unknown, or the assignee is not a member of the group.</exception>
        public async ValueTask<(GroupChanged? Group, Guid? Assignee)> RequireAssignmentAsync(
            string? group, string? assignee, CancellationToken ct, string groupPointer = "/assignmentGroup",
            string assigneePointer = "/assignee")
        {
            var found = group is null ? null : await people.RequireGroupAsync(group, groupPointer, ct);
            var person = await people.RequirePersonIdAsync(assignee, assigneePointer, ct);
            return found is not null && person is { } id && !found.Members.Contains(id)
                ? throw new InvalidValueException(assigneePointer, FieldCode.Conflicting,
                    $"{assignee.Quoted} is not a member of {found.Name}.")
                : (found, person);
        }

        /// <summary>Group and assignee as a request changes them: what is absent stays, but for an assignee who is no member of the new
        /// group.</summary>
        /// <exception cref="InvalidValueException">One is unknown, or the assignee is not a member of the group.</exception>
        public async ValueTask<(GroupChanged? Group, Guid? Assignee)> ReassignAsync(
            Optional<string> group, Optional<string> assignee, Guid? knownGroup, Guid? knownAssignee, CancellationToken ct)
        {
            var found = !group.IsPresent ? knownGroup is { } stays ? await people.FindGroupAsync(stays, ct) : null
                : group.Value is { } named ? await people.RequireGroupAsync(named, "/assignmentGroup", ct) : null;
            var person = assignee.IsPresent ? await people.RequirePersonIdAsync(assignee.Value, "/assignee", ct) : knownAssignee;
            return found is null || person is not { } id || found.Members.Contains(id) ? (found, person)
                : assignee.IsPresent ? throw new InvalidValueException("/assignee", FieldCode.Conflicting,
                    $"{assignee.Value.Quoted} is not a member of {found.Name}.")
                : (found, group.IsPresent ? null : person);
        }
    }
}
