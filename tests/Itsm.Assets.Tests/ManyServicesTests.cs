using Itsm.Assets.Domain;
using Itsm.Platform.Aggregates;
using Itsm.Testing;
using Microsoft.Extensions.DependencyInjection;
using static Itsm.Assets.Tests.Shortcuts;

namespace Itsm.Assets.Tests;

/// <summary>More services than a page has.</summary>
[OuterTier]
public sealed class ManyServicesTests(ManyServicesTests.Suite suite) : IClassFixture<ManyServicesTests.Suite>
{
    private const int Many = 1_100;

    [Fact]
    public async Task All_services_are_computed_and_listed_however_many_there_are()
    {
        var items = suite.Modules.GetRequiredService<AggregateStore<ConfigurationItem>>();
        var of = await suite.Modules.GetRequiredService<ItemLookup>().RequireClassAsync("it-service", "", CancellationToken.None);
        for (var number = 1; number <= Many; number++)
        {
            // The order of the names is not that of the numbers.
            var audit = AuditContext.OfService("assets", "create", suite.Clock);
            await items.TrySaveAsync(ConfigurationItem.Create(Guid.CreateVersion7(suite.Clock.GetUtcNow()), $"CI9{number:D6}", null, of,
                new() { Name = $"Service {Many - number:D6}", Visibility = of.Visibility }, audit), audit, CancellationToken.None);
        }

        var service = await suite.AddServiceAsync(new { name = "The last one" });
        var outage = await suite.RecordAsync(service, new { kind = "outage" });
        await suite.UntilAsync(Employee, $"services/{service.Id}", one => one.Text("state") == "outage");
        var listed = (await suite.GetAsync(Employee, "services")).Ok().Items;
        Assert.True(listed.Count > Many);
        Assert.Equal(service.Id, listed[0].Id);
        await suite.ActAsync(Agent, $"outages/{outage.Id}/end");
        await suite.UntilAsync(Employee, $"services/{service.Id}", one => one.Text("state") == "operational");
    }

    public sealed class Suite : AssetSuite;
}
