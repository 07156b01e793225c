using CsCheck;
using Itsm.Contracts;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Requests.Domain;
using Itsm.Requests.Fulfilling;
using Itsm.Requests.Ordering;
using Itsm.Ticketing;
using Itsm.Ticketing.Approvals;
using Itsm.Ticketing.Forms;
using MongoDB.Bson;

namespace Itsm.Requests.Tests;

/// <summary>No order of decisions, edits, substitutions, escalations, expiries and departures lets a request be fulfilled without every
/// stage satisfied for exactly what is fulfilled. What was decided is counted here a second time, from what people did, not from what the
/// request says of it.</summary>
public sealed class ApprovalPropertyTests
{
    private const int Cases = 3_000;
    private static readonly Guid[] People = [.. Enumerable.Range(1, 6).Select(number => new Guid(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]))];
    private static readonly DateTimeOffset Noon = new(2026, 11, 2, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gen<(Quorum Quorum, int[] Approvers, bool Expires, bool Escalates)> Stages = Gen.Select(
        Gen.Enum<QuorumKind>(), Gen.Int[1, 4], Gen.Int[0, 5].HashSet[1, 4], Gen.Bool, Gen.Bool,
        (kind, number, approvers, expires, escalates) =>
            (new Quorum { Kind = kind, Number = kind switch { QuorumKind.Count => number, QuorumKind.Percent => number * 25, _ => null } },
                approvers.ToArray(), expires, escalates));

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (20,
            Gen.Select(Gen.Int[0, 5], Gen.Int[0, 5], Gen.Frequency((4, Gen.Const(true)), (1, Gen.Const(false))),
                Gen.Frequency((5, Gen.Const(true)), (1, Gen.Const(false))), (by, of, approve, fresh) =>
                    (Step)new Decide(by, of, approve, fresh))),
        (2, Gen.Int[0, 2].Select(value => (Step)new Edit(value))),
        (2, Gen.Int[1, 30].Select(hours => (Step)new Wait(hours))),
        (2, Gen.Select(Gen.Int[0, 5], Gen.Int[0, 5], Gen.Bool, (by, of, appointed) => (Step)new Substitute(by, of, appointed))),
        (1, Gen.Select(Gen.Int[0, 5], Gen.Int[-1, 5], (who, instead) => (Step)new Leave(who, instead))),
        (1, Gen.Int[0, 50].Select(number => (Step)new Pause(number == 0))),
        (3, Gen.Const((Step)new Work())));

    [Fact]
    public void Nothing_is_fulfilled_that_was_not_approved_as_it_is() =>
        Gen.Select(Stages.Array[1, 3], Steps.Array[10, 80], Gen.Int[0, 5])
            .Sample((stages, steps, requester) => Run(stages, steps, requester), iter: Cases);

    [Fact]
    public void The_cases_do_reach_fulfillment()
    {
        var reached = 0;
        Gen.Select(Stages.Array[1, 3], Steps.Array[10, 80], Gen.Int[0, 5]).Sample((stages, steps, requester) =>
        {
            if (Run(stages, steps, requester) == RequestState.Fulfilled)
            {
                Interlocked.Increment(ref reached);
            }
        }, iter: Cases);
        Assert.InRange(reached, Cases / 30, Cases);
    }

    private static RequestState Run((Quorum Quorum, int[] Approvers, bool Expires, bool Escalates)[] stages, Step[] steps, int requester)
    {
        var world = new World(stages, requester);
        foreach (var step in steps)
        {
            world.Do(step);
            world.Check();
        }

        return world.Request.State;
    }

    private sealed class World
    {
        private readonly (Quorum Quorum, int[] Approvers, bool Expires, bool Escalates)[] _stages;
        private readonly ApprovalPolicy _policy;
        private readonly HashSet<(int By, int Of)> _substitutes = [];
        private readonly List<(int Stage, Guid Voter, Guid By, string Subject, int Edits)> _consents = [];
        private readonly Dictionary<(int Round, int Stage), int> _absent = [];
        private readonly int _requester;
        private DateTimeOffset _now = Noon;
        private int _edits;
        private string _subject = "0";

        public World((Quorum Quorum, int[] Approvers, bool Expires, bool Escalates)[] stages, int requester)
        {
            (_stages, _requester) = (stages, requester);
            _policy = new ApprovalPolicy
            {
                Rules = [new ApprovalRule
                {
                    Then = ApprovalOutcome.Stages,
                    Stages = [.. stages.Select((_, index) => index.ToString(System.Globalization.CultureInfo.InvariantCulture))],
                }],
                Stages = [.. stages.Select((stage, index) =>
                    new ApprovalStage
                    {
                        Key = index.ToString(System.Globalization.CultureInfo.InvariantCulture), Name = $"Stage {index}", Approvers = [],
                        Quorum = stage.Quorum,
                    })],
            };
            var item = CatalogItem.Create(Guid.Empty, "thing", new ItemContent { Name = "Thing" }, new ItemLinks(null, null, null, []));
            item.Publish(new ItemLinks(null, null, null, []), ActOf(requester));
            Request = ServiceRequest.Order(new NewRequest
            {
                Number = "REQ0000001", Item = item, Answers = Answers(), Requester = People[requester], OpenedBy = People[requester],
            }, ActOf(requester));
            Request.Submit(_policy, new FieldValues(), ActOf(requester));
            Ask();
        }

        public ServiceRequest Request { get; }

        public void Do(Step step)
        {
            try
            {
                switch (step)
                {
                    case Decide decide:
                        DecideOn(decide);
                        break;
                    case Edit edit:
                        var before = _subject;
                        _subject = edit.Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
                        try
                        {
                            Request.Revise(Answers(), People[_requester], null, _policy, new FieldValues(), ActOf(_requester));
                            _edits += before == _subject ? 0 : 1;
                        }
                        catch (RuleViolationException)
                        {
                            _subject = before;
                        }

                        Ask();
                        break;
                    case Wait wait:
                        _now += TimeSpan.FromHours(wait.Hours);
                        Request.RunApprovals(ActOf(_requester));
                        break;
                    case Substitute { Appointed: true } one:
                        _substitutes.Add((one.By, one.Of));
                        break;
                    case Substitute one:
                        _substitutes.Remove((one.By, one.Of));
                        break;
                    case Leave leave:
                        LeaveOut(leave);
                        break;
                    case Pause { Ends: true }:
                        Request.Move(Moves.Cancel, default, ActOf(_requester));
                        break;
                    case Pause when Request.State == RequestState.OnHold:
                        Request.Move(Moves.Resume, TimeSpan.FromDays(1), ActOf(_requester));
                        break;
                    case Pause:
                        Request.Hold(RequestHoldReason.Other, null, ActOf(_requester));
                        break;
                    case Work when Request.State == RequestState.InFulfillment:
                        Request.Move(RequestLifeCycle.Fulfill, TimeSpan.FromDays(1), ActOf(_requester));
                        break;
                    case Work:
                        Request.Begin([], null, new Deadlines(TimeSpan.FromDays(1)), ActOf(_requester));
                        break;
                }
            }
            catch (RuleViolationException)
            {
                // Refused: nothing may have changed, which the check sees.
            }
        }

        public void Check()
        {
            if (Request.State is not (RequestState.Approved or RequestState.InFulfillment or RequestState.OnHold or RequestState.Fulfilled))
            {
                return;
            }

            for (var stage = 0; stage < _stages.Length; stage++)
            {
                var asked = _stages[stage]
                    .Approvers.Count(approver => approver != _requester) - _absent.GetValueOrDefault((Request.Approval!.Round, stage));
                var quorum = _stages[stage].Quorum;
                var consents = _consents.Where(one => one.Stage == stage && one.Subject == _subject && one.Edits == _edits).ToList();
                Assert.True(asked > 0, "A stage that nobody can pass was passed.");
                Assert.True(consents.Count >= (quorum.Kind == QuorumKind.Count ? quorum.Number : quorum.Of(asked)),
                    $"Stage {stage}: {consents.Count} of {asked} for {_subject}, quorum {quorum}.");
                Assert.Equal(consents.Count, consents.Select(one => one.By).Distinct().Count());
                Assert.Equal(consents.Count, consents.Select(one => one.Voter).Distinct().Count());
                Assert.DoesNotContain(People[_requester], consents.Select(one => one.By));
            }

            Assert.Equal(_subject, Request.AnswerTo("what"));
        }

        /// <summary>Somebody who is asked is not there any more; the requester stands in for nobody.</summary>
        private void LeaveOut(Leave leave)
        {
            if (Request.Approval is not { Result: ApprovalResult.Pending } process
                || process.Approvals.All(one => one.State != ApprovalState.Requested || one.Approver != People[leave.Who]))
            {
                return;
            }

            var isFree = leave.Instead >= 0 && leave.Instead != _requester
                && process.Approvals.All(one =>
                    one.Round != process.Round || one.Stage != process.Stages[process.Stage].Key || one.Approver != People[leave.Instead]);
            if (process.Approvals.Last(one => one.Approver == People[leave.Who] && one.State == ApprovalState.Requested).AsMember)
            {
                _absent[(process.Round, process.Stage)] = _absent.GetValueOrDefault((process.Round, process.Stage)) + 1;
            }

            Request.ReplaceApprover(People[leave.Who],
                isFree ? new Approver(People[leave.Instead], $"Person {leave.Instead}", "instead") : null, ActOf(_requester));
            Ask();
        }

        private void DecideOn(Decide decide)
        {
            // As the route does: only for oneself, or for whom one substitutes now.
            if (decide.By != decide.Of && !_substitutes.Contains((decide.By, decide.Of)))
            {
                return;
            }

            if (Request.Approval!.Approvals.LastOrDefault(one => one.Approver == People[decide.Of] && one.State == ApprovalState.Requested) is not {  } asked)
            {
                return;
            }

            var stage = Request.Approval.Stage;
            Request.Decide(asked.ApprovalId, decide.Approve, decide.Fresh ? asked.Digest : new string('0', 64), null, ActOf(decide.By));
            if (decide.Approve)
            {
                _consents.Add((stage, asked.Approver, People[decide.By], _subject, _edits));
            }

            Ask();
        }

        private void Ask()
        {
            while (Request.Approval is { Result: ApprovalResult.Pending } process
                && process.Approvals.All(one => one.Round != process.Round || one.Stage != process.Stages[process.Stage].Key))
            {
                var (_, approvers, expires, escalates) = _stages[process.Stage];
                Request.Ask(
                [
                    .. approvers.Where(approver => approver != _requester)
                        .Select(approver => new Approver(People[approver], $"Person {approver}", "asked")
                    {
                        MemberOf = approver % 2 == 0 ? ReaderToken.Role("approvers") : null,
                        ExpiresAt = expires ? _now.AddHours(40) : null, EscalateAt = escalates ? _now.AddHours(20) : null,
                        RemindAt = _now.AddHours(8),
                        EscalateTo = (approver + 1) % 6 == _requester ? null : People[(approver + 1) % 6], EscalateToName = "Above",
                    }),
                ], ActOf(_requester));
            }
        }

        private IReadOnlyList<Answer> Answers() => [new Answer("what", "What?", new BsonString(_subject), _subject)];

        private AuditContext ActOf(int person) => new() { By = new Actor(People[person], $"Person {person}"), Action = "test", At = _now };
    }

    private abstract record Step;

    private sealed record Decide(int By, int Of, bool Approve, bool Fresh) : Step;

    private sealed record Edit(int Value) : Step;

    private sealed record Wait(int Hours) : Step;

    private sealed record Substitute(int By, int Of, bool Appointed) : Step;

    private sealed record Leave(int Who, int Instead) : Step;

    private sealed record Pause(bool Ends) : Step;

    private sealed record Work : Step;
}
