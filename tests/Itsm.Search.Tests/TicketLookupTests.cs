using Itsm.Platform.Access;
using Itsm.Platform.Errors;
using Itsm.Search.Domain;
using Itsm.Search.Engines.Lucene;
using Itsm.Search.Finding;
using Itsm.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Itsm.Search.Tests;

/// <summary>Which tickets are waited for, what ends the wait, and what is said then.</summary>
public sealed class TicketLookupTests : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "itsm-tests", Path.GetRandomFileName());
    private readonly MovableClock _clock = new();
    private readonly Arrivals _arrivals = new();
    private LuceneEngine? _engine;

    private LuceneEngine Engine => _engine!;

    public async ValueTask InitializeAsync()
    {
        // Searches find nothing new for a minute: what is looked up must not need that.
        var settings = Options.Create(new SearchSettings { Refresh = TimeSpan.FromMinutes(1) });
        _engine = new LuceneEngine(_folder, new(settings), settings, Supervisors.Create(), NullLogger<LuceneEngine>.Instance);
        await Engine.CreateAsync(1, default);
        await Engine.ServeAsync(1, default);
        await PutAsync(Made(default), "INC0000001", "everyone");
        await Engine.RefreshAsync(1, default);
    }

    public ValueTask DisposeAsync()
    {
        Engine.Dispose();
        System.IO.Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_that_comes_into_the_index_ends_the_wait_before_searches_find_it(bool byNumber)
    {
        var id = Made(default);
        var asked = FindAsync(byNumber ? "inc0000042" : id.ToString().ToUpperInvariant());
        await WaitingAsync(1);
        _arrivals.Tell([(Made(default), "INC0000041")]);
        await PutAsync(id, "INC0000042", "everyone");
        _arrivals.Tell([(id, "INC0000042")]);

        Assert.Equal(id, (await asked).Id);
        await WaitingAsync(0);
    }

    [Fact]
    public async Task One_that_another_process_puts_there_is_found_with_the_next_look()
    {
        var id = Made(default);
        var asked = FindAsync(id.ToString());
        await WaitingAsync(1);
        await PutAsync(id, "INC0000042", "everyone");
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(id, (await asked).Id);
    }

    [Fact]
    public async Task One_that_may_be_on_its_way_and_does_not_come_is_said_to_be_not_indexed_yet()
    {
        var problem = await RefusedAsync(FindAsync(Made(default).ToString()));
        Assert.Equal((503, TimeSpan.FromSeconds(1)), (problem.Problem.Status, problem.RetryAfter!.Value));
    }

    [Theory]
    [InlineData("INC0000099")]
    [InlineData("INC0000043")]
    public async Task Numbers_do_not_tell_how_old_they_are_and_are_not_found_after_the_wait_there_or_not(string number)
    {
        await PutAsync(Made(default), "INC0000043", "person:2");
        Assert.Equal(404, (await RefusedAsync(FindAsync(number))).Problem.Status);
    }

    [Fact]
    public async Task What_is_hidden_or_old_or_no_id_of_a_ticket_is_not_found_at_once()
    {
        var hidden = Made(default);
        await PutAsync(hidden, "INC0000043", "person:2");
        var ids = new[] { hidden, Made(-TimeSpan.FromHours(1)), Made(TimeSpan.FromHours(1)), Guid.Empty };
        foreach (var name in ids.Select(id => id.ToString()).Concat(["printer", "42", "INC-42", "INC0000042x"]))
        {
            var asked = FindAsync(name);
            Assert.Equal(404, (await Assert.ThrowsAsync<HttpProblemException>(() => asked)).Problem.Status);
        }
    }

    private Guid Made(TimeSpan ago) => Guid.CreateVersion7(_clock.GetUtcNow() + ago);

    private Task<SearchDocument> FindAsync(string idOrNumber) => new TicketLookup(Engine, _arrivals, _clock).FindAsync(
        "incident", idOrNumber,
        new Caller(Guid.Empty, "one", "One", new HashSet<string> { "everyone" }, new HashSet<string>(), new HashSet<Guid>()), default);

    private Task PutAsync(Guid id, string number, string reader) => Engine.ApplyAsync(1,
        [new(id, _ => new() { Id = id, Kind = "incident", Version = 1, Number = number, Title = "Kettle", Readers = [reader] })], default);

    private Task WaitingAsync(int count) =>
        RunningSuite.UntilAsync(() => Task.FromResult(_arrivals.Waiting), waiting => waiting == count, $"{count} wait");

    private async Task<HttpProblemException> RefusedAsync(Task asked)
    {
        await WaitingAsync(1);
        _clock.Advance(TicketLookup.Patience);
        return await Assert.ThrowsAsync<HttpProblemException>(() => asked);
    }
}
