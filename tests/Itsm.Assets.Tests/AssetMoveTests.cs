using CsCheck;
using Itsm.Assets.Domain;
using Itsm.Testing;
using static Itsm.Assets.Tests.AssetShortcuts;

namespace Itsm.Assets.Tests;

/// <summary>Every action from every state: what the table permits is done, all else is refused and says why.</summary>
public sealed class AssetMoveTests(AssetSuite suite)
{
    private static readonly string[] Actions = [.. AssetLifeCycle.Table.Table.Select(move => move.Action)];

    /// <summary>How an asset gets into each state.</summary>
    private static readonly Dictionary<string, string[]> Ways = new()
    {
        ["inStock"] = [], ["ordered"] = [], ["deployed"] = ["check-out"], ["inMaintenance"] = ["send-to-maintenance"],
        ["missing"] = ["report-missing"], ["stolen"] = ["report-stolen"], ["retired"] = ["retire"], ["disposed"] = ["retire", "dispose"],
    };

    public static TheoryData<string> States => [.. Ways.Keys];

    [Theory, MemberData(nameof(States))]
    public async Task From_each_state_each_action_does_what_the_table_says(string state)
    {
        foreach (var action in Actions)
        {
            var asset = await suite.BuyAsync(state: state == "ordered" ? "ordered" : "inStock");
            foreach (var step in Ways[state])
            {
                await suite.DoAsync(asset.Id, step, Body(step));
            }

            var listed = (await suite.AssetAsync(asset.Id))["actions"]!.AsArray().Select(one => one!.AsObject())
                .Single(one => one.Text("name") == action);
            var from = Enum.Parse<AssetState>(state, ignoreCase: true);
            var permitted = AssetLifeCycle.Table.Table.SingleOrDefault(move => move.Action == action && move.From.Contains(from));

            // Nobody has what was sent to maintenance from stock.
            permitted = (state, action) == ("inMaintenance", "check-in") ? null : permitted;
            Assert.Equal(permitted is not null, listed["open"]!.GetValue<bool>());
            if (permitted is null)
            {
                var refused = await suite.TryAsync(asset.Id, action, Body(action), 409);
                Assert.Equal(("asset.transition", listed.Text("reason")), (refused.Code, refused.Text("detail")));
                continue;
            }

            var moved = await suite.DoAsync(asset.Id, action, Body(action));
            var to = action == "return-from-maintenance" ? AssetState.InStock : permitted.To;
            Assert.Equal(to.ToString(), moved.State, ignoreCase: true);
            Assert.Equal(to == AssetState.Deployed || (state, action) == ("deployed", "send-to-maintenance"), moved["holder"] is not null);
        }
    }

    /// <summary>Somebody has exactly what is deployed or with the repairer, whatever was done before.</summary>
    [Fact]
    public Task Whatever_is_done_an_asset_has_a_holder_where_its_state_says_so() =>
        Gen.Int[0, Actions.Length - 1].Select(index => Actions[index]).Array[12].SampleAsync(async actions =>
        {
            var (asset, ended) = (await suite.BuyAsync(state: "ordered"), 0);
            foreach (var action in actions.Prepend("receive"))
            {
                var before = await suite.AssetAsync(asset.Id);
                var answer = await suite.PostAsync(Agent, $"assets/{asset.Id}/{action}", Body(action), ifMatch: before.Tag);
                Assert.Equal(before.OpenActions.Contains(action) ? 200 : 409, (int)answer.Status);
                var now = await suite.AssetAsync(asset.Id);
                ended += before["holder"] is not null && now["holder"] is null ? 1 : 0;
                Assert.True(now["holder"] is null ? now.State != "deployed" : now.State is "deployed" or "inMaintenance", $"{now}");
                Assert.Equal(now["holder"] is null, now["checkedOutAt"] is null);
                Assert.Equal(ended, now.CheckOuts.Count);
            }
        }, iter: 25, threads: 4);

    [Fact]
    public async Task Who_has_it_keeps_it_while_it_is_repaired_and_has_it_no_more_once_it_is_lost()
    {
        var asset = await suite.BuyAsync();
        await suite.GiveAsync(asset.Id);
        Assert.Equal("/reason", (await suite.TryAsync(asset.Id, "send-to-maintenance", new { }, 400)).Pointer);
        Assert.NotNull((await suite.DoAsync(asset.Id, "send-to-maintenance", Body("send-to-maintenance")))["holder"]);
        Assert.Equal("deployed", (await suite.DoAsync(asset.Id, "return-from-maintenance")).State);
        await suite.DoAsync(asset.Id, "send-to-maintenance", Body("send-to-maintenance"));
        Assert.Null((await suite.DoAsync(asset.Id, "check-in"))["holder"]);
        await suite.GiveAsync(asset.Id);
        var stolen = await suite.DoAsync(asset.Id, "report-stolen", new { reason = "From the train." });
        Assert.Equal((null, "report-stolen", "From the train."),
            (stolen["holder"], stolen.CheckOuts[^1].Text("endedWith"), stolen.CheckOuts[^1].Text("endNote")));
        Assert.Equal(await suite.PersonAsync(Employee), stolen.Text("lastHolder"));
        Assert.Equal("inStock", (await suite.DoAsync(asset.Id, "find", new { reason = "The police had it." })).State);
    }

    [Fact]
    public async Task An_asset_is_put_into_another_but_never_in_a_circle_or_into_what_is_out_of_use()
    {
        var (server, rack, room) = (await suite.BuyAsync("Server"), await suite.BuyAsync("Rack"), await suite.BuyAsync("Room"));
        var inside = await suite.DoAsync(server.Id, "check-out", new { asset = rack.Text("number") });
        Assert.Equal(("deployed", rack.Id), (inside.State, inside.Text("holderAsset")));
        Assert.Equal([server.Text("number")], await suite.NumbersAsync("holderAsset=" + rack.Id));
        await suite.DoAsync(rack.Id, "check-out", new { asset = room.Id });
        foreach (var into in new[] { server, rack, room })
        {
            var refused = await suite.TryAsync(room.Id, "check-out", new { asset = into.Id }, 409);
            Assert.Equal("asset.holder-circle", refused.Code);
            Assert.Contains(into.Text("number"), refused.Text("detail"), StringComparison.Ordinal);
        }

        var holds = await suite.TryAsync(room.Id, "retire", new { reason = "Torn down." }, 409);
        Assert.Equal("asset.holds-others", holds.Code);
        Assert.Contains(rack.Text("number"), holds.Text("detail"), StringComparison.Ordinal);
        await suite.DoAsync(rack.Id, "check-in");
        await suite.DoAsync(room.Id, "retire", new { reason = "Torn down." });
        Assert.Equal("asset.holder-state", (await suite.TryAsync(rack.Id, "check-out", new { asset = room.Id }, 409)).Code);
        Assert.Equal("inStock", (await suite.AssetAsync(rack.Id)).State);

        // What was refused left nothing behind.
        await suite.DoAsync(server.Id, "check-in");
        await suite.DoAsync(rack.Id, "retire", new { reason = "Rusty." });
    }

    [Fact]
    public async Task Of_assets_that_are_put_into_each_other_at_once_none_is_in_a_circle()
    {
        for (var round = 0; round < 10; round++)
        {
            var ring = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => suite.BuyAsync("Box")));
            var answers = await Task.WhenAll(ring.Select((box, index) =>
                suite.PostAsync(Agent, $"assets/{box.Id}/check-out", new { asset = ring[(index + 1) % 3].Id }, ifMatch: "*")));
            Assert.Contains(answers, answer => (int)answer.Status == 409);
            Assert.All(answers.Where(answer => (int)answer.Status != 200), answer =>
                Assert.True(answer.Problem(409).Code is "asset.holder-circle" or "concurrent-change", answer.ToString()));
            var now = await Task.WhenAll(ring.Select(box => suite.AssetAsync(box.Id)));
            Assert.Contains(now, box => box["holderAsset"] is null);

            // An asset is retired, or something is in it.
            var (outer, inner) = (await suite.BuyAsync("Rack"), await suite.BuyAsync("Server"));
            await Task.WhenAll(suite.PostAsync(Agent, $"assets/{outer.Id}/retire", new { reason = "Rusty." }, ifMatch: "*"),
                suite.PostAsync(Agent, $"assets/{inner.Id}/check-out", new { asset = outer.Id }, ifMatch: "*"));
            Assert.NotEqual(("retired", "deployed"), ((await suite.AssetAsync(outer.Id)).State, (await suite.AssetAsync(inner.Id)).State));
        }
    }

    private static object Body(string action) => action switch
    {
        "check-out" => new { person = Employee },
        "check-in" => new { condition = "good" },
        _ => new { reason = "It must be so." },
    };
}
