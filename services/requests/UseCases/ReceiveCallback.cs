using System.ComponentModel.DataAnnotations;
using Itsm.Contracts;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Requests.Domain;
using Itsm.Requests.Fulfilling;

namespace Itsm.Requests.UseCases;

/// <summary>A program says what came of its call. The token that the call brought along is all that it needs; it is good once.</summary>
internal static class ReceiveCallback
{
    private static readonly QueryParameter<string> Token =
        new("token", QueryValue.Text(), "The token in the address that the call brought along.") { IsRequired = true };

    /// <summary>What came of it.</summary>
    /// <example>{ "outcome": "succeeded", "result": "The password was reset." }</example>
    public sealed record Request
    {
        /// <summary>Whether it worked.</summary>
        public required Outcome Outcome { get; init; }

        /// <summary>What the record shall say of it.</summary>
        [StringLength(4000)]
        public string? Result { get; init; }
    }

    /// <summary>Whether a call worked.</summary>
    public enum Outcome
    {
        /// <summary>It did.</summary>
        Succeeded,

        /// <summary>It did not.</summary>
        Failed,
    }

    /// <summary>What was noted.</summary>
    /// <param name="Request">Number of the request.</param>
    /// <param name="Task">Key of the task.</param>
    public sealed record Response(string Request, string Task);

    public static void Map(IEndpointRouteBuilder callbacks) => callbacks.MapPost("", Handle)
        .WithName(nameof(ReceiveCallback)).WithSummary("Takes the call back of a program; the same again is answered again")
        .AllowAnonymous().Takes(Token).Produces<Response>();

    private static async Task<Response> Handle(HttpContext http, Request request, AggregateStore<ServiceRequest> requests,
        Fulfillment fulfillment, CancellationToken ct)
    {
        var hash = Calls.Hash(Token.Of(http.Request)!);
        if (await requests.Documents.QueryAsync(
            new DocumentQuery([Condition.In("callbacks.hash", hash)], "callbacks.hash", false, null, 1), ct) is not [var document])
        {
            throw new HttpProblemException(Problems.Create(404, "not-found", $"Not found", $"There is no call with this token."));
        }

        var found = AggregateStore<ServiceRequest>.Load(document);
        var deadlines = await fulfillment.DeadlinesAsync(found.Tasks, ct);
        var audit = fulfillment.OwnAct("callback") with { By = new Actor(null, "automation"), Reason = request.Result };
        await requests.UpdateAsync(found.Id, audit,
            one => one.TakeCallback(hash, request.Outcome == Outcome.Succeeded, request.Result, deadlines, audit), ct);
        return new Response(found.Number, found.Callbacks.First(one => one.Hash == hash).Task);
    }
}
