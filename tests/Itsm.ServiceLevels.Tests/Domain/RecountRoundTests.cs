using CsCheck;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.ServiceLevels.Domain;
using Itsm.ServiceLevels.Subscriptions;
using Microsoft.Extensions.Time.Testing;

namespace Itsm.ServiceLevels.Tests.Domain;

/// <summary>Which tickets a recount comes to, whatever begins it in between.</summary>
public sealed class RecountRoundTests
{
    private static readonly AuditContext Now = AuditContext.OfService("service-levels", "recount", new FakeTimeProvider());

    [Fact]
    public void After_the_last_begin_every_ticket_has_its_turn_and_the_work_ends() =>
        Gen.Select(Gen.Int[0, 40], Gen.Int[1, 12], Gen.Bool.Array[0, 30]).Sample((tickets, size, begins) =>
        {
            var world = new World(tickets, size);
            foreach (var begin in begins)
            {
                world.Step(begin);
            }

            world.Step(begin: true);
            for (var slices = 0; world.Recount.Running; slices++)
            {
                Assert.True(slices <= (tickets / size) + 2, "It does not end.");
                world.Step(begin: false);
            }

            Assert.Equal(tickets, world.Counted.Count);
        });

    [Fact]
    public void Every_ticket_has_its_turn_even_where_each_slice_is_followed_by_another_begin() =>
        Gen.Select(Gen.Int[0, 40], Gen.Int[1, 12]).Sample((tickets, size) =>
        {
            var (world, counted) = (new World(tickets, size), new HashSet<string>());
            for (var slices = 0; slices <= tickets / size; slices++)
            {
                world.Step(begin: false);
                counted.UnionWith(world.Counted);
                world.Step(begin: true);
            }

            Assert.Equal(tickets, counted.Count);
        });

    [Fact]
    public void Where_more_fail_than_are_kept_all_tickets_have_another_turn()
    {
        var recount = Recount.Start(null, null, Now);
        Guid[] failed = [.. Enumerable.Range(0, 1_100).Select(number => DerivedId.From($"{number}"))];
        recount.Take("1 a", failed[..200], Now);
        recount.Take(null, failed, Now);
        Assert.Equal((1_000, false, false), (recount.Failed.Count, recount.Running, recount.IsDone));
        recount.Retry([], Now);
        Assert.True(recount.Running);
        recount.Take(null, [], Now);
        Assert.True(recount.IsDone);
    }

    [Fact]
    public void A_begin_forgets_what_failed_and_one_for_an_older_version_of_the_calendar_changes_nothing()
    {
        var recount = Recount.Start("office", 3, Now);
        recount.Take(null, [DerivedId.From("1")], Now);
        recount.Begin(3, Now);
        recount.Begin(2, Now);
        Assert.Equal((1, false, 1), (recount.Round, recount.Running, recount.Failed.Count));
        recount.Begin(4, Now);
        Assert.Equal((2, true, 0), (recount.Round, recount.Running, recount.Failed.Count));
    }

    [Fact]
    public void Only_a_store_that_does_not_answer_and_an_end_say_something_of_other_tickets()
    {
        using var ended = new CancellationTokenSource();
        ended.Cancel();
        Assert.All<Exception>([new NewerVersionException("Newer."), new OutboxFullException($"Full."), new FormatException(),
            new OperationCanceledException()], e => Assert.True(RunRecount.IsItsOwn(e, default)));
        Assert.False(RunRecount.IsItsOwn(new StoreUnavailableException("Away."), default));
        Assert.False(RunRecount.IsItsOwn(new OperationCanceledException(), ended.Token));
    }

    private sealed class World(int tickets, int size)
    {
        private readonly string[] _numbers = [.. Enumerable.Range(0, tickets).Select(number => $"INC{number:00}")];

        public Recount Recount { get; } = Recount.Start(null, null, Now);

        /// <summary>Since the last begin.</summary>
        public HashSet<string> Counted { get; } = [];

        public void Step(bool begin)
        {
            if (begin)
            {
                Recount.Begin(null, Now);
                Counted.Clear();
            }
            else if (Recount.Running)
            {
                string[] slice =
                [
                    .. _numbers.Where(number => (Recount.After is not { } after || string.CompareOrdinal(number, after.Split(' ')[0]) > 0)
                        && (Recount.LastNumber is not { } last || string.CompareOrdinal(number, last) <= 0)).Take(size),
                ];
                Counted.UnionWith(slice);
                Recount.Take(slice.Length < size ? null : slice[^1] + " id", [], Now);
            }
        }
    }
}
