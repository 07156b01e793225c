using Itsm.Testing;
using static Itsm.Incidents.Tests.Shortcuts;

namespace Itsm.Incidents.Tests;

/// <summary>The category tree, which administrators keep and callers find by.</summary>
public sealed class CategoryTests(IncidentsSuite suite)
{
    [Fact]
    public async Task The_tree_is_listed_level_by_level_by_id_or_key()
    {
        var hardware = (await suite.GetAsync(Caller, "categories/hardware")).Ok();
        string[] below = ["hardware-laptop", "hardware-printer"];
        foreach (var parent in new[] { hardware.Id, "hardware" })
        {
            Assert.Equal(below, (await suite.GetAsync(Caller, $"categories?parent={parent}")).Ok().Items.Select(node => node.Text("key")));
        }

        Assert.DoesNotContain("hardware-laptop",
            (await suite.GetAsync(Caller, "categories?parent=none")).Ok().Items.Select(node => node.Text("key")));
        foreach (var caller in new[] { "admin", Agent })
        {
            var active = (await suite.GetAsync(caller, "categories?active=true")).Ok().Items;
            Assert.Contains("hardware", active.Select(node => node.Text("key")));
        }
    }

    [Fact]
    public async Task Incidents_are_found_by_the_id_or_key_of_their_category()
    {
        var incident = await suite.OpenAsync(Caller, new { title = "No tunnel", category = "network-vpn" });
        foreach (var category in new[] { incident.Text("category"), "network-vpn", "applications,network-vpn" })
        {
            Assert.Contains(incident.Id,
                (await suite.GetAsync(Caller, $"incidents?sort=-openedAt&category={category}")).Ok().Items.Select(one => one.Id));
        }

        Assert.DoesNotContain(incident.Id,
            (await suite.GetAsync(Caller, "incidents?sort=-openedAt&category=applications,none")).Ok().Items.Select(one => one.Id));
    }

    [Fact]
    public async Task Nothing_new_is_put_into_a_retired_category()
    {
        (await suite.PostAsync("admin", "categories", new { key = "pagers", name = "Pagers" })).Ok();
        (await suite.PatchAsync("admin", "categories/pagers", new { active = false }, "*")).Ok();
        Assert.Equal("/category",
            (await suite.PostAsync(Caller, "incidents", new { title = "No beep", category = "pagers" })).Problem(400).Pointer());
    }

    [Fact]
    public async Task A_tree_has_known_parents_five_levels_and_each_key_once()
    {
        Assert.Equal("/parent",
            (await suite.PostAsync("admin", "categories", new { key = "orphan", name = "Orphan", parent = "no-such" })).Problem(400)
                .Pointer());
        string? parent = null;
        for (var level = 1; level <= 5; level++)
        {
            parent = (await suite.PostAsync("admin", "categories", new { key = $"level-{level}", name = "Level", parent })).Ok().Text("key");
        }

        Assert.Equal("category.depth",
            (await suite.PostAsync("admin", "categories", new { key = "level-6", name = "Level", parent })).Problem(409).Text("code"));
        (await suite.PostAsync("admin", "categories", new { key = "level-1", name = "Level" })).Problem(409);
        (await suite.PostAsync(Caller, "categories", new { key = "mine", name = "Mine" })).Problem(403);
    }
}
