using Itsm.Search.Domain;
using Itsm.Search.Queries;

namespace Itsm.Search.Tests;

// What means much the same.
public abstract partial class EngineContract
{
    private const string Model = "A-Model 1";

    [Fact]
    public async Task The_nearest_meanings_that_the_caller_may_read_come_first_as_many_as_asked_for()
    {
        var (far, near, nearest) = (await AddAsync("far", Leaning(60)), await AddAsync("near", Leaning(20)), await AddAsync("next", Leaning(5)));
        await AddAsync("hidden", Leaning(0), readers: ["person:9"]);
        await AddAsync("another model's", Leaning(0) with { Model = "another" });
        await AddAsync("across", Leaning(89));
        await AddAsync("against", Leaning(180));
        await AddAsync("nothing known of it");

        await NearAsync(Near(0), nearest, near, far);
        await NearAsync(Near(0) with { Limit = 2 }, nearest, near);
        await NearAsync(Near(0) with { Query = new Not(new Values(SearchFields.Id, [nearest.ToString()])) }, near, far);
        await NearAsync(Near(0) with { Query = new Values(SearchFields.Kind, ["person"]) });
        await NearAsync(Near(0) with { Tokens = ["nobody"] });
    }

    [Fact]
    public async Task A_meaning_goes_with_its_text_and_stays_with_other_changes()
    {
        var id = await AddAsync("steady", Leaning(0));
        await Engine.ApplyAsync(1, [new(id, document => document! with { State = "closed" })], default);
        Assert.Equal(Leaning(0), (await Engine.FindAsync(1, [id], default))[id].Meaning);
        await NearAsync(Near(0), id);

        await Engine.ApplyAsync(1, [new(id, document => document! with { Title = "other", Meaning = null })], default);
        await NearAsync(Near(0));
    }

    [Fact]
    public async Task What_lacks_a_meaning_is_listed_and_counted()
    {
        if (!await Engine.FindsMeaningsAsync(default))
        {
            return;
        }

        await AddAsync("told", Leaning(0));
        List<Guid> lacking = [await AddAsync("not told"), await AddAsync("told by another", Leaning(0) with { Model = "another" })];
        await AddAsync("a person", change: document => document with { Kind = SearchDocument.Person });
        await AddAsync("only commented so far", change: document => document with { Version = 0 });
        await AddGermanAsync("Auf Deutsch", "Das Modell kennt die Sprache nicht");
        await Engine.RefreshAsync(1, default);

        var (some, count) = await Engine.WithoutMeaningAsync(1, Model, 10, default);
        Assert.Equal(lacking.Order(), some.Order());
        Assert.Equal(2, count);
        Assert.Single((await Engine.WithoutMeaningAsync(1, Model, 1, default)).Some);
    }

    private async Task NearAsync(SearchRequest request, params Guid[] expected)
    {
        var found = await SearchAsync(request);
        Assert.Equal(await Engine.FindsMeaningsAsync(default) ? expected : [], found.Hits.Select(hit => hit.Document.Id));
        Assert.Equal(found.Hits.Count, found.Total);
    }

    private static SearchRequest Near(double degrees) => Ask(null) with { Near = Leaning(degrees) };

    private Task<Guid> AddAsync(string title, Meaning meaning, string[]? readers = null) =>
        AddAsync(title, readers: readers, change: document => document with { Meaning = meaning });

    /// <summary>Away from the first of two directions that each have many parts.</summary>
    private static Meaning Leaning(double degrees)
    {
        var direction = new float[Meaning.Dimensions];
        var (ahead, aside) = Math.SinCos(Math.PI * (90 - degrees) / 180);
        for (var at = 0; at < direction.Length; at++)
        {
            direction[at] = (float)((at % 2 == 0 ? ahead : aside) / Math.Sqrt(Meaning.Dimensions / 2.0));
        }

        return Meaning.Of(Model, direction);
    }
}
