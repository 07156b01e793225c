using Itsm.Contracts.Directory;
using Itsm.Platform.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Itsm.Platform.Http;

/// <summary>Who the caller is, and what they may do.</summary>
/// <param name="Id">Of the person.</param>
/// <param name="UserName">For signing in.</param>
/// <param name="Name">As people read it.</param>
/// <param name="Mail">Mail address; absent where unknown.</param>
/// <param name="Site">Key of the site; absent where unknown.</param>
/// <param name="TimeZone">IANA name of the site's time zone; absent where unknown.</param>
/// <param name="Language">Tag of the language that they prefer; absent where Accept-Language decides.</param>
/// <param name="Roles">Keys of the roles, in alphabetical order.</param>
/// <param name="Groups">The groups that they are a member of, by key.</param>
/// <param name="Permissions">What their roles permit in all services, in alphabetical order.</param>
/// <param name="Incomplete">Services that did not answer just now, whose permissions are not here; absent where all did.</param>
public sealed record Me(
    Guid Id, string UserName, string Name, string? Mail, string? Site, string? TimeZone, string? Language,
    IReadOnlyList<string> Roles, IReadOnlyList<MyGroup> Groups, IReadOnlyList<string> Permissions,
    IReadOnlyList<string>? Incomplete = null)
{
    internal static void Map(IEndpointRouteBuilder me) => me.MapGet("", ReadAsync).WithName("GetMe")
        .WithSummary("Reads who the caller is, and what they may do")
        .WithDescription("The permissions of all services: what is not among them answers 403. Where language is there, answers are in it, "
            + "whatever Accept-Language says: PUT /api/v1/people/me/preferences sets it.");

    private static async Task<Me> ReadAsync(Caller caller, People people, PermissionList permissions, CancellationToken ct)
    {
        var person = await people.FindPersonAsync(caller.Person, ct);
        var groups = new List<GroupChanged>();
        foreach (var id in caller.Groups)
        {
            groups.AddRange(await people.FindGroupAsync(id, ct) is { } group ? [group] : []);
        }

        return new Me(caller.Person, caller.UserName, caller.Name, person?.Mail, person?.Site, person?.TimeZone, person?.Language,
            [.. (person?.Roles ?? []).Order(StringComparer.Ordinal)],
            [.. groups.OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => new MyGroup(group.Id, group.Key, group.Name))],
            [.. caller.Permissions.Where(permissions.Has).Order(StringComparer.Ordinal)]);
    }
}

/// <summary>A group of the caller's.</summary>
/// <param name="Id">Of the group.</param>
/// <param name="Key">Short name in addresses.</param>
/// <param name="Name">As people read it.</param>
public sealed record MyGroup(Guid Id, string Key, string Name);
