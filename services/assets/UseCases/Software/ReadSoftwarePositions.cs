using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using MongoDB.Bson;

namespace Itsm.Assets.UseCases;

/// <summary>What was bought of software products, against what is installed and used.</summary>
internal sealed class ReadSoftwarePositions(
    AggregateStore<SoftwareProduct> products, AggregateStore<License> licenses, AggregateStore<LicenseAssignment> assignments,
    AggregateStore<DeviceSoftware> devices)
{
    private const int Most = 1_000;
    private const int UsedWithin = 90;
    private const int PageSize = 500;

    private static readonly QueryParameter<long> Within = new("within", QueryValue.Whole(1, 3650),
        "How many days ahead a license counts as expiring.", 90);
    private static readonly QueryParameter<IReadOnlyList<string>> State = new("state",
        QueryValue.Member<PositionState>().Several(), "Those that stand so alone; several with commas.");

    private const string Explained = "Entitled are seats of licenses that are in force today. Installed counts devices, users the people "
        + "who had them when they were last reported. Over: there are more users, or without licenses per user more devices, than seats "
        + "per user and per device, or more cores are assigned than there are seats per core. Under: fewer than 80 % of the seats are "
        + "assigned, or, where reports tell of use, used in the last 90 days. Unlicensed: it is installed, and no license is in force. "
        + "Each href leads to the list that its number is of.";

    /// <summary>How all products stand.</summary>
    /// <param name="Items">By number.</param>
    /// <param name="More">True where there are more than 1,000 products.</param>
    public sealed record Positions(IReadOnlyList<Position> Items, bool More);

    /// <summary>How a product stands.</summary>
    /// <param name="Product">Which.</param>
    /// <param name="State">In a word.</param>
    /// <param name="Entitled">Seats of licenses in force, by metric.</param>
    /// <param name="Assigned">Seats that are assigned, of licenses in force or not.</param>
    /// <param name="Installed">Devices that have it.</param>
    /// <param name="Users">People who have these devices; null where no license per user is in force.</param>
    /// <param name="Used">Seats of those assigned that were used in the last 90 days, as far as reports tell.</param>
    /// <param name="Expiring">Licenses in force that expire soon, the first first.</param>
    public sealed record Position(ProductReference Product, PositionState State, IReadOnlyList<EntitledSeats> Entitled,
        CountedThings Assigned, CountedThings Installed, CountedThings? Users, CountedThings Used,
        IReadOnlyList<ExpiringLicense> Expiring);

    /// <summary>A product.</summary>
    /// <param name="Id">Identity.</param>
    /// <param name="Number">Shown to people.</param>
    /// <param name="Name">Shown to people.</param>
    /// <param name="Publisher">Who makes it.</param>
    /// <param name="Href">Where it is read.</param>
    public sealed record ProductReference(Guid Id, string Number, string Name, string Publisher, string Href);

    /// <summary>Seats of licenses of one metric.</summary>
    /// <param name="Metric">What a seat is for.</param>
    /// <param name="Seats">How many there are.</param>
    /// <param name="Assigned">How many of them are assigned.</param>
    /// <param name="Href">Where the licenses are listed.</param>
    public sealed record EntitledSeats(LicenseMetric Metric, long Seats, long Assigned, string Href);

    /// <summary>How many.</summary>
    /// <param name="Count">The number.</param>
    /// <param name="Href">Where those are listed that it is of.</param>
    public sealed record CountedThings(long Count, string Href);

    /// <summary>A license that expires soon.</summary>
    /// <param name="Id">Identity.</param>
    /// <param name="Number">Shown to people.</param>
    /// <param name="Name">Shown to people.</param>
    /// <param name="Metric">What a seat is for.</param>
    /// <param name="Seats">How many it has.</param>
    /// <param name="ExpiresOn">Its last day.</param>
    /// <param name="DaysLeft">How many days after today that is.</param>
    /// <param name="Href">Where it is read.</param>
    public sealed record ExpiringLicense(
        Guid Id, string Number, string Name, LicenseMetric Metric, int Seats, DateOnly ExpiresOn, int DaysLeft, string Href);

    public static void MapProducts(IEndpointRouteBuilder routes) => routes
        .MapGet("{id}/position", (string id, ReadSoftwarePositions positions, Read read, HttpRequest request, CancellationToken ct) =>
            read.PartAsync(positions.Products, id,
                async product => (await positions.OfAsync([product], [], (int)Within.Of(request), ct))[0], ct))
        .WithName("GetSoftwarePosition").WithSummary("Reads what was bought of a software product, against what is installed and used")
        .WithDescription(Explained).Requires(AssetPermissions.Read).Tagged().Takes(Within).Produces<Position>();

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("", (ReadSoftwarePositions positions, Caller caller, HttpRequest request, CancellationToken ct) =>
            positions.AllAsync(caller, request, ct))
        .WithName("ListSoftwarePositions").WithSummary("Reads what was bought of all software, against what is installed and used")
        .WithDescription(Explained).Requires(AssetPermissions.Read).Takes(State, Within).Produces<Positions>();

    private AggregateStore<SoftwareProduct> Products => products;

    private async Task<Positions> AllAsync(Caller caller, HttpRequest request, CancellationToken ct)
    {
        var found = await products.Documents.QueryAsync(
            new DocumentQuery([Condition.In("readers", caller.TokenValues)], "number", false, null, Most + 1), ct);
        var states = State.Of(request);
        var all = await OfAsync([.. found.Take(Most).Select(AggregateStore<SoftwareProduct>.Load)],
            [Condition.In("readers", caller.TokenValues)], (int)Within.Of(request), ct);
        return new([.. all.Where(one => states?.Contains(BsonMapping.Value(one.State).AsString) != false)], found.Count > Most);
    }

    private async ValueTask<IReadOnlyList<Position>> OfAsync(
        IReadOnlyList<SoftwareProduct> asked, IReadOnlyList<Condition> readers, int within, CancellationToken ct)
    {
        if (asked.Count == 0)
        {
            return [];
        }

        var now = products.Clock.GetUtcNow();
        var (today, since) = (DateOnly.FromDateTime(now.UtcDateTime), now.AddDays(-UsedWithin).ToMilliseconds());
        BsonValue[] ids = [.. asked.Select(one => BsonMapping.Value(one.Id))];
        var bought = await BoughtAsync(ids, readers, today, ct);
        var used = (await assignments.Documents.GroupAsync(
        [
            Condition.In("product", ids), Condition.In("active", true),
            Condition.Within("lastUsedAt", BsonMapping.Value(since), true, null, false),
        ], ["product", "seats"], ct)).GroupBy(group => group.Key[0])
            .ToDictionary(of => of.Key, of => of.Sum(group => group.Key[1].ToInt64() * group.Value));
        var positions = new List<Position>();
        foreach (var (product, id) in asked.Zip(ids))
        {
            List<Bought> its = [.. bought[product.Id]];
            var perUser = its.Exists(one => one is { InForce: true, Metric: LicenseMetric.PerUser });
            var (installed, users) = await InstalledAsync(id, perUser, ct);
            positions.Add(PositionOf(product, its, new(installed, users, used.GetValueOrDefault(id)), today, since, within));
        }

        return positions;
    }

    /// <summary>How many devices have a product and, where that is asked for, how many people have these.</summary>
    private async ValueTask<(long Devices, long? Users)> InstalledAsync(BsonValue product, bool byUser, CancellationToken ct)
    {
        IReadOnlyList<Condition> its = [Condition.In("products", product)];
        if (!byUser)
        {
            return (await devices.Documents.CountAsync(its, ct), null);
        }

        var holders = await devices.Documents.GroupAsync(its, "holder", ct);
        return (holders.Values.Sum(), holders.Keys.Count(holder => !holder.IsBsonNull));
    }

    private async ValueTask<ILookup<Guid, Bought>> BoughtAsync(
        BsonValue[] ids, IReadOnlyList<Condition> readers, DateOnly today, CancellationToken ct)
    {
        var all = new List<Bought>();
        var query = new DocumentQuery(readers.Count > 0 ? readers : [Condition.In("product", ids)], "number", false, null, PageSize);
        await foreach (var document in licenses.Documents.AllAsync(query, ct))
        {
            var one = AggregateStore<License>.Load(document);
            all.Add(new(one.Id, one.Number, one.Name, one.Product, one.Metric, one.Seats, one.Assigned, one.ExpiresOn,
                one.IsInForce(today)));
        }

        return all.ToLookup(license => license.Product);
    }

    private static Position PositionOf(
        SoftwareProduct product, List<Bought> bought, Found found, DateOnly today, DateTimeOffset since, int within)
    {
        var installations = $"/api/v1/software-products/{product.Id}/installations";
        var valid = bought.FindAll(one => one.InForce);
        var assigned = $"/api/v1/license-assignments?product={product.Id}&active=true";
        List<EntitledSeats> entitled =
        [
            .. valid.GroupBy(one => one.Metric).OrderBy(of => of.Key).Select(of => new EntitledSeats(
                of.Key, of.Sum(one => (long)one.Seats), of.Sum(one => (long)one.Assigned), $"/api/v1/licenses?product={product.Number}"
                    + $"&metric={BsonMapping.Value(of.Key)}&state=active&startsOn%5Blte%5D={today:yyyy-MM-dd}")),
        ];
        return new(new(product.Id, product.Number, product.Name, product.Publisher, $"/api/v1/software-products/{product.Id}"),
            StateOf(entitled, bought, found), entitled, new(bought.Sum(one => (long)one.Assigned), assigned),
            new(found.Devices, installations), found.Users is { } users ? new(users, installations) : null,
            new(found.Used, $"{assigned}&lastUsedAt%5Bgte%5D={since:yyyy-MM-ddTHH:mm:ss.fffZ}"),
            [
                .. valid.Where(one => one.ExpiresOn <= today.AddDays(within)).OrderBy(one => one.ExpiresOn).ThenBy(one => one.Number)
                    .Select(one => new ExpiringLicense(one.Id, one.Number, one.Name, one.Metric, one.Seats, one.ExpiresOn!.Value,
                        one.ExpiresOn.Value.DayNumber - today.DayNumber, $"/api/v1/licenses/{one.Id}")),
            ]);
    }

    private static PositionState StateOf(List<EntitledSeats> entitled, List<Bought> bought, Found found)
    {
        if (entitled.Count == 0)
        {
            return found.Devices > 0 ? PositionState.Unlicensed : PositionState.Ok;
        }

        var (perUser, perDevice) = (SeatsOf(LicenseMetric.PerUser), SeatsOf(LicenseMetric.PerDevice));
        var perCore = SeatsOf(LicenseMetric.PerCore);
        var (need, seats) = (found.Users ?? found.Devices, perUser + perDevice);
        var cores = bought.Where(one => one.Metric == LicenseMetric.PerCore).Sum(one => (long)one.Assigned);
        if ((seats > 0 && need > seats) || cores > perCore)
        {
            return PositionState.Over;
        }

        // Fewer than four fifths.
        return IsFew(entitled.Sum(one => one.Assigned)) || (found.Used > 0 && IsFew(found.Used)) ? PositionState.Under : PositionState.Ok;

        long SeatsOf(LicenseMetric metric) => entitled.Where(one => one.Metric == metric).Sum(one => one.Seats);

        bool IsFew(long count) => count * 5 < (seats + perCore) * 4;
    }

    /// <summary>What reports tell of a product.</summary>
    private readonly record struct Found(long Devices, long? Users, long Used);

    /// <summary>What a position needs of a license.</summary>
    private sealed record Bought(Guid Id, string Number, string Name, Guid Product, LicenseMetric Metric, int Seats, int Assigned,
        DateOnly? ExpiresOn, bool InForce);
}

/// <summary>How what was bought of a product stands against what is installed and used.</summary>
public enum PositionState
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Seats lie idle.</summary>
    Under,

    /// <summary>More is installed than was bought.</summary>
    Over,

    /// <summary>It is installed, and no license is in force.</summary>
    Unlicensed,
}
