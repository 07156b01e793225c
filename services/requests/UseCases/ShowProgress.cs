using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Requests.Domain;
using Itsm.Ticketing.Tasks;

namespace Itsm.Requests.UseCases;

/// <summary>One view of a request with all that was ordered for it: who has to do what until when, what is late, what is done.</summary>
internal static class ShowProgress
{
    private const int MostRequests = 1_000;
    private const int Deepest = 5;

    /// <summary>Progress of a request.</summary>
    /// <param name="Number">Of the request.</param>
    /// <param name="State">Of the request.</param>
    /// <param name="Total">Tasks, of this request and those ordered for it.</param>
    /// <param name="Ended">Of them, done or not needed.</param>
    /// <param name="Late">Of them, past their due instant and not ended.</param>
    /// <param name="Failed">Of them, did not work.</param>
    /// <param name="Teams">By group.</param>
    /// <param name="Requests">What was ordered for it, with its own state.</param>
    /// <param name="Partial">True where it has more requests below it than are looked at: the figures are too low.</param>
    public sealed record Response(string Number, RequestState State, int Total, int Ended, int Late, int Failed, IReadOnlyList<Team> Teams,
        IReadOnlyList<Ordered> Requests, bool Partial);

    /// <summary>The tasks of a group.</summary>
    /// <param name="Group">Its name; null for what no group has.</param>
    /// <param name="Tasks">What is due first comes first.</param>
    public sealed record Team(string? Group, IReadOnlyList<Step> Tasks);

    /// <summary>A task.</summary>
    /// <param name="Request">Number of its request.</param>
    /// <param name="Key">Tells the tasks of a request apart.</param>
    /// <param name="Title">One line.</param>
    /// <param name="State">Where it stands.</param>
    /// <param name="Assignee">Who does it.</param>
    /// <param name="DueAt">When it should be done.</param>
    /// <param name="EndedAt">When it ended.</param>
    /// <param name="Late">True where it should be done by now and is not.</param>
    public sealed record Step(string Request, string Key, string Title, TaskState State, Guid? Assignee, DateTimeOffset? DueAt,
        DateTimeOffset? EndedAt, bool Late);

    /// <summary>A request that was ordered.</summary>
    /// <param name="Number">Its number.</param>
    /// <param name="Title">What was ordered.</param>
    /// <param name="State">Where it stands.</param>
    /// <param name="WaitingFor">In plain words.</param>
    public sealed record Ordered(string Number, string Title, RequestState State, Sentence? WaitingFor)
    {
        /// <summary>What it waits for in English with the names of the arguments in braces.</summary>
        public string? Template => WaitingFor?.Template;

        /// <summary>The arguments of the template by name.</summary>
        public SentenceArguments? Arguments => WaitingFor?.Arguments;
    }

    public static void Map(IEndpointRouteBuilder requests) => requests.MapGet("{id}/progress", Handle)
        .WithName(nameof(ShowProgress)).WithSummary("Shows all tasks of a request, and of those ordered for it, by team; and what is late")
        .Requires(Permissions.OfTickets.Read).Produces<Response>();

    private static async Task<Response> Handle(
        string id, HttpContext context, Read read, AggregateStore<ServiceRequest> store, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        List<ServiceRequest> all = [AggregateStore<ServiceRequest>.Load(await read.FindAsync(store, id, ct))];
        var (level, partial) = (all, false);
        for (var depth = 0; depth < Deepest && level.Count > 0; depth++)
        {
            // What the caller may not see of what was ordered does not show here either.
            level = [.. (await store.Documents.QueryAsync(
                new DocumentQuery([Condition.In("parent", [.. level.Select(one => BsonMapping.Value(one.Id))]),
                    Condition.In("readers", read.Caller.TokenValues)], "openedAt", false, null, MostRequests),
                ct)).Select(AggregateStore<ServiceRequest>.Load)];
            all.AddRange(level);
            partial |= level.Count == MostRequests || depth == Deepest - 1 && level.Count > 0;
        }

        List<(string? Group, Step Step, bool Ended)> steps =
        [
            .. all.SelectMany(request => request.Tasks.Select(task => (task.GroupName ?? request.GroupName,
                new Step(request.Number, task.Key, task.Title, task.State, task.Assignee, task.DueAt, task.EndedAt,
                    !task.HasEnded && task.DueAt < now), task.HasEnded))),
        ];
        return new Response(
            all[0].Number, all[0].State, steps.Count, steps.Count(one => one.Ended), steps.Count(one => one.Step.Late),
            steps.Count(one => one.Step.State == TaskState.Failed),
            [.. steps.GroupBy(one => one.Group).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group =>
                new Team(group.Key, [.. group.Select(one => one.Step).OrderBy(step => step.DueAt ?? DateTimeOffset.MaxValue)]))],
            [.. all.Skip(1).Select(request => new Ordered(request.Number, request.Title, request.State,
                request.WaitingFor?.ToSentence().In(context.Language)))],
            partial);
    }
}
