using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Itsm.Testing;

namespace Itsm.Search.Tests.Judged;

/// <summary>How good results are: see queries.jsonl.</summary>
public sealed partial class JudgedTests(ITestOutputHelper output)
{
    /// <summary>The mean nDCG@10 that no engine may fall below.</summary>
    private const double Least = 0.95;

    /// <summary>How far one engine may be below another.</summary>
    private const double MostBetween = 0.05;

    /// <summary>Of 20 queries without a common word: how many a model must put among the first three.</summary>
    private const int LeastMeant = 17;

    private const int WorstShown = 25;

    [Fact]
    public void The_set_is_as_large_as_it_claims_and_explains_itself()
    {
        var far = JudgedSet.Queries.Where(query => query.Group is JudgedSet.Far or JudgedSet.Meant).ToList();
        var near = JudgedSet.Queries.Except(far).ToList();
        Assert.Equal((150, 60, 40), (JudgedSet.Tickets.Count, near.Count, far.Count));
        Assert.All(near, query => Assert.True(query.Why is { Length: > 5 }, query.Q));
        var tickets = JudgedSet.Tickets.ToDictionary(ticket => ticket.Id);
        Assert.All(JudgedSet.Queries, query => Assert.All(query.Relevant, one =>
        {
            Assert.True(tickets.ContainsKey(one.Key), one.Key);
            Assert.InRange(one.Value, 1, 3);
        }));
        Assert.All(far, query => Assert.All(query.Relevant.Keys, id =>
            Assert.Empty(Words(query.Q).Intersect(Words($"{tickets[id]}")))));
        Assert.Equal(JudgedSet.Queries.Count, JudgedSet.Queries.Select(query => query.Q).Distinct().Count());
    }

    [Fact]
    [OuterTier]
    public async Task Results_are_good_on_every_engine_and_about_as_good_on_one_as_on_another()
    {
        var means = new Dictionary<string, double>();
        foreach (var (name, suite) in new (string, SearchSuite)[]
        {
            ("embedded", new SearchSuite()), ("Elasticsearch", new ElasticsearchSuite()), ("OpenSearch", new OpenSearchSuite()),
            ("embedded with MiniLM", new MeaningSuite()), ("Elasticsearch with MiniLM", new ElasticsearchMeaningSuite()),
        })
        {
            await using var _ = suite;
            var engine = name.Split(' ')[0];
            if (engine == "embedded" || Environment.GetEnvironmentVariable($"ITSM_TEST_{engine.ToUpperInvariant()}") is { Length: > 0 })
            {
                await suite.InitializeAsync();
                await suite.StartAsync();
                means[name] = await MeasureAsync(name, suite);
            }
        }

        Assert.All(means, mean => Assert.True(mean.Value >= Least, $"{mean.Key}: {mean.Value:0.000} < {Least}"));
        Assert.True(means.Values.Max() - means.Values.Min() <= MostBetween, string.Join(", ", means));
    }

    private async Task<double> MeasureAsync(string name, SearchSuite suite)
    {
        var set = new JudgedSet(async (person, method, path, body) =>
            (await suite.SendAsync(person, method, path, body, ifMatch: "*")).Ok());
        await set.FillAsync();
        await RunningSuite.UntilAsync(set.IsIndexedAsync, indexed => indexed, "everything indexed");
        var hasModel = suite is IMeaningSuite;
        if (hasModel)
        {
            await RunningSuite.UntilAsync(set.IsMeantAsync, told => told, "all meanings told");
        }

        var judged = await set.JudgeAsync();
        var (mean, far, meant) =
            (JudgedSet.Mean(judged), JudgedSet.AmongFirst(judged, JudgedSet.Far), JudgedSet.AmongFirst(judged, JudgedSet.Meant));
        output.WriteLine($"{name}: nDCG@10 {mean:0.000}; without a common word among the first three {meant} of 20, thought far {far} of 20");
        foreach (var one in judged.Where(one => one.Gain < 1 && (hasModel || one.Query.Group is not (JudgedSet.Far or JudgedSet.Meant)))
            .OrderBy(one => one.Gain).Take(WorstShown))
        {
            output.WriteLine($"  {one.Gain:0.00} {one.Query.Q}: {string.Join(' ', one.Found)}");
        }

        Assert.True(!hasModel || meant >= LeastMeant, $"{name}: {meant} of 20");
        return mean;
    }

    private static IEnumerable<string> Words(string text) => Word().Matches(text.ToUpperInvariant()).Select(match => match.Value);

    [GeneratedRegex(@"\p{L}{3,}")]
    private static partial Regex Word();
}
