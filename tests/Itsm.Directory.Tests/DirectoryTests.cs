using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Itsm.Directory.Tests;
using Itsm.Testing;

[assembly: AssemblyFixture(typeof(DirectorySuite))]

namespace Itsm.Directory.Tests;

/// <summary>The service alone.</summary>
public sealed class DirectorySuite : RunningSuite
{
    protected override IReadOnlyList<string> Services => ["directory"];
}

/// <summary>The directory through the gateway, as the administrator and others see it.</summary>
public abstract class DirectoryTests(DirectorySuite suite)
{
    protected const string Admin = "admin";
    private static int _made;

    protected DirectorySuite Suite { get; } = suite;

    protected static string Fresh(string prefix = "person") =>
        $"{prefix}-{Interlocked.Increment(ref _made)}-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}";

    protected async Task<JsonObject> CreateAsync(string? userName = null, params string[] roles) =>
        (await Suite.PostAsync(Admin, "people",
            new { userName = userName ?? Fresh(), name = "Somebody New", roles = roles.Length == 0 ? ["requester"] : roles })).Ok();

    /// <summary>Waits until a new person's token is good: creation is answered before the services know.</summary>
    protected Task KnownAsync(string userName) =>
        RunningSuite.UntilAsync(() => Suite.GetAsync(userName, "people/me"), answer => answer.Status == HttpStatusCode.OK, userName);

    protected static void PointsAt(Answer answer, string at) =>
        Assert.Equal(at, answer.Problem(400)["errors"]![0]!["pointer"]!.GetValue<string>());

    protected async Task<Answer> ImportAsync(string csv, string person = Admin)
    {
        using var content = new StringContent(csv, Encoding.UTF8, new MediaTypeHeaderValue("text/csv"));
        return await Suite.PostAsync(person, "people/imports", content);
    }
}

public sealed class PeopleTests(DirectorySuite suite) : DirectoryTests(suite)
{
    [Fact]
    public async Task A_person_is_added_edited_listed_and_has_a_history()
    {
        var name = Fresh();
        var created = await Suite.PostAsync(Admin, "people",
            new { userName = name, name = "Grace Hopper", mail = "grace@example.org", manager = "manager1", site = "berlin" });
        var person = created.Ok();
        Assert.Equal(HttpStatusCode.Created, created.Status);
        Assert.Equal($"/api/v1/people/{person.Id}", created.Headers["Location"]);
        Assert.Equal((name, "berlin", "Europe/Berlin", "\"1\""),
            (person.Text("userName"), person.Text("site"), person.Text("timeZone"), created.Tag));
        Assert.Equal(["requester"], person["roles"]!.AsArray().Select(role => role!.GetValue<string>()));

        var edited = (await Suite.PatchAsync(Admin, $"people/{name}",
            new JsonObject { ["name"] = "Rear Admiral Hopper", ["mail"] = null, ["site"] = "lisbon" }, "\"1\"")).Ok();
        Assert.Equal(("Rear Admiral Hopper", null, "Europe/Lisbon"),
            (edited.Text("name"), edited.TextOrNull("mail"), edited.Text("timeZone")));
        (await Suite.PatchAsync(Admin, $"people/{name}", new { name = "Late" }, "\"1\"")).Problem(412);
        (await Suite.PatchAsync(Admin, $"people/{name}", new { name = "Late" }, null)).Problem(428);

        var manager = (await Suite.GetAsync(Admin, "people/manager1")).Ok();
        var listed = (await Suite.GetAsync(Admin, $"people?manager={manager.Id}&site=lisbon&limit=200&expand=manager")).Ok();
        var item = listed.Items.Single(item => item.Text("userName") == name);
        Assert.Equal((manager.Id, "manager1"), (item.Text("manager"), item["expanded"]!["manager"]!["userName"]!.GetValue<string>()));

        var history = (await Suite.GetAsync(Admin, $"people/{person.Id}/history")).Ok().Items;
        Assert.Equal(["update", "create"], history.Select(entry => entry.Text("action")));
        Assert.Equal(["calendar", "mail", "name", "site", "timeZone"],
            history[0]["changes"]!.AsArray().Select(change => change!["field"]!.GetValue<string>()).Order());
        Assert.True((await Suite.GetAsync(Admin, $"people/{person.Id}/history/verification")).Ok()["valid"]!.GetValue<bool>());
    }

    [Fact]
    public async Task A_user_name_is_given_once_even_to_requests_at_once()
    {
        var name = Fresh();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8)
            .Select(_ => Suite.PostAsync(Admin, "people", new { userName = name, name = "Twin" })));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created);
        Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.Created), answer =>
            Assert.Equal("duplicate", answer.Problem(409).Text("code")));
    }

    [Fact]
    public async Task Unknown_managers_sites_and_roles_are_pointed_at()
    {
        PointsAt(await Suite.PostAsync(Admin, "people", new { userName = Fresh(), name = "X", manager = "nobody" }), "/manager");
        PointsAt(await Suite.PostAsync(Admin, "people", new { userName = Fresh(), name = "X", site = "atlantis" }), "/site");
        PointsAt(await Suite.PostAsync(Admin, "people", new { userName = Fresh(), name = "X", roles = new[] { "agent", "emperor" } }),
            "/roles/1");
        PointsAt(await Suite.PatchAsync(Admin, "people/employee2", new { manager = "nobody" }, "*"), "/manager");
        PointsAt(await Suite.PostAsync(Admin, "people", new { userName = "Upper Case", name = "X" }), "/userName");
        PointsAt(await Suite.PostAsync(Admin, "people", new { userName = Fresh(), name = "" }), "/name");
        PointsAt(await Suite.PostAsync(Admin, "people", new { userName = Fresh(), name = "X", mail = "nonsense" }), "/mail");
        PointsAt(await Suite.PatchAsync(Admin, "people/employee2", new JsonObject { ["name"] = null }, "*"), "/name");
    }

    [Fact]
    public async Task Nobody_manages_themselves() =>
        Assert.Equal("person.own-manager",
            (await Suite.PatchAsync(Admin, "people/employee2", new { manager = "employee2" }, "*")).Problem(409).Text("code"));

    [Fact]
    public async Task A_role_given_or_taken_acts_with_the_next_request()
    {
        var name = Fresh();
        await CreateAsync(name);
        await KnownAsync(name);
        for (var round = 0; round < 5; round++)
        {
            (await Suite.PostAsync(name, "sites", new { key = Fresh("site"), name = "Site", timeZone = "Europe/Paris" })).Problem(403);
            (await Suite.PatchAsync(Admin, $"people/{name}", new { roles = new[] { "ADMINISTRATOR", "requester" } }, "*")).Ok();
            (await Suite.PostAsync(name, "sites", new { key = Fresh("site"), name = "Site", timeZone = "Europe/Paris" })).Ok();
            (await Suite.PatchAsync(Admin, $"people/{name}", new { roles = new[] { "requester" } }, "*")).Ok();
        }
    }

    [Fact]
    public async Task Edits_at_once_all_come_back()
    {
        var name = Fresh();
        await CreateAsync(name);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8)
            .Select(number => Suite.PatchAsync(Admin, $"people/{name}", new { name = $"Name {number}" }, "*"))).WaitAsync(Patience.Most);
        Assert.All(answers, answer => Assert.Contains(answer.Status, new[] { HttpStatusCode.OK, HttpStatusCode.Conflict }));
        Assert.Contains(answers, answer => answer.Status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_deactivated_person_is_out_at_once_and_back_when_activated()
    {
        var name = Fresh();
        await CreateAsync(name);
        await KnownAsync(name);
        await Suite.ActAsync(Admin, $"people/{name}/deactivate", new { reason = "Left the company." });
        (await Suite.GetAsync(name, "people/me")).Problem(403);
        Assert.Equal("person.active",
            (await Suite.PostAsync(Admin, $"people/{name}/deactivate", new { reason = "Again." }, "*")).Problem(409).Text("code"));
        Assert.DoesNotContain((await Suite.GetAsync(Admin, "people?active=true&limit=200&sort=-userName")).Ok().Items, item =>
            item.Text("userName") == name);
        await Suite.ActAsync(Admin, $"people/{name}/activate", new { reason = "Came back." });
        (await Suite.GetAsync(name, "people/me")).Ok();
    }

    [Fact]
    public async Task Nobody_deactivates_themselves()
    {
        Assert.Equal("person.self",
            (await Suite.PostAsync(Admin, "people/admin/deactivate", new { reason = "Tired of it." }, "*")).Problem(409).Text("code"));
        PointsAt(await Suite.PostAsync(Admin, "people/employee2/deactivate", new { reason = "x" }, "*"), "/reason");
    }

    [Theory, InlineData("employee1"), InlineData("agent1"), InlineData("manager1")]
    public async Task Only_administrators_manage_the_directory(string person)
    {
        (await Suite.PostAsync(person, "people", new { userName = Fresh(), name = "X" })).Problem(403);
        (await Suite.PatchAsync(person, $"people/{person}", new { roles = new[] { "administrator" } }, "*")).Problem(403);
        (await Suite.PostAsync(person, "people/employee2/deactivate", new { reason = "Because." }, "*")).Problem(403);
        (await Suite.PostAsync(person, "groups", new { key = Fresh("group"), name = "Group" })).Problem(403);
        (await Suite.PostAsync(person, "groups/network/add-members", new { people = new[] { person } }, "*")).Problem(403);
        (await Suite.PostAsync(person, "roles", new { key = Fresh("role"), name = "Role", granted = Array.Empty<string>() })).Problem(403);
        (await Suite.PatchAsync(person, "roles/requester", new { granted = new[] { "directory.manage" } }, "*")).Problem(403);
        (await Suite.GetAsync(person, "people/employee2/history")).Problem(403);
        (await ImportAsync("userName,name\nx-1,X\n", person)).Problem(403);
        (await Suite.GetAsync(person, "people")).Ok();
    }
}

public sealed class RoleAndGroupTests(DirectorySuite suite) : DirectoryTests(suite)
{
    [Fact]
    public async Task A_role_of_the_organisation_gives_what_it_grants()
    {
        var (role, name) = (Fresh("role"), Fresh());
        (await Suite.PostAsync(Admin, "roles", new { key = role, name = "Directory reader", granted = new[] { "directory.read" } })).Ok();
        await CreateAsync(name, role);
        await KnownAsync(name);
        (await Suite.PatchAsync(Admin, $"roles/{role}", new { granted = new[] { "incidents.read" } }, "*")).Ok();
        (await Suite.GetAsync(name, "people/me")).Problem(403);
        (await Suite.PostAsync(Admin, "roles", new { key = role, name = "Twin", granted = Array.Empty<string>() })).Problem(409);
    }

    [Fact]
    public async Task A_role_can_not_be_given_and_denied_the_same_nor_lock_all_out()
    {
        PointsAt(await Suite.PatchAsync(Admin, "roles/agent",
            new { granted = new[] { "incidents.read" }, revoked = new[] { "incidents.read" } }, "*"), "/revoked");
        Assert.Equal("role.administrator",
            (await Suite.PatchAsync(Admin, "roles/administrator", new { revoked = new[] { "directory.manage" } }, "*")).Problem(409)
                .Text("code"));
    }

    [Fact]
    public async Task A_group_takes_people_in_lets_them_go_and_is_retired()
    {
        var key = Fresh("group");
        var group = (await Suite.PostAsync(Admin, "groups",
            new { key, name = "New group", manager = "manager1", members = new[] { "agent1", "agent1" } })).Ok();
        Assert.Single(group["members"]!.AsArray());
        Assert.Equal(2,
            (await Suite.ActAsync(Admin, $"groups/{key}/add-members", new { people = new[] { "agent1", "agent2" } }))["members"]!.AsArray()
                .Count);
        Assert.Contains((await Suite.GetAsync("agent2", "groups?member=me&limit=200")).Ok().Items, item => item.Text("key") == key);
        await Suite.ActAsync(Admin, $"groups/{key}/remove-members", new { people = new[] { "agent2" } });
        Assert.DoesNotContain((await Suite.GetAsync("agent2", "groups?member=me&limit=200")).Ok().Items, item => item.Text("key") == key);
        PointsAt(await Suite.PostAsync(Admin, $"groups/{key}/add-members", new { people = new[] { "agent1", "nobody" } }, "*"),
            "/people/1");
        (await Suite.PatchAsync(Admin, $"groups/{key}", new { active = false, name = "Old group" }, "*")).Ok();
        Assert.Contains((await Suite.GetAsync(Admin, "groups?active=false&limit=200")).Ok().Items, item =>
            item.Text("name") == "Old group");
        (await Suite.PostAsync(Admin, "groups", new { key, name = "Twin" })).Problem(409);
    }
}
