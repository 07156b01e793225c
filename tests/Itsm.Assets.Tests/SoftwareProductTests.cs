using System.Text;
using Itsm.Testing;
using static Itsm.Assets.Tests.AssetShortcuts;

namespace Itsm.Assets.Tests;

public sealed class SoftwareProductTests(AssetSuite suite)
{
    [Fact]
    public async Task A_product_is_added_changed_listed_and_has_a_history()
    {
        var publisher = NewTag();
        var product = (await suite.PostAsync(Agent, "software-products",
            new
            {
                name = "Office Suite", publisher, owner = Manager, notes = "For all.",
                versions = new object[] { new { version = "2024", endOfSupport = "2029-10-09" }, new { version = "2027" } },
            })).Ok();
        Assert.Matches("^SWP[0-9]{7}$", product.Text("number"));
        Assert.Equal(["2024", "2027"], product["versions"]!.AsArray().Select(one => one!["version"]!.GetValue<string>()));

        Assert.Equal([product.Id], await suite.IdsAsync($"software-products?publisher={publisher.ToLowerInvariant()}&name=OFFICEsuite"));
        Assert.Equal([product.Id], await suite.IdsAsync($"software-products?publisher={publisher}&owner={Manager}&sort=-name"));
        Assert.Empty(await suite.IdsAsync($"software-products?publisher={publisher}&name=Office"));

        var changed = (await suite.PatchAsync(Agent, "software-products/" + product.Text("number"),
            new { name = "Office", owner = (string?)null, versions = Array.Empty<object>() }, "*")).Ok();
        Assert.Equal(("Office", null, 0), (changed.Text("name"), changed.TextOrNull("owner"), changed["versions"]!.AsArray().Count));
        Assert.Contains((await suite.GetAsync(Agent, $"software-products/{product.Id}/history")).Ok().Items,
            entry => entry.Text("action") == "update");
        (await suite.GetAsync(Employee, "software-products/" + product.Id)).Problem(403);
        (await suite.PostAsync("analyst1", "software-products", new { name = "Mine", publisher })).Problem(403);
    }

    [Fact]
    public async Task Of_a_publisher_a_name_is_there_once_whatever_its_case_and_white_space_also_of_two_at_once()
    {
        var publisher = NewTag();
        string[] names = ["Photo Lab", "photolab", "PHOTO LAB "];
        var answers = await Task.WhenAll(names.Select(name => suite.PostAsync(Agent, "software-products", new { name, publisher })));
        Assert.Single(answers, answer => (int)answer.Status == 201);
        Assert.All(answers.Where(answer => (int)answer.Status != 201), answer => Assert.Equal("duplicate", answer.Problem(409).Code));
        var other = (await suite.PostAsync(Agent, "software-products", new { name = "Paint", publisher })).Ok();
        (await suite.PostAsync(Agent, "software-products", new { name = "Photo Lab", publisher = publisher + "2" })).Ok();
        Assert.Equal("duplicate",
            (await suite.PatchAsync(Agent, "software-products/" + other.Id, new { name = "photo lab" }, "*")).Problem(409).Code);
    }

    [Theory]
    [InlineData("""{"name":"X"}""", "/publisher")]
    [InlineData("""{"name":" ","publisher":"Y"}""", "/name")]
    [InlineData("""{"name":"X","publisher":"Y","owner":"nobody"}""", "/owner")]
    [InlineData("""{"name":"X","publisher":"Y","versions":[{"endOfSupport":"2026-01-01"}]}""", "/versions/0/version")]
    [InlineData("""{"name":"X","publisher":"Y","versions":[{"version":"1 a"},{"version":"1A"}]}""", "/versions/1/version")]
    [InlineData("""{"name":"X","publisher":"Y","versions":[{"version":"1","endOfSupport":"0026-01-01"}]}""", "/versions/0/endOfSupport")]
    public async Task What_is_wrong_with_a_product_is_named(string body, string at)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        Assert.Equal(at, (await suite.PostAsync(Agent, "software-products", content)).Problem(400).Pointer);
    }
}
