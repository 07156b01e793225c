using Itsm.Assets.Domain;
using Itsm.Testing;
using static Itsm.Assets.Tests.AssetShortcuts;

namespace Itsm.Assets.Tests;

/// <summary>What there is, who sees it, and who has it.</summary>
public sealed class AssetTests(AssetSuite suite)
{
    [Fact]
    public async Task An_asset_is_entered_read_changed_and_listed()
    {
        var tag = NewTag();
        var asset = (await suite.PostAsync(Agent, "assets",
            new
            {
                tag = $" {tag} ", name = "Laptop 14", model = "Latitude 5440", manufacturer = "Dell " + tag, serialNumber = "5CD 2341",
                site = "Berlin", owner = Manager, ownerGroup = "service-desk", supplier = "Office Supplies Ltd",
                cost = new { amount = 129_900, currency = "EUR" }, purchasedOn = "2026-03-01", warrantyEndsOn = "2029-02-28",
                usefulLife = 36, salvageValue = 10_000, notes = "A gift.",
            })).Ok();
        Assert.Matches("^AST[0-9]{7}$", asset.Text("number"));
        Assert.Equal(("inStock", "berlin", $" {tag} ", "2026-03-01"),
            (asset.State, asset.Text("site"), asset.Text("tag"), asset.Text("purchasedOn")));
        Assert.Equal(asset.Id, (await suite.AssetAsync(asset.Text("number").ToLowerInvariant())).Id);
        Assert.Equal([asset.Text("number")], await suite.NumbersAsync($"tag={Uri.EscapeDataString(tag.ToLowerInvariant() + " ")}"));

        var edited = (await suite.PatchAsync(Agent, "assets/" + asset.Id, new { warrantyEndsOn = (string?)null, notes = "Sold." },
            asset.Tag)).Ok();
        Assert.Null(edited["warrantyEndsOn"]);
        Assert.Equal(("Sold.", "Latitude 5440"), (edited.Text("notes"), edited.Text("model")));
        Assert.Equal("precondition-failed",
            (await suite.PatchAsync(Agent, "assets/" + asset.Id, new { notes = "Late." }, asset.Tag)).Problem(412).Code);
        Assert.Contains(asset.Text("number"), await suite.NumbersAsync(
            $"manufacturer={Uri.EscapeDataString("Dell " + tag)}&model=Latitude%205440&site=berlin&state=inStock,retired&owner={Manager}"));
        var expanded = (await suite.GetAsync(Agent, $"assets/{asset.Id}?expand=owner,ownerGroup")).Ok()["expanded"]!;
        Assert.Equal((Manager, "service-desk"),
            (expanded["owner"]!.AsObject().Text("userName"), expanded["ownerGroup"]!.AsObject().Text("key")));
        var history = (await suite.GetAsync(Agent, $"assets/{asset.Id}/history")).Ok().Items;
        Assert.Equal(["update", "create"], history.Select(entry => entry.Text("action")));
    }

    [Fact]
    public async Task Of_a_tag_and_of_a_serial_number_there_is_one_whatever_the_case_and_white_space()
    {
        var (tag, maker) = (NewTag(), NewTag());
        var first = (await suite.PostAsync(Agent, "assets",
            new { name = "Phone", tag, manufacturer = maker, serialNumber = "ab 12" })).Ok();
        var twins = await Task.WhenAll(Enumerable.Range(0, 20).Select(index => suite.PostAsync(Agent, "assets",
            new { name = "Phone", tag = $"\t{tag.ToLowerInvariant()} {index}" })));
        Assert.All(twins, answer => answer.Ok());
        Assert.Contains("tag",
            (await suite.PostAsync(Agent, "assets", new { name = "Phone", tag = $" {tag.ToLowerInvariant().Insert(1, " ")} " }))
                .Problem(409).Text("detail"));
        Assert.Contains("serial number \" AB12\"",
            (await suite.PostAsync(Agent, "assets",
                new { name = "Phone", manufacturer = maker.ToLowerInvariant(), serialNumber = " AB12" })).Problem(409).Text("detail"));
        (await suite.PostAsync(Agent, "assets", new { name = "Phone", manufacturer = maker + "2", serialNumber = "AB12" })).Ok();
        var second = await suite.BuyAsync();
        var refused = (await suite.PatchAsync(Agent, "assets/" + second.Id, new { tag }, "*")).Problem(409);
        Assert.Equal(("duplicate", $"Another asset has the tag \"{tag}\"."), (refused.Code, refused.Text("detail")));

        // What is free again can be taken.
        (await suite.PatchAsync(Agent, "assets/" + first.Id, new { tag = (string?)null }, "*")).Ok();
        (await suite.PatchAsync(Agent, "assets/" + second.Id, new { tag }, "*")).Ok();
    }

    [Fact]
    public async Task Of_two_hundred_with_one_tag_or_serial_number_at_once_one_is_entered()
    {
        var (tag, maker) = (NewTag(), NewTag());
        foreach (var body in new object[]
        {
            new { name = "Phone", tag }, new { name = "Phone", manufacturer = maker, serialNumber = "4711" },
        })
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => suite.PostAsync(Agent, "assets", body)));
            Assert.Single(answers, answer => (int)answer.Status == 201);
            Assert.All(answers.Where(answer => (int)answer.Status != 201),
                answer => Assert.Equal("duplicate", answer.Problem(409).Code));
        }

        Assert.Single(await suite.NumbersAsync("tag=" + tag));
        Assert.Single(await suite.NumbersAsync("manufacturer=" + maker));
    }

    [Theory]
    [InlineData("""{"name":" "}""", "/name")]
    [InlineData("""{"name":"Phone","state":"deployed"}""", "/state")]
    [InlineData("""{"name":"Phone","state":"lost"}""", "/state")]
    [InlineData("""{"name":"Phone","site":"atlantis"}""", "/site")]
    [InlineData("""{"name":"Phone","owner":"nobody"}""", "/owner")]
    [InlineData("""{"name":"Phone","ownerGroup":"nobody"}""", "/ownerGroup")]
    [InlineData("""{"name":"Phone","purchasedOn":"1.1.2026"}""", "/purchasedOn")]
    [InlineData("""{"name":"Phone","purchasedOn":"0001-01-01"}""", "/purchasedOn")]
    [InlineData("""{"name":"Phone","purchasedOn":"2026-01-02","warrantyEndsOn":"2026-01-01"}""", "/warrantyEndsOn")]
    [InlineData("""{"name":"Phone","cost":{"amount":-1,"currency":"EUR"}}""", "/cost")]
    [InlineData("""{"name":"Phone","cost":{"amount":1,"currency":"Euro"}}""", "/cost")]
    [InlineData("""{"name":"Phone","cost":{"amount":5,"currency":"EUR"},"salvageValue":6}""", "/salvageValue")]
    [InlineData("""{"name":"Phone","salvageValue":6}""", "/salvageValue")]
    [InlineData("""{"name":"Phone","usefulLife":0}""", "/usefulLife")]
    [InlineData("""{"name":"Phone","configurationItem":"CI1"}""", "/configurationItem")]
    public async Task What_is_wrong_with_an_asset_is_named(string body, string at)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        Assert.Equal(at, (await suite.PostAsync(Agent, "assets", content)).Problem(400).Pointer);
    }

    [Fact]
    public async Task Lists_are_sorted_with_what_has_no_value_last_and_bounded_by_days()
    {
        var maker = NewTag();
        foreach (var (tag, warranty) in new[] { ("b", "2030-01-01"), ("a", null), ("c", "2029-12-31"), (null, "2030-01-02") })
        {
            (await suite.PostAsync(Agent, "assets",
                new { name = "Disk", manufacturer = maker, tag = tag is null ? null : tag + maker, warrantyEndsOn = warranty })).Ok();
        }

        Assert.Equal(["c", "b", null, "a"], await TagsAsync("sort=warrantyEndsOn"));
        Assert.Equal([null, "b", "c", "a"], await TagsAsync("sort=-warrantyEndsOn"));
        Assert.Equal(["a", "b", "c", null], await TagsAsync("sort=tag"));
        Assert.Equal(["b", null], await TagsAsync("warrantyEndsOn[gt]=2029-12-31"));
        Assert.Equal(["b", "c"], await TagsAsync("warrantyEndsOn[lte]=2030-01-01"));
        Assert.Equal("?warrantyEndsOn[lt]", (await suite.GetAsync(Agent, "assets?warrantyEndsOn[lt]=2030")).Problem(400).Pointer);
        var paged = new List<string?>();
        for (string? next = ""; next is not null;)
        {
            var page = (await suite.GetAsync(Agent, $"assets?manufacturer={maker}&sort=warrantyEndsOn&limit=1{next}")).Ok();
            paged.AddRange(page.Items.Select(one => one.TextOrNull("tag")?[..1]));
            next = page.TextOrNull("next") is { } cursor ? "&cursor=" + cursor : null;
        }

        Assert.Equal(["c", "b", null, "a"], paged);

        async Task<IEnumerable<string?>> TagsAsync(string query) =>
            (await suite.GetAsync(Agent, $"assets?manufacturer={maker}&{query}")).Ok().Items.Select(one => one.TextOrNull("tag")?[..1]);
    }

    [Fact]
    public async Task People_see_what_they_have_and_of_it_what_concerns_them()
    {
        var asset = (await suite.PostAsync(Agent, "assets",
            new { name = "Laptop", supplier = "Secret Ltd", cost = new { amount = 1, currency = "EUR" }, notes = "Internal." })).Ok();
        var number = asset.Text("number");
        await suite.GiveAsync(asset.Id, Other);
        await suite.DoAsync(asset.Id, "check-in");
        (await suite.GetAsync(Employee, "assets/" + asset.Id)).Problem(404);
        await suite.DoAsync(asset.Id, "check-out", new { person = Employee, acceptance = new { text = "I take care of it." } });

        var seen = await suite.AssetAsync(number, Employee);
        Assert.Equal(("deployed", "I take care of it."), (seen.State, seen["acceptance"]!.AsObject().Text("text")));
        Assert.All(["cost", "supplier", "notes", "checkOuts", "lastHolder", "checkOutNote", "createdAt"], field =>
            Assert.Null(seen[field]));
        Assert.Equal(["accept", "decline"], seen.OpenActions);
        Assert.Contains(number, await suite.NumbersAsync("holder=me", Employee));
        Assert.Contains(number, await suite.NumbersAsync("", Employee));
        Assert.DoesNotContain(number, await suite.NumbersAsync("", Other));
        (await suite.GetAsync(Other, "assets/" + asset.Id)).Problem(404);
        (await suite.GetAsync(Employee, $"assets?owner={Manager}")).Problem(403);
        (await suite.GetAsync(Employee, $"assets/{asset.Id}/book-value")).Problem(403);
        (await suite.GetAsync(Employee, $"assets/{asset.Id}/history")).Problem(403);
        (await suite.PostAsync(Employee, "assets", new { name = "Mine" })).Problem(403);
        (await suite.PatchAsync(Employee, "assets/" + asset.Id, new { name = "Mine" }, "*")).Problem(403);
        foreach (var move in AssetLifeCycle.Table.Table)
        {
            await suite.TryAsync(asset.Id, move.Action, new { reason = "Mine now." }, 403, Employee);
        }

        // Of what changed meanwhile they are told what they see.
        (await suite.PatchAsync(Agent, "assets/" + asset.Id, new { notes = "Odd.", name = "Laptop 14" }, seen.Tag)).Ok();
        Assert.Equal(["name"], (await suite.PostAsync(Employee, $"assets/{asset.Id}/accept", new { }, seen.Tag)).Problem(412)
            ["changedFields"]!.AsArray().Select(field => field!.GetValue<string>()));

        // Those who answer for it see it too, with what it is; those who see all change nothing.
        (await suite.PatchAsync(Agent, "assets/" + asset.Id, new { owner = Other }, "*")).Ok();
        Assert.Null((await suite.AssetAsync(asset.Id, Other))["cost"]);
        Assert.NotNull((await suite.AssetAsync(asset.Id, "analyst1"))["cost"]);
        await suite.TryAsync(asset.Id, "check-in", new { }, 403, "analyst1");
    }

    [Fact]
    public async Task Whoever_gets_it_alone_accepts_or_declines_and_what_they_said_is_kept()
    {
        var asset = await suite.BuyAsync();
        await suite.DoAsync(asset.Id, "check-out", new { person = Employee, acceptance = new { text = "I return it when I leave." } });
        Assert.Contains(asset.Text("number"), await suite.NumbersAsync("acceptance=requested"));
        await suite.TryAsync(asset.Id, "accept", new { }, 403, Agent);
        await suite.TryAsync(asset.Id, "accept", new { }, 403, Admin);
        await suite.TryAsync(asset.Id, "accept", new { }, 404, Other);
        var accepted = await suite.DoAsync(asset.Id, "accept", null, Employee);
        Assert.Null(accepted["checkOuts"]);
        Assert.Equal(("accepted", await suite.PersonAsync(Employee)),
            (accepted["acceptance"]!.AsObject().Text("state"), accepted["acceptance"]!["by"]!.AsObject().Text("person")));
        Assert.Equal("asset.acceptance", (await suite.TryAsync(asset.Id, "decline", new { reason = "No." }, 409, Employee)).Code);
        var back = await suite.DoAsync(asset.Id, "check-in", new { condition = "worn", note = "A scratch.", site = "lisbon" });
        Assert.Equal("lisbon", back.Text("site"));
        var ended = Assert.Single(back.CheckOuts);
        Assert.Equal(("worn", "A scratch.", "check-in", "I return it when I leave."),
            (ended.Text("condition"), ended.Text("endNote"), ended.Text("endedWith"), ended["acceptance"]!.AsObject().Text("text")));
        Assert.NotNull(ended["acceptance"]!["acceptedAt"]);
        (await suite.GetAsync(Employee, "assets/" + asset.Id)).Problem(404);

        await suite.DoAsync(asset.Id, "check-out", new { person = Other, acceptance = new { text = "I take care of it." } });
        Assert.Equal("/reason", (await suite.TryAsync(asset.Id, "decline", new { }, 400, Other)).Pointer);
        var declined = await suite.DoAsync(asset.Id, "decline", new { reason = "It is broken." }, Other);
        Assert.Equal(("deployed", "It is broken."), (declined.State, declined["acceptance"]!.AsObject().Text("reason")));
        await suite.DoAsync(asset.Id, "check-in");
        await suite.GiveAsync(asset.Id);
        Assert.Equal("asset.acceptance", (await suite.TryAsync(asset.Id, "accept", new { }, 409, Employee)).Code);
    }

    [Fact]
    public async Task Of_twenty_check_outs_at_once_one_wins()
    {
        var asset = await suite.BuyAsync();
        string[] people = [Employee, Other, Manager, Agent];
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(index =>
            suite.PostAsync(Agent, $"assets/{asset.Id}/check-out", new { person = people[index % 4] },
                ifMatch: index < 10 ? "*" : asset.Tag)));
        var winner = Assert.Single(answers, answer => (int)answer.Status == 200).Json;
        Assert.All(answers.Where(answer => (int)answer.Status != 200), answer =>
            Assert.True((int)answer.Status == 412 || answer.Problem(409).Code is "asset.transition", answer.ToString()));
        Assert.Equal(winner.Text("holder"), (await suite.AssetAsync(asset.Id)).Text("holder"));
        var returns = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ =>
            suite.PostAsync(Agent, $"assets/{asset.Id}/check-in", new { }, ifMatch: "*")));
        Assert.Single(returns, answer => (int)answer.Status == 200);
        Assert.Contains("deployed", returns.First(answer => (int)answer.Status != 200).Problem(409).Text("detail"));
        Assert.Single((await suite.AssetAsync(asset.Id)).CheckOuts);
    }

    [Fact]
    public async Task A_repeated_request_is_answered_as_the_first()
    {
        var asset = await suite.BuyAsync();
        var key = Guid.CreateVersion7(suite.Clock.GetUtcNow()).ToString();
        var path = $"assets/{asset.Id}/check-out";
        var first = await suite.PostAsync(Agent, path, new { person = Employee }, ifMatch: "*", key: key);
        Assert.Equal(first.Ok().ToJsonString(),
            (await suite.PostAsync(Agent, path, new { person = Employee }, ifMatch: "*", key: key)).Ok().ToJsonString());
        (await suite.PostAsync(Agent, path, new { person = Other }, ifMatch: "*", key: key)).Problem(422);
    }

    [Fact]
    public async Task A_check_out_names_somebody_who_is_there_and_a_time_to_come()
    {
        var asset = await suite.BuyAsync();
        foreach (var (body, at) in new (object, string)[]
        {
            (new { }, "/person"), (new { person = "nobody" }, "/person"), (new { site = "atlantis" }, "/site"),
            (new { asset = "AST9999999" }, "/asset"), (new { person = Employee, site = "berlin" }, "/site"),
            (new { person = Employee, asset = asset.Id }, "/asset"),
            (new { site = "berlin", acceptance = new { text = "Yes." } }, "/acceptance"),
            (new { asset = asset.Id, acceptance = new { text = "Yes." } }, "/acceptance"),
            (new { person = Employee, expectedReturn = "2020-01-01T00:00:00Z" }, "/expectedReturn"),
            (new { person = Employee, expectedReturn = "tomorrow" }, "/expectedReturn"),
        })
        {
            Assert.Equal(at, (await suite.TryAsync(asset.Id, "check-out", body, 400)).Pointer);
        }

        var gone = (await suite.PostAsync(Admin, "people", new { userName = NewTag().ToLowerInvariant(), name = "Gone" })).Ok();
        await suite.ActAsync(Admin, $"people/{gone.Id}/deactivate", new { reason = "Left." });
        Assert.Equal("/person", (await suite.TryAsync(asset.Id, "check-out", new { person = gone.Id }, 400)).Pointer);
        await suite.TryAsync("AST9999999", "check-out", new { person = Employee }, 404);
        Assert.Equal("inStock", (await suite.AssetAsync(asset.Id)).State);
        var given = await suite.DoAsync(asset.Id, "check-out", new { site = "lisbon" });
        Assert.Equal(("lisbon", "lisbon"), (given.Text("holderSite"), given.Text("site")));
        Assert.Contains(asset.Text("number"), await suite.NumbersAsync("holderSite=lisbon"));
    }
}
