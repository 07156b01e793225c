using Itsm.Testing;

namespace Itsm.Directory.Tests;

/// <summary>What employees see of other people.</summary>
public sealed class PrivacyTests(DirectorySuite suite) : DirectoryTests(suite)
{
    [Fact]
    public async Task Employees_see_names_and_mail_of_others_and_all_of_themselves()
    {
        string[] contact = ["id", "mail", "name", "userName", "version"];
        Assert.Equal(contact,
            (await Suite.GetAsync("employee1", "people/agent1")).Ok().Select(member => member.Key).Except(["actions"]).Order());
        Assert.Equal(["id", "name"],
            (await Suite.GetAsync("employee1", "people/agent1?fields=name,roles")).Ok().Select(member => member.Key).Order());
        foreach (var person in (await Suite.GetAsync("employee1", "people?limit=200&expand=manager")).Ok().Items)
        {
            Assert.True(person.Text("userName") == "employee1" ? person.ContainsKey("roles")
                : !person.Select(member => member.Key).Except(contact).Any(), person.ToJsonString());
        }

        Assert.NotNull((await Suite.GetAsync("employee1", "people/me")).Ok()["roles"]);
        Assert.NotNull((await Suite.GetAsync("agent1", "people/employee1")).Ok()["roles"]);
    }

    [Fact]
    public async Task A_filter_does_not_tell_what_is_not_shown()
    {
        foreach (var filter in new[] { "manager=manager1", "site=berlin", "manager=none" })
        {
            (await Suite.GetAsync("employee1", "people?" + filter)).Problem(403);
            (await Suite.GetAsync("agent1", "people?" + filter)).Ok();
        }

        Assert.NotEmpty((await Suite.GetAsync("manager1", "people?manager=me")).Ok().Items);
        Assert.Empty((await Suite.GetAsync("employee1", "people?manager=me")).Ok().Items);
    }

    [Fact]
    public async Task Mail_is_shown_with_a_permission_of_its_own()
    {
        var role = Fresh("reader");
        (await Suite.PostAsync(Admin, "roles", new { key = role, name = "Reader", granted = new[] { "directory.read" } })).Ok();
        var reader = (await CreateAsync(null, role)).Text("userName");
        await RunningSuite.UntilAsync(() => Suite.GetAsync(reader, "people/agent1"), answer => (int)answer.Status == 200, reader);
        Assert.Equal(["id", "name", "userName", "version"],
            (await Suite.GetAsync(reader, "people/agent1")).Ok().Select(member => member.Key).Except(["actions"]).Order());
    }
}
