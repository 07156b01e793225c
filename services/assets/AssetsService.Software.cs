using Itsm.Assets.Domain;
using Itsm.Assets.Subscriptions;
using Itsm.Assets.UseCases;
using Itsm.Contracts.Directory;
using Itsm.Platform.Hosting;
using Itsm.Platform.Http;
using Itsm.Ticketing;

namespace Itsm.Assets;

/// <summary>Software: products, licenses, who and what uses them.</summary>
public sealed partial class AssetsService
{
    private static void AddSoftware(ServiceBuilder service)
    {
        service
            .Stores(SoftwareProduct.Definition)
            .Stores(License.Definition)
            .Stores(LicenseAssignment.Definition)
            .Stores(DeviceSoftware.Definition)
            .AddNumbers<SoftwareProduct>("SWP")
            .AddNumbers<License>("LIC")
            .Subscribes<PersonChanged, EndLicensesOfLeavers>(person => !person.Active)
            .Timer<Asset, EndLicensesOfAsset>(Asset.RetirementTimer)
            .Timer<License>(License.ExpiresSoonTimer, "note-expires-soon", (license, audit) => license.NoteExpiresSoon(audit))
            .Timer<License>(License.ExpiryTimer, "note-expiry", (license, audit) => license.NoteExpiry(audit))
            .Timer<License, SettleSeats>(License.SettleTimer)
            .Timer<LicenseAssignment, ReleaseSeats>(LicenseAssignment.ReleaseTimer);
        service.Services.AddSingleton<SoftwareLookup>().AddSingleton<HeldLicenses>().AddSingleton<SoftwareUse>()
            .AddSingleton<ReadSoftwarePositions>();
    }

    private static void MapSoftware(IEndpointRouteBuilder api)
    {
        var products = api.MapGroup("software-products").WithTags("Software");
        ManageSoftwareProducts.Map(products);
        ReportSoftware.MapProducts(products);
        ReadSoftwarePositions.MapProducts(products);
        products.MapHistory<SoftwareProduct>(AssetPermissions.ReadHistory, "software product");
        var licenses = api.MapGroup("licenses").WithTags("Software");
        ManageLicenses.Map(licenses);
        AssignLicenses.MapLicenses(licenses);
        licenses.MapHistory<License>(AssetPermissions.ReadHistory, "license");
        var assignments = api.MapGroup("license-assignments").WithTags("Software");
        AssignLicenses.Map(assignments);
        assignments.MapHistory<LicenseAssignment>(AssetPermissions.ReadHistory, "license assignment");
        ReportSoftware.Map(api.MapGroup("software-reports").WithTags("Software"));
        ReportSoftware.MapAssets(api.MapGroup("assets").WithTags("Software"));
        ReadSoftwarePositions.Map(api.MapGroup("software-positions").WithTags("Software"));
    }
}
