using Itsm.Contracts.Assets;
using Itsm.Contracts.Directory;
using Itsm.Contracts.Requests;
using Itsm.Contracts.Ticketing;
using Itsm.Search.Domain;
using Itsm.Search.Engines;
using Itsm.Search.Queries;
using Microsoft.Extensions.Options;

namespace Itsm.Search.Tests;

/// <summary>What every engine must do; each adapter runs all of it.</summary>
public abstract partial class EngineContract : IAsyncLifetime
{
    private const string Everyone = "everyone";
    private const string Staff = "role:agent";
    private protected static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
    private protected static readonly SearchSettings Settings = new() { Synonyms = { "laptop, notebook" } };
    private protected static readonly SearchWords Known = new(Options.Create(Settings));
    private ISearchEngine? _engine;
    private int _made;

    private ISearchEngine Engine => _engine!;

    private protected abstract ISearchEngine Open();

    /// <summary>Makes an index as another version of the product would.</summary>
    protected abstract Task MakeOtherFormatAsync(int format);

    protected abstract Task<bool> HasOtherFormatAsync(int format);

    public virtual async ValueTask InitializeAsync()
    {
        _engine = Open();
        await Engine.CreateAsync(1, default);
        await Engine.ServeAsync(1, default);
    }

    public virtual ValueTask DisposeAsync()
    {
        (_engine as IDisposable)?.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Words_are_found_by_their_stems_whatever_their_case_and_accents()
    {
        var printer = await AddAsync("The Café printers are jammed", "Paper feeds were blocked");
        await AddAsync("VPN is down");

        Assert.Equal([printer], await FindAsync("printer"));
        Assert.Equal([printer], await FindAsync("CAFE jam"));
        Assert.Equal([printer], await FindAsync("blocking feed"));
        Assert.Empty(await FindAsync("printer vpn"));
    }

    [Fact]
    public async Task Phrases_stand_one_after_the_other_within_one_text()
    {
        var right = await AddAsync("Blue screen of death");
        await AddAsync("Screen turns blue");

        Assert.Equal([right], await FindAsync("\"blue screen\""));
        Assert.Equal(2, (await FindAsync("blue screen")).Count);

        var commented = await AddAsync("Other", comments: ["ends with blue", "screen begins"]);
        Assert.DoesNotContain(commented, await FindAsync("\"blue screen\""));
    }

    [Fact]
    public async Task Minus_or_and_groups_combine()
    {
        var (one, two, three) = (await AddAsync("alpha beta"), await AddAsync("alpha gamma"), await AddAsync("delta"));

        Assert.Equal(Sorted(two), Sorted(await FindAsync("alpha -beta")));
        Assert.Equal(Sorted(one, two, three), Sorted(await FindAsync("beta OR gamma OR delta")));
        Assert.Equal(Sorted(one, two), Sorted(await FindAsync("alpha (beta OR gamma)")));
        Assert.Equal(Sorted(two, three), Sorted(await FindAsync("-beta")));
        Assert.Equal(Sorted(three), Sorted(await FindAsync("-(alpha OR beta)")));
        Assert.Equal(Sorted(one, three), Sorted(await FindAsync("-gamma OR beta")));
    }

    [Fact]
    public async Task Beginnings_and_misspellings_are_found()
    {
        var printer = await AddAsync("Printers everywhere");

        Assert.Equal([printer], await FindAsync("prin*"));
        Assert.Equal([printer], await FindAsync("printres~"));
        Assert.Equal([printer], await FindAsync("title:every*"));
        Assert.Empty(await FindAsync("scan*"));
        Assert.Empty(await FindAsync("pr1nt3r5~1"));
    }

    [Fact]
    public async Task Numbers_are_found_exactly_and_by_their_beginning()
    {
        var made = await AddAsync("Something", number: "INC0001042");
        await AddAsync("INC0001 was something else", number: "INC0001043");

        Assert.Equal([made], await FindAsync("inc0001042"));
        Assert.Equal([made], await FindAsync("number:INC0001042"));
        Assert.Equal(2, (await FindAsync("INC0001*")).Count);
    }

    [Fact]
    public async Task Synonyms_mean_the_same_and_stop_words_alone_are_looked_for_as_written()
    {
        var notebook = await AddAsync("My notebook is broken");
        var band = await AddAsync("The The concert");

        Assert.Equal([notebook], await FindAsync("laptop"));
        Assert.Equal([band], await FindAsync("the concert"));
        Assert.Contains(band, await FindAsync("the"));
    }

    [Fact]
    public async Task Values_numbers_and_instants_select()
    {
        var group = Guid.CreateVersion7(Noon);
        var one = await AddAsync("one", change: ticket =>
            ticket with { State = "new", Priority = 1, AssignmentGroup = group, OpenedAt = Noon });
        var two = await AddAsync("two", change: ticket =>
            ticket with
            {
                State = "onHold", Priority = 4, AffectedService = "Mail", OpenedAt = Noon.AddDays(1),
                ConfigurationItems = ["srv-1", "srv-2"],
            });

        Assert.Equal([one], await FindAsync(new Values("state", ["new", "closed"])));
        Assert.Equal([one], await FindAsync(new Values("assignmentGroup", [group.ToString()])));
        Assert.Equal([two], await FindAsync(new Values("assignmentGroup", [SearchFields.None])));
        Assert.Equal([two], await FindAsync(new Values("configurationItem", ["srv-2"])));
        Assert.Equal([two], await FindAsync(new Values("affectedService", ["Mail"])));
        Assert.Empty(await FindAsync(new Values("affectedService", ["mail"])));
        Assert.Empty(await FindAsync(new Values("state", [])));
        Assert.Equal([one], await FindAsync(new Within("priority", 1, 3)));
        Assert.Equal([two], await FindAsync(new Within("openedAt", Noon.ToUnixTimeMilliseconds() + 1, long.MaxValue)));
        Assert.Equal(Sorted(one, two), Sorted(await FindAsync(new Values("closedAt", [SearchFields.None]))));
        Assert.Empty(await FindAsync(new Values("priority", [SearchFields.None])));
    }

    [Fact]
    public async Task Nobody_finds_counts_or_meets_in_facets_what_they_may_not_see()
    {
        var mine = await AddAsync("shared word", readers: ["person:1"]);
        await AddAsync("shared word", readers: ["person:2"]);

        var found = await SearchAsync(
            Ask(new Words(null, "shared", TextMatch.Word)) with { Tokens = ["person:1"], Facets = ["kind", "state"] });
        Assert.Equal([mine], found.Hits.Select(hit => hit.Document.Id));
        Assert.Equal(1, found.Total);
        Assert.Equal(1, found.Facets["kind"].Single().Value);
        Assert.Equal([mine],
            (await SearchAsync(Ask(null) with { Tokens = ["person:1"], Like = "shared word" })).Hits.Select(hit => hit.Document.Id));
        Assert.Empty((await SearchAsync(Ask(null) with { Tokens = ["person:3"] })).Hits);
    }

    [Fact]
    public async Task Work_notes_are_found_only_by_who_may_read_them()
    {
        var ticket = await AddAsync("Laptop", notes: ["the thief was identified"], noteReaders: [Staff]);

        foreach (var query in new[] { "thief", "\"thief was identified\"", "thie*", "theif~", "notes:thief", "note:thie*" })
        {
            Assert.Equal([ticket], await FindAsync(query, Everyone, Staff));
            Assert.Empty(await FindAsync(query, Everyone));
        }

        Assert.Equal([ticket], await FindAsync("-thief", Everyone));
        Assert.Empty(await FindAsync("-thief", Everyone, Staff));
    }

    [Fact]
    public async Task A_mail_address_finds_a_person_for_those_alone_who_may_read_it()
    {
        var person = new PersonChanged
        {
            Id = Guid.CreateVersion7(Noon), Version = 1, UserName = "ada.l", Name = "Ada Lovelace", Mail = "countess@example.org",
            Active = true, Roles = [],
        };
        await Engine.ApplyAsync(1, [new(person.Id, known => SearchDocument.After(known, person))], default);

        foreach (var query in new[] { "countess@example.org", "count*", "note:count*", "note:countess@exam*" })
        {
            Assert.Equal([person.Id], await FindAsync(query, Everyone, SearchDocument.Contacts));
            Assert.Empty(await FindAsync(query, Everyone, Staff));
        }

        Assert.Equal([person.Id], await FindAsync("title:ada.*", Everyone));
    }

    [Fact]
    public async Task A_configuration_item_and_an_asset_are_found_by_all_that_they_are_called()
    {
        var owner = Guid.CreateVersion7(Noon);
        var item = new ConfigurationItemChanged
        {
            Id = Guid.CreateVersion7(Noon), Version = 2, Number = "CI0000007", Key = "pay-db", Name = "Zahlungsdatenbank", Class = "database",
            State = "inUse", Description = "Die Datenbank für die Gehälter", Owner = owner, Site = "lisbon",
            Attributes = new Dictionary<string, string> { ["engine"] = "PostgreSQL" }, Relations = [], Present = [], At = Noon,
            Readers = [Everyone],
        };
        var asset = new AssetChanged
        {
            Id = Guid.CreateVersion7(Noon), Version = 1, Number = "AST0000007", Tag = "IT-4711", Name = "Slim laptop", Model = "Latitude 5440",
            Manufacturer = "Dell", SerialNumber = "5CD1234XYZ", State = "deployed", At = Noon, Readers = [Staff],
        };
        await Engine.ApplyAsync(1,
            [new(item.Id, known => SearchDocument.After(known, item)), new(asset.Id, known => SearchDocument.After(known, asset))], default);

        foreach (var query in new[] { "CI0000007", "pay-db", "title:pay-d*", "datenbank", "gehälter", "postgresql", "database", "lisbon" })
        {
            Assert.Equal([item.Id], await FindAsync(query, Everyone));
        }

        foreach (var query in new[] { "AST0000007", "it-4711", "title:5cd1*", "5CD1234XYZ", "latitude dell", "laptops" })
        {
            Assert.Equal([asset.Id], await FindAsync(query, Staff));
            Assert.Empty(await FindAsync(query, Everyone));
        }

        Assert.Equal([item.Id], await FindAsync(new Values("class", ["database"])));
        Assert.Equal([item.Id], await FindAsync(new Values("owner", [owner.ToString()])));
    }

    [Fact]
    public async Task What_can_be_ordered_is_found_by_its_audience_until_it_is_retired()
    {
        var item = new CatalogItemChanged
        {
            Id = Guid.CreateVersion7(Noon), Version = 3, Key = "password-reset", Name = "Password reset", Description = "At any time.",
            State = "published", Edition = 1, Readers = [Staff],
        };
        await Engine.ApplyAsync(1, [new(item.Id, known => SearchDocument.After(known, item))], default);
        Assert.Equal([item.Id], await FindAsync("title:pass*", Everyone, Staff));
        Assert.Equal([item.Id], await FindAsync("reset time", Staff));
        Assert.Empty(await FindAsync(new Values(SearchFields.Kind, [SearchDocument.CatalogItem])));
        Assert.Empty(await FindAsync("title:pass*", Everyone));

        var (older, retired) = (item with { Version = 2, Name = "Old" }, item with { Version = 4, State = "retired" });
        await Engine.ApplyAsync(1, [new(item.Id, known => SearchDocument.After(known, older))], default);
        Assert.Equal([item.Id], await FindAsync("title:pass*", Staff));
        await Engine.ApplyAsync(1, [new(item.Id, known => SearchDocument.After(known, retired))], default);
        Assert.Empty(await FindAsync("title:pass*", Staff));
        Assert.Equal(1, (await Engine.CountAsync(1, default))[SearchDocument.CatalogItem]);
    }

    [Fact]
    public async Task Highlights_say_where_words_stand_in_what_one_may_read()
    {
        await AddAsync("Printers everywhere", "They do not print at all", "INC0004711",
            comments: ["Paper jams", "I smell toner. It is hot."], notes: ["The thief was seen"], noteReaders: [Staff],
            change: ticket => ticket with { Resolution = "New toner" });

        foreach (var (query, expected) in new[]
        {
            ("printing", "description:print"), ("title:printer", "title:Printers"), ("prin*", "title:Printers|description:print"),
            ("prniters~", "title:Printers"), ("\"paper jam\"", "comments:Paper jams"),
            ("toner -smoke", "resolution:toner|comments:toner"), ("thief", "notes:thief"), ("printer thief", "title:Printers|notes:thief"),
            ("number:INC0004711", ""),
        })
        {
            Assert.Equal(expected, await MarkedAsync(query, Everyone, Staff));
            Assert.DoesNotContain("notes", await MarkedAsync(query, Everyone), StringComparison.Ordinal);
        }

        // The words of a phrase may be marked one by one.
        async Task<string> MarkedAsync(string query, params string[] tokens)
        {
            var found = await SearchAsync(Ask(QueryWithoutPeople(query)) with { Tokens = tokens, Highlights = true });
            return string.Join('|', found.Hits.SelectMany(hit => hit.Highlights).Select(one => one.Field + ":" + string.Join(' ',
                one.Matches.Select(place => one.Text.Substring(place.Start, place.Length)))));
        }
    }

    [Fact]
    public async Task Older_and_repeated_messages_change_nothing_and_comments_may_come_first()
    {
        var id = Guid.CreateVersion7(Noon);
        var comment = new SearchComment(Guid.CreateVersion7(Noon), 1, "toner smells");
        SearchDocument? Comment(SearchDocument? known) =>
            (known?.VersionOf(comment.Id) ?? 0) >= 1 ? null : (known ?? new() { Id = id, Kind = "incident" }) with { Comments = [comment] };

        Assert.Equal(1, await Engine.ApplyAsync(1, [new(id, Comment)], default));
        Assert.Empty(await FindAsync("toner"));
        Assert.Equal(1,
            await Engine.ApplyAsync(1, [new(id, known => Ticket(id, "second", 2) with { Comments = known!.Comments })], default));
        Assert.Equal([id], await FindAsync("toner second"));
        Assert.Equal(0,
            await Engine.ApplyAsync(1, [new(id, Comment), new(id, known => known!.Version >= 1 ? null : Ticket(id, "first", 1))], default));
        Assert.Equal([id], await FindAsync("second"));
        Assert.Equal(2, (await Engine.FindAsync(1, [id, Guid.CreateVersion7(Noon)], default)).Single().Value.Version);
    }

    [Fact]
    public async Task Concurrent_changes_of_one_document_are_all_kept()
    {
        const int Writers = 200;
        var id = await AddAsync("Busy");
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(number => Task.Run(() => Engine.ApplyAsync(1, [new(id, known => known! with
        {
            Comments = [.. known.Comments, new SearchComment(Guid.CreateVersion7(Noon), 1, $"word{number}")],
        })], default))));

        Assert.Equal(Writers, (await Engine.FindAsync(1, [id], default))[id].Comments.Count);
        Assert.Equal([id], await FindAsync("word7 word199"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task What_is_written_again_is_there_once_in_whatever_order_ids_come(int direction)
    {
        List<Guid> ids = [.. Enumerable.Range(0, 40).Select(number => Guid.CreateVersion7(Noon.AddSeconds(direction * number)))];
        for (var round = 1; round <= 3; round++)
        {
            foreach (var some in ids.Chunk(5))
            {
                await Engine.ApplyAsync(1, [.. some.Select(id => new DocumentChange(id, known => Ticket(id, "again", (known?.Version ?? 0) + 1)))],
                    default);
                await Engine.RefreshAsync(1, default);
            }

            Assert.All((await Engine.FindAsync(1, ids, default)).Values, found => Assert.Equal(round, found.Version));
            Assert.Equal(ids.Order(), (await FindAsync("again")).Order());
        }
    }

    [Fact]
    public async Task Indices_of_earlier_versions_are_removed_and_no_others()
    {
        var id = await AddAsync("Still here");
        await MakeOtherFormatAsync(SearchDocument.Format - 1);
        await MakeOtherFormatAsync(SearchDocument.Format + 1);
        await Engine.DropEarlierFormatsAsync(default);
        Assert.False(await HasOtherFormatAsync(SearchDocument.Format - 1));
        Assert.True(await HasOtherFormatAsync(SearchDocument.Format + 1));
        await Engine.DropEarlierFormatsAsync(default);
        Assert.Equal([id], await FindAsync("still"));
    }

    [Fact]
    public async Task Nothing_one_and_thousands_are_written_read_and_asked_for_alike()
    {
        Assert.Equal(0, await Engine.ApplyAsync(1, [], default));
        Assert.Empty(await Engine.FindAsync(1, [], default));

        var one = await AddAsync("one");
        Assert.Equal([one], (await Engine.FindAsync(1, [one, one, Guid.CreateVersion7(Noon)], default)).Keys);
        Assert.Equal([one], await FindAsync(new Values(SearchFields.Id, [one.ToString()])));
        Assert.Equal(0, await Engine.ApplyAsync(1, [new(one, _ => null), new(Guid.CreateVersion7(Noon), _ => null)], default));

        List<Guid> many = [.. Enumerable.Range(0, 5_000).Select(_ => Guid.CreateVersion7(Noon))];
        Assert.Equal(many.Count,
            await Engine.ApplyAsync(1, [.. many.Select(id => new DocumentChange(id, _ => Ticket(id, "many", 1)))], default));
        Assert.Equal(many.Order(), (await Engine.FindAsync(1, many, default)).Keys.Order());
        var found = await SearchAsync(Ask(new Values(SearchFields.Id, [.. many.Select(id => id.ToString())])) with { Limit = 0 });
        Assert.Equal(many.Count, found.Total);
    }

    [Fact]
    public async Task An_unknown_generation_is_told_whatever_is_asked_of_it()
    {
        const int Unknown = 7;
        var id = await AddAsync("here");
        await MissingAsync(() => Engine.ApplyAsync(Unknown, [new(id, _ => Ticket(id, "lost", 1))], default));
        await MissingAsync(() => Engine.FindAsync(Unknown, [id], default));
        await MissingAsync(() => Engine.CountAsync(Unknown, default));
        await MissingAsync(() => Engine.RefreshAsync(Unknown, default));
        await MissingAsync(() => Engine.ServeAsync(Unknown, default));
        await Engine.DropAsync(Unknown, default);
        Assert.Equal(1, await Engine.ServingAsync(default));
        Assert.Equal([1], await Engine.GenerationsAsync(default));
        Assert.Equal([id], await FindAsync("here"));

        static Task MissingAsync(Func<Task> ask) => Assert.ThrowsAsync<GenerationMissingException>(ask);
    }

    [Theory]
    [InlineData("openedAt", true)]
    [InlineData("openedAt", false)]
    [InlineData("priority", true)]
    [InlineData("number", false)]
    [InlineData(SearchRequest.Relevance, true)]
    public async Task Pages_meet_each_thing_once_in_order(string sort, bool descending)
    {
        for (var number = 0; number < 25; number++)
        {
            var (at, priority) = (Noon.AddMinutes(number / 3), (number % 5) + 1);
            await AddAsync(string.Join(' ', Enumerable.Repeat("word", (number % 4) + 1)), number: $"INC{number:0000000}", change: ticket =>
                ticket with { OpenedAt = at, Priority = priority });
        }

        var request = Ask(new Words(null, "word", TextMatch.Word)) with { Sort = sort, Descending = descending, Limit = 4 };
        var all = (await SearchAsync(request with { Limit = 100 })).Hits.Select(hit => hit.Document.Id).ToList();
        var paged = new List<Guid>();
        for (SearchResult page; paged.Count < all.Count; request = request with { After = page.Hits[^1].Position })
        {
            page = await SearchAsync(request);
            Assert.Equal(all.Count, page.Total);
            paged.AddRange(page.Hits.Select(hit => hit.Document.Id));
            if (paged.Count == 8)
            {
                // What comes in between neither repeats nor hides anything that was there.
                await AddAsync("word word word word word", number: "INC9999999", readers: ["person:9"]);
            }
        }

        Assert.Equal(all, paged);
    }

    [Fact]
    public async Task Facets_count_everything_found()
    {
        for (var number = 0; number < 30; number++)
        {
            var (state, priority) = (number % 3 == 0 ? "new" : "closed", (number % 2) + 1);
            await AddAsync("thing", change: ticket => ticket with { State = state, Priority = priority });
        }

        var found = await SearchAsync(
            Ask(new Words(null, "thing", TextMatch.Word)) with { Limit = 5, Facets = ["state", "priority", "assignee"] });
        Assert.Equal(new Dictionary<string, long> { ["new"] = 10, ["closed"] = 20 }, found.Facets["state"].OrderBy(pair => pair.Value));
        Assert.Equal([15, 15], found.Facets["priority"].Values);
        Assert.Equal(30, found.Facets["assignee"][SearchFields.None]);
        Assert.Equal(new Dictionary<string, long> { ["incident"] = 30 }, await Engine.CountAsync(1, default));
    }

    [Fact]
    public async Task What_reads_alike_comes_first()
    {
        await AddAsync("Coffee machine leaks");
        var vpn = await AddAsync("VPN tunnel drops when the laptop sleeps", "Connection to the office is lost after a minute");
        await AddAsync("Printer out of paper");

        var found = await SearchAsync(Ask(null) with { Like = "my vpn connection drops after sleeping", Limit = 2 });
        Assert.Equal(vpn, found.Hits[0].Document.Id);
    }

    [Fact]
    public async Task Generations_are_filled_apart_and_swapped_at_once()
    {
        await AddAsync("old");
        await Engine.CreateAsync(2, default);
        await Engine.CreateAsync(2, default);
        var id = Guid.CreateVersion7(Noon);
        await Engine.ApplyAsync(2, [new(id, _ => Ticket(id, "fresh", 1))], default);
        await Engine.RefreshAsync(2, default);
        Assert.Equal([1, 2], await Engine.GenerationsAsync(default));
        Assert.Empty(await FindAsync("fresh"));

        await Engine.ServeAsync(2, default);
        await Engine.DropAsync(1, default);
        await Engine.DropAsync(1, default);

        Assert.Equal(2, await Engine.ServingAsync(default));
        Assert.Equal([2], await Engine.GenerationsAsync(default));
        Assert.Equal([id], (await SearchAsync(Ask(new Words(null, "fresh", TextMatch.Word)))).Hits.Select(hit => hit.Document.Id));
        await Assert.ThrowsAsync<GenerationMissingException>(() => Engine.ApplyAsync(1, [new(id, _ => Ticket(id, "lost", 1))], default));
        await Assert.ThrowsAsync<GenerationMissingException>(() => Engine.FindAsync(1, [id], default));
    }

    [Fact]
    public async Task Searches_find_everything_while_generations_are_swapped_and_dropped()
    {
        var id = await AddAsync("steady");
        await Engine.RefreshAsync(1, default);
        using var enough = new CancellationTokenSource();
        var searches = 0;
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                Assert.Equal(id, Assert.Single((await Engine.SearchAsync(Ask(new Words(null, "steady", TextMatch.Word)), default)).Hits)
                    .Document.Id);
                Interlocked.Increment(ref searches);
            }
        })).ToList();
        for (var generation = 2; generation <= 5; generation++)
        {
            await Engine.CreateAsync(generation, default);
            await Engine.ApplyAsync(generation, [new(id, _ => Ticket(id, "steady", 1))], default);
            await Engine.RefreshAsync(generation, default);
            await Engine.ServeAsync(generation, default);
            await Engine.DropAsync(generation - 1, default);
            var before = Volatile.Read(ref searches);
            await Testing.RunningSuite.UntilAsync(() => Task.FromResult(Volatile.Read(ref searches)),
                count => count > before + readers.Count || readers.Exists(reader => reader.IsFaulted), "Searches after the swap");
        }

        await enough.CancelAsync();
        await Task.WhenAll(readers);
    }

    [Fact]
    public async Task The_newest_change_that_is_found_is_told_also_where_a_document_of_it_changed_again()
    {
        Assert.Null(await Engine.IndexedUntilAsync(default));
        var person = Guid.CreateVersion7(Noon);
        await Engine.ApplyAsync(1, [new(person, _ => new() { Id = person, Kind = "person" })], default);
        var first = await AddAsync("first", change: ticket => ticket with { ChangedAt = Noon.AddHours(1) });
        await AddAsync("second", change: ticket => ticket with { ChangedAt = Noon });
        await UntilAsync(Noon.AddHours(1));
        await Engine.ApplyAsync(1, [new(first, known => known! with { ChangedAt = Noon.AddHours(2) })], default);
        await UntilAsync(Noon.AddHours(2));

        Task UntilAsync(DateTimeOffset at) => Testing.RunningSuite.UntilAsync(async () =>
        {
            await Engine.RefreshAsync(1, default);
            return await Engine.IndexedUntilAsync(default);
        }, until => until == at, "the newest change");
    }

    [Theory]
    [InlineData("aa* bb* cc* dd* ee* ff* gg* hh* ii* jj* kk* ll* mm* nn* oo* pp*")]
    [InlineData("alpha~2 bravo~2 charlie~2 delta~2 echo12~2 foxtrot~2 golf12~2")]
    [InlineData("((((((((word))))))))")]
    [InlineData("ﷺ 🙂 \u202e \uffff")]
    [InlineData("\"\\\"\" OR \"a\\\\b\"")]
    [InlineData("{ \"match_all\": {} } <script>")]
    public async Task Odd_queries_are_answered(string query)
    {
        await AddAsync("word");
        await FindAsync(query.Replace("<script>", "\"<script>\"").Replace("{ \"match_all\": {} }", "\"{ match_all }\""));
    }

    private protected async Task<SearchResult> SearchAsync(SearchRequest request)
    {
        await Engine.RefreshAsync((await Engine.ServingAsync(default))!.Value, default);
        return await Engine.SearchAsync(request, default);
    }

    private static SearchRequest Ask(SearchNode? query) => new() { Query = query, Tokens = [Everyone], Limit = 50 };

    private static IEnumerable<Guid> Sorted(params IEnumerable<Guid> ids) => ids.Order();

    private protected static SearchDocument Ticket(Guid id, string title, long version) => new()
    {
        Id = id, Kind = "incident", Version = version, Number = $"INC{version:0000000}", Title = title, Readers = [Everyone], State = "new",
        Stage = StateCategory.Open, Priority = 3, OpenedAt = Noon, UpdatedAt = Noon,
    };

    private protected async Task<IReadOnlyList<Guid>> FindAsync(string query, params string[] tokens) =>
        [.. (await SearchAsync(Ask(QueryWithoutPeople(query)) with { Tokens = tokens.Length > 0 ? tokens : [Everyone] }))
            .Hits.Select(hit => hit.Document.Id)];

    private async Task<IReadOnlyList<Guid>> FindAsync(SearchNode query) =>
        [.. (await SearchAsync(Ask(query))).Hits.Select(hit => hit.Document.Id)];

    // Only values that are looked up nowhere.
    private static SearchNode? QueryWithoutPeople(string query) =>
        QueryParser.Parse(query, out _) is Asked asked ? new Values(asked.Field.Name, [asked.Value]) : QueryParser.Parse(query, out _);

    private protected async Task<Guid> AddAsync(
        string title, string? description = null, string? number = null, string[]? readers = null, string[]? comments = null,
        string[]? notes = null, string[]? noteReaders = null, Func<SearchDocument, SearchDocument>? change = null)
    {
        var id = Guid.CreateVersion7(Noon.AddSeconds(++_made));
        var ticket = Ticket(id, title, 1) with
        {
            Description = description, Number = number ?? $"INC{500 + _made:0000000}", Readers = readers ?? [Everyone],
            NoteReaders = noteReaders ?? [],
            Comments = [.. (comments ?? []).Select(text => new SearchComment(Guid.CreateVersion7(Noon), 1, text))],
            Notes = [.. (notes ?? []).Select(text => new SearchComment(Guid.CreateVersion7(Noon), 1, text))],
        };
        await Engine.ApplyAsync(1, [new(id, _ => change?.Invoke(ticket) ?? ticket)], default);
        return id;
    }
}
