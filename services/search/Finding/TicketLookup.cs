using System.Buffers.Binary;
using System.Text.RegularExpressions;
using Itsm.Platform.Access;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Values;
using Itsm.Search.Domain;
using Itsm.Search.Engines;
using Itsm.Search.Queries;

namespace Itsm.Search.Finding;

/// <summary>Looks up one ticket for a caller, also before searches find it, and waits for one that may be on its way into the index.
/// </summary>
internal sealed partial class TicketLookup(ISearchEngine engine, Arrivals arrivals, TimeProvider clock)
{
    /// <summary>How long a request waits for a ticket: engines under load take seconds from a write to its answer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // An unknown number is oftener mistyped than new; whoever opened a ticket has its id.
    private static readonly TimeSpan PatienceForNumbers = TimeSpan.FromSeconds(2);

    /// <summary>How old the id of a ticket may be that is still on its way.</summary>
    public static readonly TimeSpan Recent = TimeSpan.FromMinutes(2);

    // Another process may have put it there.
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    /// <summary>The ticket as it is in the index, or comes into it within 10 s, by its number 2 s.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="idOrNumber">As callers name it.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="HttpProblemException">503 where the id was made a short while ago, so that the ticket may be on its way; 404 for
    /// another one that is not there, and for one that the caller may not see. A number does not tell how old it is, and whether there is
    /// one is not told sooner than that there is none: 404 after the wait.</exception>
    public async Task<SearchDocument> FindAsync(string kind, string idOrNumber, Caller caller, CancellationToken ct)
    {
        var isId = Guid.TryParse(idOrNumber, out var named);
        var (id, mayCome) = (isId ? named : (Guid?)null, isId ? IsRecent(named) : Number().IsMatch(idOrNumber));
        using var expected = arrivals.Expect(idOrNumber);
        for (var until = clock.GetUtcNow() + (isId ? Patience : PatienceForNumbers); ;)
        {
            var found = await LookAsync(kind, id, idOrNumber, caller, ct);
            if (found is not null && found.Kind == kind && caller.Sees(found.Readers))
            {
                return found;
            }

            if (!mayCome || (isId && found is not null) || clock.GetUtcNow() >= until)
            {
                throw isId && mayCome && found is null ? OnItsWay(kind, idOrNumber) : HttpProblemException.NotFound(kind, idOrNumber);
            }

            id = await expected.NextAsync(BetweenLooks, clock, ct) ?? id;
        }
    }

    /// <returns>Null where it is not there; by its id also one that the caller may not see.</returns>
    private async Task<SearchDocument?> LookAsync(string kind, Guid? id, string number, Caller caller, CancellationToken ct)
    {
        if (id is null)
        {
            var named = new AllOf([new Values(SearchFields.Number, [number]), new Values(SearchFields.Kind, [kind])]);
            return (await engine.SearchAsync(SearchRequest.For(caller, named, 1), ct)).Hits is [var hit] ? hit.Document : null;
        }

        // By its id the engine has what it was given, findable or not.
        var serving = await engine.ServingAsync(ct) ?? throw new StoreUnavailableException("The index is being filled for the first time.");
        try
        {
            return (await engine.FindAsync(serving, [id.Value], ct)).GetValueOrDefault(id.Value) is { Version: > 0 } document
                ? document
                : null;
        }
        catch (GenerationMissingException)
        {
            return null;
        }
    }

    /// <summary>Ids of version 7 begin with the milliseconds of when they were made.</summary>
    private bool IsRecent(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var age = clock.GetUtcNow().ToUnixTimeMilliseconds() - (BinaryPrimitives.ReadInt64BigEndian(bytes) >>> 16);
        return id.Version == 7 && Math.Abs(age) <= Recent.TotalMilliseconds;
    }

    [GeneratedRegex("^[A-Za-z]{1,10}[0-9]{1,12}$")]
    private static partial Regex Number();

    private static HttpProblemException OnItsWay(string kind, string id) =>
        new(Problems.Create(503, "not-indexed-yet", $"Not indexed yet",
            $"The search does not know the {kind.AsWord} {id}: if it was opened a moment ago, it is on its way. Ask again."))
        {
            RetryAfter = BetweenLooks,
        };
}
