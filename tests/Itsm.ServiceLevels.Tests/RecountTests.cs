using Itsm.Contracts.Directory;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Replicas;
using Itsm.ServiceLevels.Domain;
using Itsm.ServiceLevels.Subscriptions;
using Itsm.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;
using static Itsm.ServiceLevels.Tests.Shortcuts;

namespace Itsm.ServiceLevels.Tests;

/// <summary>Editions that move the clocks of more tickets than a slice has. Slices begin when the test lets them.</summary>
[OuterTier]
public sealed class RecountTests(RecountTests.BusySuite suite) : IClassFixture<RecountTests.BusySuite>
{
    [Fact]
    public async Task A_breach_that_falls_due_between_two_slices_is_told_before_the_next_one()
    {
        var service = await suite.AgreementAsync(suite.Calendar, [Target("resolution", "PT1H")]);
        await using var stream = await EventStream.OpenAsync(suite.As("agent1"), "?types=serviceLevel");
        var incident = await suite.OpenForAsync(service);
        await suite.ClocksAsync(incident.Id, clocks => clocks.Count > 0);
        await suite.DoneAsync();

        suite.Hold();
        await suite.PublishAsync("during");
        await SlicesAsync("during", 1);
        suite.Clock.Advance(TimeSpan.FromHours(1));
        await stream.UntilAsync(events => events.Any(one =>
            one.Data["ticket"]?.GetValue<string>() == incident.Id && one.Data["what"]?.GetValue<string>() == "breached"));
        Assert.Equal(BusySuite.SliceSize, await suite.CountAsync("during"));
        await RunningSuite.UntilAsync(() => suite.GetAsync("", "/health"),
            health => health.Text.Contains("which has not moved since", StringComparison.Ordinal), "The health of a count that stands still");
        await AllMovedAsync("during");
    }

    [Fact]
    public async Task What_was_not_moved_when_the_process_died_is_moved_by_the_next_one()
    {
        await suite.DoneAsync();
        suite.Hold();
        await suite.PublishAsync("before");
        await SlicesAsync("before", 2);
        await suite.RestartAsync();
        Assert.Equal(2 * BusySuite.SliceSize, await suite.CountAsync("before"));

        // A slice that was under way comes again when its lease has ended.
        suite.Clock.Advance(TimeSpan.FromMinutes(2));
        await AllMovedAsync("before");
    }

    [Fact]
    public async Task An_edition_shortly_after_another_goes_on_where_that_one_stood_and_holds_for_all()
    {
        await suite.DoneAsync();
        suite.Hold();
        await suite.PublishAsync("earlier");
        await SlicesAsync("earlier", 2);
        await suite.PublishAsync("later");
        await SlicesAsync("later", 1);
        Assert.Equal(2 * BusySuite.SliceSize, await suite.CountAsync("earlier"));
        await AllMovedAsync("later");
        Assert.Equal(0, await suite.CountAsync("earlier"));
    }

    [Fact]
    public async Task A_slice_counts_by_what_is_stored_even_where_no_message_told_of_it()
    {
        await suite.DoneAsync();
        suite.Hold();
        await suite.PublishAsync("told");
        await SlicesAsync("told", 1);
        await suite.AlterAsync<Agreement>(suite.AgreementId, agreement =>
            agreement["editions"].AsBsonArray[^1]["targets"][0]["key"] = "untold");
        suite.Open();
        await MovedAsync("untold", BusySuite.Tickets - BusySuite.SliceSize);
    }

    [Fact]
    public async Task A_ticket_that_can_not_be_counted_holds_up_no_other_and_is_tried_again_while_the_health_tells_of_it()
    {
        await suite.DoneAsync();
        var tickets = await suite.FirstAsync(2);
        await AlterAsync(tickets[0], 5);
        await AlterAsync(tickets[1], 5);
        await suite.PublishAsync("despite");
        await MovedAsync("despite", BusySuite.Tickets - 2);
        await suite.EndedAsync();
        await HealthAsync($"The clocks of 2 tickets could not be counted anew, among them {tickets.Min()}: they are tried again.");

        await AlterAsync(tickets[0], "incident");
        suite.Clock.Advance(TimeSpan.FromMinutes(1));
        await MovedAsync("despite", BusySuite.Tickets - 1);
        await HealthAsync($"The clocks of ticket {tickets[1]} could not be counted anew: they are tried again.");
        await AlterAsync(tickets[1], "incident");
        suite.Clock.Advance(TimeSpan.FromMinutes(2));
        await MovedAsync("despite", BusySuite.Tickets);
        await RunningSuite.UntilAsync(() => suite.GetAsync("", "/health"),
            health => !health.Text.Contains("counted anew", StringComparison.Ordinal), "The health without them");

        Task AlterAsync(Guid ticket, BsonValue kind) => suite.AlterAsync<TicketClocks>(ticket, clocks => clocks["kind"] = kind);

        Task HealthAsync(string sentence) => RunningSuite.UntilAsync(() => suite.GetAsync("", "/health"),
            health => health.Text.Contains(sentence, StringComparison.Ordinal), sentence);
    }

    [Fact]
    public async Task A_calendar_that_is_delivered_again_or_late_changes_nothing()
    {
        var key = await suite.AlwaysAsync();
        var recount = Recount.Start(key, null, AuditContext.OfService("service-levels", "recount", suite.Clock)).Id;
        await suite.DoneAsync(recount, rounds: 1);
        var calendars = suite.Modules.GetRequiredService<Replica<CalendarChanged>>();
        var first = Assert.Single(await calendars.QueryAsync([Platform.Documents.Condition.In("key", key)], "key", 2, default));
        var follow = ActivatorUtilities.CreateInstance<FollowCalendar>(suite.Modules);
        await follow.HandleAsync(first, default);
        Assert.Equal(1, (await suite.FindAsync(recount))!.Round);

        await suite.ActAsync("admin", $"calendars/{key}/publish", new
        {
            holidays = new[] { new { name = "Forgotten", date = "2027-01-06" } }, applies = "retroactively", reason = "It was forgotten.",
        });
        await suite.DoneAsync(recount, rounds: 2);
        await follow.HandleAsync(first, default);
        Assert.Equal(2, (await suite.FindAsync(recount))!.Round);
    }

    private Task MovedAsync(string target, long tickets) =>
        RunningSuite.UntilAsync(() => suite.CountAsync(target), moved => moved == tickets, $"{target} for {tickets} tickets");

    /// <summary>So many slices, the last of them to its end: what begins before that has it counted again.</summary>
    private async Task SlicesAsync(string target, int slices)
    {
        suite.Let(slices);
        await MovedAsync(target, slices * BusySuite.SliceSize);
        await RunningSuite.UntilAsync(() => Task.FromResult(suite.IsHeld), held => held, "The next slice, which is held");
    }

    private Task AllMovedAsync(string target)
    {
        suite.Open();
        return MovedAsync(target, BusySuite.Tickets);
    }

    /// <summary>A suite in which some slices of tickets have a clock of the same agreement.</summary>
    public sealed class BusySuite : RunningSuite
    {
        public const int SliceSize = 10;
        public const int Tickets = 6 * SliceSize;
        private const int Everything = 1_000_000;
        private static readonly Guid OfAgreements = DerivedId.From("recount", "");
        private SemaphoreSlim _turns = new(Everything);
        private int _waiting;

        public string Calendar { get; private set; } = "";

        public Guid AgreementId { get; private set; }

        protected override IReadOnlyList<string> Services => ["directory", "incidents", "notifications", "service-levels"];

        private string Agreement { get; set; } = "";

        public override async ValueTask InitializeAsync()
        {
            await base.InitializeAsync();
            if (Agreement.Length == 0)
            {
                Calendar = await this.AlwaysAsync();
                Agreement = await this.AgreementAsync(Calendar, [Target("first", "PT1000H")]);
                AgreementId = Guid.Parse((await GetAsync("admin", $"service-levels/agreements/{Agreement}")).Ok().Id);
                await Parallel.ForEachAsync(Enumerable.Range(0, Tickets), new ParallelOptions { MaxDegreeOfParallelism = 4 },
                    async (_, _) => await this.OpenForAsync(Agreement));
                await UntilAsync(() => CountAsync("first"), known => known == Tickets, "The clocks");
            }
        }

        /// <summary>True where a slice waits for its turn.</summary>
        public bool IsHeld => Volatile.Read(ref _waiting) > 0;

        /// <summary>No other slice begins.</summary>
        public void Hold() => _turns = new SemaphoreSlim(0);

        /// <summary>So many slices may begin.</summary>
        public void Let(int slices) => _turns.Release(slices);

        /// <summary>All slices may begin.</summary>
        public void Open() => Let(Everything);

        /// <summary>How many tickets have a running clock of this target.</summary>
        public async Task<long> CountAsync(string target) => (await GetAsync("agent1",
            $"service-levels/clocks?agreement={Agreement}&target={target}&state=running&limit=1&count=true"))
            .Ok()["count"]!.GetValue<long>();

        /// <summary>Another edition, whose only target is this one, begins to take all tickets over.</summary>
        public async Task PublishAsync(string target)
        {
            var before = (await FindAsync(OfAgreements))!.Round;
            var edition = Edition(Calendar, [ForService(Target(target, "PT900H"), Agreement)]);
            edition["running"] = "rebase";
            (await PostAsync("admin", $"service-levels/agreements/{Agreement}/publish", new { edition, reason = "Better." }, "*")).Ok();
            await UntilAsync(() => FindAsync(OfAgreements), recount => recount!.Round > before, "Its begin");
        }

        /// <summary>Waits until every edition of an agreement was counted by, also where an earlier test held it and failed.</summary>
        public async Task DoneAsync()
        {
            Open();
            var agreements = await Store<Agreement>().Documents.ScanAsync(null, DocumentQuery.MostLimit, default);
            await DoneAsync(OfAgreements,
                agreements.Sum(agreement => AggregateStore<Agreement>.Load(agreement).Editions.Count));
        }

        public Task DoneAsync(Guid recount, int rounds) =>
            UntilAsync(() => FindAsync(recount), found => found is { IsDone: true } && found.Round >= rounds, $"The end of round {rounds}");

        /// <summary>Waits until all tickets have had their turn: from then on what failed is tried again.</summary>
        public Task EndedAsync() =>
            UntilAsync(() => FindAsync(OfAgreements), recount => recount is { Running: false }, "The end of the slices");

        public Task<Recount?> FindAsync(Guid recount) => Store<Recount>().FindAsync(recount, default).AsTask();

        /// <summary>The tickets with the lowest numbers.</summary>
        public async Task<Guid[]> FirstAsync(int most) =>
        [
            .. (await Store<TicketClocks>().Documents.QueryAsync(new DocumentQuery([Platform.Documents.Condition.In("live", true)],
                "number", false, null, most), default)).Select(ticket => ticket.Id),
        ];

        /// <summary>Changes what is stored, and tells nobody.</summary>
        public async Task AlterAsync<T>(Guid id, Action<BsonDocument> alter)
            where T : Aggregate
        {
            var documents = Store<T>().Documents;
            var found = (await documents.FindAsync(id, default))!.Value;
            var body = BsonSerializer.Deserialize<BsonDocument>(found.Body.ToArray());
            alter(body);
            body["version"] = found.Version + 1;
            Assert.True(await documents.ReplaceAsync(new StoredDocument(id, found.Version + 1, body.ToBson()), found.Version, default));
        }

        protected override void Configure(WebApplicationBuilder builder)
        {
            // A slice that is held does not stand still.
            builder.Configuration["Supervision:StallAfter"] = "01:00:00";
            builder.Services.AddSingleton(provider => new RunRecount(
                provider.GetRequiredService<AggregateStore<Recount>>(), provider.GetRequiredService<AggregateStore<TicketClocks>>(),
                provider.GetRequiredService<CountClocks>(), provider.GetRequiredService<CatalogueSource>(),
                provider.GetRequiredService<ILogger<RunRecount>>())
            {
                SliceSize = SliceSize, Turn = WaitAsync,
            });
        }

        private async Task WaitAsync(CancellationToken ct)
        {
            Interlocked.Increment(ref _waiting);
            try
            {
                await _turns.WaitAsync(ct);
            }
            finally
            {
                Interlocked.Decrement(ref _waiting);
            }
        }

        private AggregateStore<T> Store<T>()
            where T : Aggregate => Modules.GetRequiredService<AggregateStore<T>>();
    }
}
