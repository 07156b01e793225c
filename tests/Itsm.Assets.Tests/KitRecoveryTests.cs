using Itsm.Assets.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Testing;
using Microsoft.Extensions.DependencyInjection;
using static Itsm.Assets.Tests.AssetShortcuts;

namespace Itsm.Assets.Tests;

/// <summary>Somebody dies while they hand out a kit.</summary>
[Collection(OwnSuite.Name)]
public sealed class KitRecoveryTests(OwnSuite.Suite suite)
{
    [Theory, InlineData(false), InlineData(true)]
    public async Task What_a_dead_process_reserved_is_free_again_unless_all_was_and_is_handed_out_then(bool all)
    {
        var model = NewTag();
        var asset = (await suite.PostAsync(Agent, "assets", new { name = "Laptop", model })).Ok();
        var kit = (await suite.PostAsync(Agent, "kits",
            new { key = NewTag().ToLowerInvariant(), name = "A desk", parts = new[] { new { model } } })).Ok();
        var person = Guid.Parse(await suite.PersonAsync(Employee));
        var checkOuts = suite.Modules.GetRequiredService<AggregateStore<KitCheckOut>>();
        var audit = AuditContext.OfService("assets", "test", suite.Clock);
        var stored = await suite.Modules.GetRequiredService<AggregateStore<Kit>>().FindAsync(Guid.Parse(kit.Id), default);
        var begun = KitCheckOut.Begin(stored!, new AssetHolder(person, null, null), null, null, null, audit);
        Assert.True(await checkOuts.TrySaveAsync(begun, audit, default));
        await suite.Modules.GetRequiredService<AggregateStore<Asset>>().UpdateAsync(Guid.Parse(asset.Id), audit,
            one => Assert.True(one.Reserve(begun.Id)), default);
        Assert.Contains("kit", (await suite.TryAsync(asset.Id, "check-out", new { person = Other }, 409)).Text("detail"),
            StringComparison.Ordinal);
        await suite.TryAsync(asset.Id, "retire", new { reason = "Old." }, 409);
        if (all)
        {
            await checkOuts.UpdateAsync(begun.Id, audit, one => one.HandOut([Guid.Parse(asset.Id)], audit), default);
        }
        else
        {
            suite.Clock.Advance(TimeSpan.FromMinutes(2));
        }

        await suite.UntilAsync(Agent, $"kits/{kit.Id}/check-outs/{begun.Id}", one => one.State == (all ? "done" : "failed"));
        Assert.Equal(all ? person.ToString() : null, (await suite.UntilAsync(Agent, "assets/" + asset.Id,
            one => one["actions"]!.AsArray().Any(action => action!["name"]!.GetValue<string>() == (all ? "check-in" : "check-out")
                && action["open"]!.GetValue<bool>()))).TextOrNull("holder"));
    }
}
