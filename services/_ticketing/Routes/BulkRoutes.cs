using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Ticketing.Bulk;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using MongoDB.Bson;

namespace Itsm.Ticketing.Routes;

/// <summary>One action over many things, as a job with a result for each.</summary>
public static class BulkRoutes
{
    private const int PageSize = 200;

    /// <summary>Of one person at once.</summary>
    private const int MostUnfinished = 5;

    // What says how a list is shown, and not what is in it.
    private static readonly HashSet<string> Showing = ["limit", "cursor", "fields", "count", "expand", "render", "id"];

    /// <summary>What is to be done, and to what: either ids or a filter.</summary>
    /// <example>{ "action": "assign", "with": { "assignmentGroup": "network" }, "ids": ["INC0001042", "INC0001043"] }</example>
    public sealed record Request
    {
        /// <summary>As single reads list it.</summary>
        [Required, StringLength(100, MinimumLength = 1)]
        public required string Action { get; init; }

        /// <summary>The body of the action's own request; an empty one where left out.</summary>
        public JsonElement? With { get; init; }

        /// <summary>Ids or numbers, each once.</summary>
        [MaxLength(BulkJob<Ticket>.MostTargets), MinLength(1)]
        public IReadOnlyList<string>? Ids { get; init; }

        /// <summary>The query of a list: all of those that it finds for the caller now, at most 1,000.</summary>
        [StringLength(4_000, MinimumLength = 1)]
        public string? Filter { get; init; }
    }

    internal static void Map<T>(IEndpointRouteBuilder things, KindNames names, Permission work)
        where T : Aggregate
    {
        var bulk = things.MapGroup("bulk");
        bulk.MapPost("", (Request request, Write writing, AggregateStore<BulkJob<T>> jobs, OwnRequests requests, BulkActions actions,
            CancellationToken ct) => StartAsync(request, writing, jobs, requests, actions, names, ct))
            .WithName($"StartBulkOf{names.Name}s").WithSummary($"Does one thing to many {names.Noun}s")
            .WithDescription("A job does it in the caller's name and with the rights that they have then, to each as its own route does "
                + "it, with `If-Match: *`; what is refused is in its results with status, code and detail. Histories name the job as "
                + "`request`.")
            .Requires(work).Produces<BulkJob<T>>(StatusCodes.Status202Accepted);
        bulk.MapGet("", (ListQuery list, AggregateStore<BulkJob<T>> jobs, CancellationToken ct) =>
            list.PageAsync(jobs, BulkJob<T>.Lists, ct))
            .WithName($"ListBulksOf{names.Name}s").WithSummary("Lists bulk jobs, without their results")
            .Requires(work).Lists<BulkJob<T>>(BulkJob<T>.Lists);
        bulk.MapGet("{job:guid}", (Guid job, Read reading, AggregateStore<BulkJob<T>> jobs, CancellationToken ct) =>
            reading.OneAsync(jobs, job.ToString(), ct))
            .WithName($"GetBulkOf{names.Name}s").WithSummary("Reads how far a bulk job got, and what came of each")
            .Requires(work).Reads<BulkJob<T>>(BulkJob<T>.Lists);
        bulk.MapPost("{job:guid}/cancel", (Guid job, Write writing, AggregateStore<BulkJob<T>> jobs, CancellationToken ct) =>
            writing.ChangeAsync(jobs, job.ToString(), "cancel", null, (one, audit) => one.Cancel(audit.At), ct))
            .WithName($"CancelBulkOf{names.Name}s").WithSummary("Stops a bulk job; what was done is done")
            .Requires(work).ChangesOne().Produces<BulkJob<T>>();
    }

    private static async Task<IResult> StartAsync<T>(
        Request request, Write writing, AggregateStore<BulkJob<T>> jobs, OwnRequests requests, BulkActions actions, KindNames names,
        CancellationToken ct)
        where T : Aggregate
    {
        var known = actions.Of(names.Plural).Keys;
        if (!known.Contains(request.Action))
        {
            var possible = known.Order(StringComparer.Ordinal);
            throw HttpProblemException.Invalid("/action", FieldCode.NotOneOf,
                $"action can't be {request.Action.Quoted}: possible: {possible.Listed}.");
        }

        if (request.With is { ValueKind: not JsonValueKind.Object } other)
        {
            throw HttpProblemException.Invalid("/with", FieldCode.WrongType, $"with is an object, not {other.GetRawText().Quoted}.");
        }

        if ((request.Ids is null) == (request.Filter is null))
        {
            throw HttpProblemException.Invalid("", FieldCode.Conflicting, $"Either ids or filter says to what it is to be done.");
        }

        var twice = request.Ids?.GroupBy(id => id, StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Count() > 1)?.Key;
        if (twice is not null)
        {
            throw HttpProblemException.Invalid("/ids", FieldCode.Repeated, $"{twice.Quoted} is there twice.");
        }

        var with = WithOf(request);
        return await writing.CreateAsync(jobs, async audit =>
        {
            var targets = request.Ids ?? await FindAsync(request.Filter!, writing.Caller, writing.Language, requests, names, ct);
            if (await jobs.Documents.CountAsync([Condition.In("readers", ReaderToken.Person(writing.Caller.Person)),
                Condition.In("state", BsonMapping.Value(BulkState.Queued), BsonMapping.Value(BulkState.Running))], ct) >= MostUnfinished)
            {
                throw new RuleViolationException("bulk.too-many", $"{MostUnfinished} of your jobs are not done yet; wait for one.");
            }

            return BulkJob<T>.Queue(request.Action, with, targets, writing.Caller, writing.Language, audit.At);
        }, ct, status: StatusCodes.Status202Accepted);
    }

    private static BsonValue WithOf(Request request)
    {
        try
        {
            return request.With is { } with ? AnyJson.ToBson(with) : new BsonDocument();
        }
        catch (JsonException)
        {
            throw HttpProblemException.Invalid("/with", FieldCode.WrongFormat,
                $"with has a number that is too great, or a text that is no Unicode.");
        }
    }

    /// <summary>The ids of what a list finds for the caller.</summary>
    /// <exception cref="HttpProblemException">400: it is no query of that list, or finds nothing, or too much.</exception>
    private static async Task<IReadOnlyList<string>> FindAsync(
        string filter, Caller caller, Language language, OwnRequests requests, KindNames names, CancellationToken ct)
    {
        var conditions = QueryHelpers.ParseQuery(filter);
        if (conditions.Keys.FirstOrDefault(Showing.Contains) is { } showing)
        {
            throw HttpProblemException.Invalid("/filter", FieldCode.UnknownField,
                $"filter says which, not how they are shown: leave {showing} out.");
        }

        if (!conditions.Keys.Any(name => name.Length > 0 && name != "sort"))
        {
            throw HttpProblemException.Invalid("/filter", FieldCode.TooFew, $"{filter.Quoted} has no condition: it would be everything.");
        }

        List<string> found = [];
        var cursor = "";
        do
        {
            var answer = await requests.SendAsync(caller.Person, new OwnRequest(HttpMethods.Get, $"/api/v1/{names.Plural}")
            {
                Query = $"?{filter.TrimStart('?')}&fields=number&limit={PageSize}{cursor}", Common = Guid.Empty, Language = language,
            }, ct);
            using var page = JsonDocument.Parse(answer.Body);
            if (answer.Status != StatusCodes.Status200OK)
            {
                throw HttpProblemException.Invalid("/filter", FieldCode.WrongFormat,
                    Sentence.Verbatim(page.RootElement.GetProperty("detail").GetString()!));
            }

            found.AddRange(page.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!));
            cursor = page.RootElement.TryGetProperty("next", out var next) && next.GetString() is { } text ? $"&cursor={text}" : "";
        }
        while (cursor.Length > 0 && found.Count <= BulkJob<Ticket>.MostTargets);

        const int Most = BulkJob<Ticket>.MostTargets;
        return found.Count switch
        {
            0 => throw HttpProblemException.Invalid("/filter", FieldCode.TooFew, $"{filter.Quoted} finds nothing that you can see."),
            > Most => throw HttpProblemException.Invalid("/filter", FieldCode.TooMany,
                $"{filter.Quoted} finds more than {Most}; narrow it."),
            _ => found,
        };
    }
}
