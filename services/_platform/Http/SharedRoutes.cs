using Microsoft.AspNetCore.Routing;

namespace Itsm.Platform.Http;

/// <summary>Routes below <c>/api/v1/me</c> that each process answers once, with what its services know: a gateway before several makes one
/// answer of theirs.</summary>
/// <param name="Map">Maps them.</param>
public sealed record SharedRoutes(Action<IEndpointRouteBuilder> Map)
{
    /// <summary>What no service owns alone, below <c>/api/v1</c>.</summary>
    public const string Path = "me";

    /// <summary>What members of enums are called: shared, too.</summary>
    public const string Labels = "labels";

    /// <summary>How far what is beside the items of an answer is counted, in one process and in all together.</summary>
    public const int MostCounted = 1_000;

    private const int DefaultItems = 20;
    private const int MostItems = 50;

    /// <summary>How many items each list of an answer has at most, of one process and of all together.</summary>
    public static QueryParameter<long> Limit { get; } =
        new("limit", QueryValue.Whole(1, MostItems), "How many items each list has at most.", DefaultItems);
}
