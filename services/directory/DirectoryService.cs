using Itsm.Contracts.Directory;
using Itsm.Contracts.Requests;
using Itsm.Directory.Domain;
using Itsm.Directory.Subscriptions;
using Itsm.Directory.UseCases;
using Itsm.Platform.Hosting;
using Itsm.Platform.Http;

namespace Itsm.Directory;

/// <summary>People, groups, roles, sites and calendars: who there is, what they may do, and when they work. This file is the table of
/// contents.</summary>
public sealed class DirectoryService : IServiceModule
{
    /// <inheritdoc/>
    public string Name => "directory";

    /// <inheritdoc/>
    public IReadOnlyList<string> Paths => ["people", "groups", "roles", "sites", "calendars"];

    /// <inheritdoc/>
    public void AddServices(ServiceBuilder service)
    {
        service
            .Stores(Person.Definition)
            .Stores(Group.Definition)
            .Stores(Role.Definition)
            .Stores(Site.Definition)
            .Stores(Calendar.Definition)
            .Publishes<Person, PersonChanged>(person => person.Snapshot())
            .Publishes<Group, GroupChanged>(group => group.Snapshot())
            .Publishes<Role, RoleChanged>(role => role.Snapshot())
            .Publishes<Site, SiteChanged>(site => site.Snapshot())
            .Publishes<Calendar, CalendarChanged>(calendar => calendar.Snapshot())
            .Subscribes<DirectoryEntriesFound, AddFoundEntries>()
            .Subscribes<PersonDeactivationRequested, DeactivatePerson>()
            .Subscribes<PersonSignedIn, BindAccount>()
            .Timer<Site, MovePeople>(Site.MoveTimer)
            .Grants(Permissions.All);
        service.Services.AddSingleton<DirectoryLookup>();
        service.Services.AddHostedService<Defaults>();
    }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder api)
    {
        var people = api.MapGroup("people").WithTags("People");
        CreatePerson.Map(people);
        GetPerson.Map(people);
        ListPeople.Map(people);
        EditPerson.Map(people);
        ActivatePerson.Map(people);
        AppointSubstitutes.Map(people);
        SetPreferences.Map(people);
        ImportPeople.Map(people);
        people.MapHistory<Person>(Permissions.ReadHistory, "person");

        var groups = api.MapGroup("groups").WithTags("Groups");
        ManageGroups.Map(groups);
        groups.MapHistory<Group>(Permissions.ReadHistory, "group");

        var roles = api.MapGroup("roles").WithTags("Roles");
        ManageRoles.Map(roles);
        roles.MapHistory<Role>(Permissions.ReadHistory, "role");

        var sites = api.MapGroup("sites").WithTags("Sites");
        ManageSites.Map(sites);
        sites.MapHistory<Site>(Permissions.ReadHistory, "site");

        var calendars = api.MapGroup("calendars").WithTags("Calendars");
        ManageCalendars.Map(calendars);
        calendars.MapHistory<Calendar>(Permissions.ReadHistory, "calendar");
    }
}
