using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Itsm.Platform.Http;

/// <summary>Anchors: the heads of all histories of a service in one sealed file, to be kept where nobody who can write to the store, or has
/// the key, can reach it. Checked later, it shows what was written anew or removed since.</summary>
internal static partial class AuditAnchors
{
    private const int MostHistories = 5_000;
    private const int MostFaults = 50;
    private const int ChecksAtOnce = 8;
    private const string SealRow = "seal";
    private static readonly QueryParameter<string> After = new("after",
        QueryValue.Form(Place(), $"it comes from the Link of the page before"),
        "Where the page before ended; from its Link.");

    private static readonly string[] Columns = ["collection", "id", "entries", "head"];

    /// <summary>Who operates the suite.</summary>
    private static readonly Permission Operate = new("audit.operate", KnownRoles.Administrator);

    /// <summary>Permissions that the routes ask for.</summary>
    public static Permission[] Permissions => [Operate];

    /// <summary>Maps <c>operations/audit-anchor/{service}</c> and its verification.</summary>
    public static void Map(IEndpointRouteBuilder api)
    {
        var anchors = api.MapGroup("operations/audit-anchor").WithTags("Operations");
        anchors.MapGet("{service}", ReadAsync).WithName("ReadAuditAnchor")
            .WithSummary("Reads the heads of all histories of a service, sealed, to be kept outside")
            .WithDescription("CSV: a row for each history with its collection, id, number of entries and the hash of the last; the last "
                + $"row is the seal. At most {MostHistories} histories; `Link` names the next page, which is an anchor of its own.")
            .Requires(Operate).Takes(After).Produces<string>(StatusCodes.Status200OK, CsvTable.MediaType);
        anchors.MapPost("{service}/verification", VerifyAsync).WithName("VerifyAuditAnchor")
            .WithSummary("Checks all histories of an anchor, and that they still go through its heads")
            .WithMetadata(new RequestSizeLimitAttribute(CsvTable.LargestFile)).Accepts<string>(CsvTable.MediaType).Requires(Operate)
            .Produces<Verification>();
    }

    private static async Task<IResult> ReadAsync(
        string service, HttpContext context, AuditSeals seals, TimeProvider clock, CancellationToken ct)
    {
        var stores = StoresOf(service, context);
        var (first, after) = Position(After.Of(context.Request), stores);
        var rows = new StringBuilder(string.Join(',', Columns)).Append('\n');
        var count = 0;
        foreach (var store in stores[first..])
        {
            await foreach (var head in store.HeadsAsync(after, ct))
            {
                rows.Append(string.Join(',', RowOf(store.Collection, head))).Append('\n');
                if (++count == MostHistories)
                {
                    context.Response.Headers.Link = $"<{context.Request.Path}?after={store.Collection}/{head.Aggregate}>; rel=\"next\"";
                    return Sealed();
                }
            }

            after = null;
        }

        return Sealed();

        IResult Sealed()
        {
            var at = clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
            var (key, seal) = seals.Sign(Signed(service, at, rows.ToString()))
                ?? throw new HttpProblemException(Problems.Create(409, "audit-no-key", $"No key",
                    $"There is no key to seal an anchor with: set Audit:Current and Audit:Keys."));
            return TypedResults.Text(rows.Append(CultureInfo.InvariantCulture,
                $"{SealRow},{at},\"{key.Replace("\"", "\"\"", StringComparison.Ordinal)}\",{Convert.ToBase64String(seal)}\n").ToString(),
                CsvTable.MediaType);
        }
    }

    private static async Task<Verification> VerifyAsync(string service, HttpContext context, AuditSeals seals, CancellationToken ct)
    {
        var stores = StoresOf(service, context);
        var file = await CsvTable.ReadAsync(context.Request, ct);
        file.RequireColumns($"an anchor", Columns, Columns);
        var heads = file.Rows.SkipLast(1).Select(row => HeadOf(row, stores)).ToList();
        var at = RequireSeal(service, file.Rows[^1], heads, seals);
        var faults = new ConcurrentBag<Fault>();
        await Parallel.ForEachAsync(heads, new ParallelOptions { MaxDegreeOfParallelism = ChecksAtOnce, CancellationToken = ct },
            async (one, ct) =>
        {
            if (await one.Store.CheckAsync(one.Head, ct) is { } fault)
            {
                faults.Add(new Fault(one.Store.Collection, one.Head.Aggregate, fault));
            }
        });
        return new Verification(faults.IsEmpty, at, heads.Count, faults.Count,
            [.. faults.OrderBy(fault => fault.Collection, StringComparer.Ordinal).ThenBy(fault => fault.Id).Take(MostFaults)]);
    }

    private static IHistories[] StoresOf(string service, HttpContext context) =>
        context.RequestServices.GetKeyedServices<IHistories>(service).OrderBy(store => store.Collection, StringComparer.Ordinal)
            .ToArray() is { Length: > 0 } stores
            ? stores : throw HttpProblemException.NotFound("service", service);

    private static (int First, Guid? After) Position(string? after, IHistories[] stores) => after?.Split('/') switch
    {
        null => (0, null),
        [var collection, var text] when Guid.TryParse(text, out var id)
            && Array.FindIndex(stores, store => store.Collection == collection) is >= 0 and var first =>
            (first, id),
        _ => throw HttpProblemException.Invalid("?after", FieldCode.WrongFormat,
            $"after can't be {after.Quoted}: it comes from the Link of the page before."),
    };

    private static (IHistories Store, HistoryHead Head) HeadOf(CsvRow row, IHistories[] stores)
    {
        var hash = new byte[SHA256.HashSizeInBytes];
        return Array.Find(stores, store => store.Collection == row.Values[0]) is { } store && Guid.TryParse(row.Values[1], out var id)
            && long.TryParse(row.Values[2], NumberStyles.None, CultureInfo.InvariantCulture, out var entries)
            && Convert.TryFromBase64String(row.Values[3], hash, out var length)
            && length == hash.Length
            ? (store, new HistoryHead(id, entries, hash))
            : throw HttpProblemException.Invalid("", FieldCode.WrongFormat, $"Line {row.Line} is no row of an anchor of this service.");
    }

    /// <exception cref="HttpProblemException">400 where the anchor is not as it was sealed.</exception>
    private static DateTimeOffset RequireSeal(
        string service, CsvRow row, List<(IHistories Store, HistoryHead Head)> heads, AuditSeals seals)
    {
        var rows = string.Concat(heads.Select(one => string.Join(',', RowOf(one.Store.Collection, one.Head)) + '\n')
            .Prepend(string.Join(',', Columns) + '\n'));
        var seal = new byte[HMACSHA256.HashSizeInBytes];
        return row.Values[0] == SealRow
            && DateTimeOffset.TryParse(row.Values[1], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            && Convert.TryFromBase64String(row.Values[3], seal, out var length)
            && seals.Fits(row.Values[2], seal.AsSpan(0, length), Signed(service, row.Values[1], rows))
            ? at
            : throw HttpProblemException.Invalid("", FieldCode.Conflicting,
                $"Line {row.Line}: the seal does not fit. The anchor was altered or cut off, is of another service, or its key is not "
                + $"among Audit:Keys.");
    }

    private static string[] RowOf(string collection, HistoryHead head) =>
        [collection, head.Aggregate.ToString(), head.Entries.ToString(CultureInfo.InvariantCulture),
            Convert.ToBase64String(head.Hash.Span)];

    private static byte[] Signed(string service, string at, string rows) =>
        Encoding.UTF8.GetBytes($"audit-anchor\n{service}\n{at}\n{rows}");

    [GeneratedRegex("^[a-z-]+/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    private static partial Regex Place();

    /// <summary>What came of checking an anchor.</summary>
    /// <param name="Valid">True where every history is whole and still goes through what was its head.</param>
    /// <param name="SealedAt">When the anchor was read.</param>
    /// <param name="Histories">How many were checked.</param>
    /// <param name="FaultCount">How many of them are not as they should be.</param>
    /// <param name="Faults">The first 50 of these.</param>
    public sealed record Verification(bool Valid, DateTimeOffset SealedAt, int Histories, int FaultCount, IReadOnlyList<Fault> Faults);

    /// <summary>A history that is not as it should be.</summary>
    /// <param name="Collection">Where.</param>
    /// <param name="Id">Of the thing.</param>
    /// <param name="What">What is wrong.</param>
    public sealed record Fault(string Collection, Guid Id, HistoryFault What);
}
