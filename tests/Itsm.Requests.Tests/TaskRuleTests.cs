using Itsm.Contracts;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Requests.Domain;
using Itsm.Ticketing;
using Itsm.Ticketing.Approvals;
using Itsm.Ticketing.Tasks;

namespace Itsm.Requests.Tests;

/// <summary>The rules of a request's tasks, on the domain alone.</summary>
public sealed class TaskRuleTests
{
    private static readonly Deadlines Whenever = new(TimeSpan.FromDays(5));

    private static readonly AuditContext Audit = new()
    {
        By = new Actor(Guid.Parse("01900000-0000-7000-8000-000000000001"), "Ada"), Action = "test",
        At = DateTimeOffset.UnixEpoch.AddYears(60),
    };

    [Fact]
    public void Tasks_move_as_the_table_and_their_kind_say_and_in_no_other_way()
    {
        foreach (var (kind, state, move) in from kind in Enum.GetValues<StepKind>()
            from state in Enum.GetValues<TaskState>()
            from move in TaskLifeCycle.Table.Table
            select (kind, state, move))
        {
            var request = With(kind, state);
            var why = !move.From.Contains(state) ? "task.transition" : ByHand(kind, state, move.Action);
            if (why is not null)
            {
                var refused = Assert.Throws<RuleViolationException>(() => request.MoveTask("it", move.Action, "Why.", Whenever, Audit));
                Assert.Equal((why, state), (refused.Code, request.Tasks[1].State));
                continue;
            }

            request.MoveTask("it", move.Action, "Why.", Whenever, Audit);
            var task = request.Tasks[1];
            Assert.Equal((move.To, move.To == TaskState.Open ? 1 : 0), (task.State, task.Run));
            Assert.Equal(task.HasEnded ? Audit.At : null, task.EndedAt);
        }

        static string? ByHand(StepKind kind, TaskState state, string action) => (kind, action) switch
        {
            (StepKind.Deactivate, not "waive") => "task.automatic",
            (StepKind.Call or StepKind.Request, "start" or "fail" or "reopen") => "task.automatic",
            (StepKind.Call or StepKind.Request, "complete") when state != TaskState.Failed => "task.automatic",
            (StepKind.Recover, "reopen") when state == TaskState.Done => "task.automatic",
            (StepKind.Recover, "skip") => "task.required",
            (StepKind.Work or StepKind.Call or StepKind.Request, "waive") => "task.not-held",
            _ => null,
        };
    }

    [Fact]
    public void Tasks_are_read_from_messages_older_than_the_member_that_all_kinds_have()
    {
        var message = With(StepKind.Work, TaskState.Done).Replay();
        var older = message with { Tasks = null, Request = message.Request! with { Tasks = message.Tasks! } };
        Assert.Empty(message.Request.Tasks);
        Assert.Equal(["first", "it"], older.AllTasks.Select(task => task.Key));
        Assert.Equal(["first"], older.OpenTasks.Select(task => task.Key));
        Assert.False(BsonMapping.ToBytes((RequestTask)With(StepKind.Work, TaskState.Done).Tasks[1]).AsSpan().IndexOf("hasEnded"u8) >= 0);
    }

    /// <summary>A request in fulfillment whose second task stands there, beside one that is open.</summary>
    private static ServiceRequest With(StepKind kind, TaskState state)
    {
        var item = CatalogItem.Create(Guid.Empty, "thing", new ItemContent { Name = "Thing" }, new ItemLinks(null, null, null, []));
        item.Publish(new ItemLinks(null, null, null, []), Audit);
        var request = ServiceRequest.Order(
            new NewRequest { Number = "REQ0000001", Item = item, Answers = [], Requester = Guid.Empty, OpenedBy = Guid.Empty }, Audit);
        request.Submit(
            new ApprovalPolicy { Rules = [new ApprovalRule { Then = ApprovalOutcome.Approve }], Stages = [] }, new FieldValues(), Audit);
        request.Begin(
        [
            new RequestTask { Key = "first", Title = "First", Kind = StepKind.Work },
            new RequestTask { Key = "it", Title = "It", Kind = kind, State = state, After = ["first"] },
        ], null, Whenever, Audit);
        return request;
    }
}
