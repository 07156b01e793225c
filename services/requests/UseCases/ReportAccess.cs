using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Requests.Domain;

namespace Itsm.Requests.UseCases;

/// <summary>Who has access to which application, in numbers that open the grants they count.</summary>
internal static class ReportAccess
{
    private static readonly QueryParameter<long> Limit = new("limit", QueryValue.Whole(1, 1000), "How many applications at most.", 200);

    /// <summary>Applications that people have access to now.</summary>
    /// <param name="Items">By name.</param>
    /// <param name="Truncated">True where there are more.</param>
    public sealed record ReportedAccess(IReadOnlyList<ReportedApplication> Items, bool Truncated);

    /// <summary>Access to an application, of the grants that the caller may see.</summary>
    /// <param name="Application">Which.</param>
    /// <param name="Grants">How many give it.</param>
    /// <param name="Sensitivity">The highest of them.</param>
    /// <param name="Href">Where they are listed.</param>
    public sealed record ReportedApplication(string Application, long Grants, Sensitivity Sensitivity, string Href);

    public static void Map(IEndpointRouteBuilder reports) => reports.MapGet("applications", Handle)
        .WithName("ReportAccessToApplications").WithSummary("Reads to which applications people have access, with where it is listed who")
        .Requires(Permissions.ReadAccess).Takes(Limit).Produces<ReportedAccess>();

    private static async Task<ReportedAccess> Handle(
        HttpRequest request, Caller caller, AggregateStore<AccessGrant> grants, CancellationToken ct)
    {
        var limit = (int)Limit.Of(request);
        Condition[] active =
            [Condition.In("readers", caller.TokenValues), Condition.In("state", BsonMapping.Value(GrantState.Active))];
        var applications = (await grants.Documents.GroupAsync(active, ["application", "sensitivity"], ct))
            .GroupBy(of => of.Key[0].AsString).OrderBy(of => of.Key, StringComparer.OrdinalIgnoreCase).ToList();
        return new([.. applications.Take(limit).Select(of => new ReportedApplication(of.Key, of.Sum(one => one.Value),
            of.Max(one => Enum.Parse<Sensitivity>(one.Key[1].AsString, ignoreCase: true)),
            $"/api/v1/access-grants?application={Uri.EscapeDataString(of.Key)}&state=active"))], applications.Count > limit);
    }
}
