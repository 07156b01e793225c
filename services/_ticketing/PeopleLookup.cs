using Itsm.Contracts.Directory;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;

namespace Itsm.Ticketing;

/// <summary>People and groups as requests name them: by id, user name or key.</summary>
public static class PeopleLookup
{
    extension(People people)
    {
        /// <summary>The active person that a request names.</summary>
        /// <exception cref="InvalidValueException">Unknown or deactivated.</exception>
        public async ValueTask<PersonChanged> RequirePersonAsync(string idOrUserName, string pointer, CancellationToken ct) =>
            await people.FindPersonAsync(idOrUserName, ct) switch
            {
                { Active: true } person => person,
                null => throw new InvalidValueException(pointer, $"No person {idOrUserName} is known."),
                _ => throw new InvalidValueException(pointer, $"{idOrUserName} is deactivated."),
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
                null => throw new InvalidValueException(pointer, $"No group {idOrKey} is known."),
                _ => throw new InvalidValueException(pointer, $"Group {idOrKey} is retired."),
            };

        /// <summary>The id of the active group that a request names; null for null.</summary>
        /// <exception cref="InvalidValueException">Unknown or retired.</exception>
        public async ValueTask<Guid?> RequireGroupIdAsync(string? idOrKey, string pointer, CancellationToken ct) =>
            idOrKey is null ? null : (await people.RequireGroupAsync(idOrKey, pointer, ct)).Id;

        /// <summary>What the directory says now of a requester and a group.</summary>
        public async ValueTask<Surroundings?> SurroundingsAsync(Guid requester, Guid? group, CancellationToken ct)
        {
            var person = await people.FindPersonAsync(requester, ct);
            var caller = person is { Active: true } ? await people.FindCallerAsync(person.UserName, ct) : null;
            var calendar = group is { } id ? (await people.FindGroupAsync(id, ct))?.Calendar : null;
            var surroundings = new Surroundings
            {
                TimeZone = person?.TimeZone, SiteCalendar = person?.Calendar, GroupCalendar = calendar, RequesterGroups = caller is { Groups.Count: > 0 } ? [.. caller.Groups.Order()] : null,
            };
            return surroundings == new Surroundings() ? null : surroundings;
        }

        /// <summary>Group and assignee that fit together.</summary>
        /// <exception cref="InvalidValueException">One is unknown, or the assignee is not a member of the group.</exception>
        public async ValueTask<(Guid? Group, Guid? Assignee)> RequireAssignmentAsync(
            string? group, string? assignee, CancellationToken ct, string groupPointer = "/assignmentGroup", string assigneePointer = "/assignee")
        {
            var found = group is null ? null : await people.RequireGroupAsync(group, groupPointer, ct);
            var person = await people.RequirePersonIdAsync(assignee, assigneePointer, ct);
            return found is not null && person is { } id && !found.Members.Contains(id)
                ? throw new InvalidValueException(assigneePointer, $"{assignee} is not a member of {found.Name}.")
                : (found?.Id, person);
        }
    }
}
