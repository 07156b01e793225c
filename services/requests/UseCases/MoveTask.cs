using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Requests.Domain;
using Itsm.Requests.Fulfilling;
using Itsm.Requests.Ordering;
using Microsoft.Extensions.Options;

namespace Itsm.Requests.UseCases;

/// <summary>Moves a task of a request on, or back. What needs a reason says so: fail, skip and waive.</summary>
internal static class MoveTask
{
    private static readonly (string Action, string Summary, bool NeedsReason)[] Moves =
    [
        ("start", "Begins a task; whoever begins takes it where nobody has", false),
        ("complete", "Ends a task, with the answers to its form", false), ("fail", "Says that a task did not work", true),
        ("retry", "Tries a failed task again", false), ("skip", "Ends a task that is not needed", true),
        ("waive", "Gives up what a leaver holds, for a reason", true), ("reopen", "Takes an ended task up again", true),
    ];

    /// <summary>A step of a task's life.</summary>
    /// <example>{ "outcome": "Given." }</example>
    public sealed record Request
    {
        /// <summary>What came of it, or why.</summary>
        [StringLength(4000, MinimumLength = 3)]
        public string? Outcome { get; init; }

        /// <summary>Answers to the task's own form, when it is completed.</summary>
        public IReadOnlyDictionary<string, JsonElement>? Answers { get; init; }
    }

    public static void Map(IEndpointRouteBuilder requests)
    {
        foreach (var (action, summary, needsReason) in Moves)
        {
            requests.MapPost($"{{id}}/tasks/{{task}}/{action}",
                (string id, string task, Request request, Write write, AggregateStore<ServiceRequest> store, Catalog catalog,
                    AnswerReader reader, Fulfillment fulfillment, IOptions<RequestSettings> settings, CancellationToken ct) =>
                    HandleAsync(id, task, action, needsReason, request, write, store, catalog, reader, fulfillment,
                        settings.Value.CloseAfter, ct))
                .WithName($"{char.ToUpperInvariant(action[0])}{action[1..]}RequestTask").WithSummary(summary).Requires(Permissions.Work)
                .ChangesOne().Produces<ServiceRequest>();
        }
    }

    /// <exception cref="HttpProblemException">404 where the request has no such task.</exception>
    public static RequestTask Find(ServiceRequest request, string key) =>
        request.Tasks.FirstOrDefault(task => task.Key == key) ?? throw HttpProblemException.NotFound("task", key);

    private static Task<IResult> HandleAsync(
        string id, string task, string action, bool needsReason, Request request, Write write, AggregateStore<ServiceRequest> store,
        Catalog catalog, AnswerReader reader, Fulfillment fulfillment, TimeSpan closeAfter, CancellationToken ct) =>
        write.ChangeAsync(store, id, action + "-task", request.Outcome, async (found, audit) =>
        {
            Find(found, task);
            if (needsReason && request.Outcome is null)
            {
                throw new InvalidValueException("/outcome", $"outcome is required to {action} a task: it says why.");
            }

            IReadOnlyList<Answer> answers = [];
            found.RequireMove(task, action);
            if (action == "complete")
            {
                var form = await catalog.FormOfTaskAsync(found, task, ct);
                answers = (await reader.ReadAsync(form, request.Answers ?? new Dictionary<string, JsonElement>(), ItemKind.Standard,
                    whole: true, ct)).Answers;
            }
            else if (request.Answers is not null)
            {
                throw new InvalidValueException("/answers", "Answers are given when a task is completed.");
            }

            found.MoveTask(task, action, request.Outcome, answers, await fulfillment.DeadlinesAsync(found.Tasks, ct), closeAfter, audit);
        }, ct);
}
