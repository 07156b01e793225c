using System.Text.Json.Nodes;
using Itsm.Contracts.Directory;
using Itsm.Platform.Access;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Replicas;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Itsm.Platform.Tests.Http;

public sealed class ListQueryTests : IAsyncLifetime
{
    private static readonly ListDefinition Definition =
        new() { Filters = [Filter.Text("colour")], Sorts = ["key", "watts"], DefaultSort = "key" };
    private static readonly Caller Ada = CallerOf("ada");
    private readonly Shop _shop = new();
    private ServiceProvider _services = null!;

    public async ValueTask InitializeAsync()
    {
        _services = new ServiceCollection().AddSingleton(new People(
            Replica<PersonChanged>(People.PersonIndexes), Replica<GroupChanged>(People.GroupIndexes),
            Replica<RoleChanged>(People.RoleIndexes), new PermissionList(), Caches.OfOneNode(), _shop.Broker,
            TimeProvider.System)).BuildServiceProvider();
        for (var number = 0; number < 25; number++)
        {
            await _shop.AddAsync(Lamp.Create($"lamp{number:00}", number % 2 == 0 ? "red" : "blue", watts: number / 5,
                readers: number == 24 ? ReaderToken.Person(DerivedId.From("bob")) : ReaderToken.Everyone));
        }
    }

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Theory]
    [InlineData("", 24)]
    [InlineData("sort=-key", 24)]
    [InlineData("sort=watts", 24)]
    [InlineData("sort=-watts", 24)]
    [InlineData("colour=red", 12)]
    [InlineData("colour=red,blue", 24)]
    [InlineData("colour=green", 0)]
    public async Task Following_the_cursor_shows_each_visible_item_once_and_in_order(string query, int expected)
    {
        var (keys, values, cursor) = (new List<string>(), new List<string>(), "");
        do
        {
            var page = await ListAsync(Ada, $"{query}&limit=5&count=true{cursor}");
            Assert.Equal(expected, page["count"]!.GetValue<int>());
            keys.AddRange(page["items"]!.AsArray().Select(item => item!["key"]!.GetValue<string>()));
            values.AddRange(page["items"]!.AsArray()
                .Select(item => item![query.Contains("watts", StringComparison.Ordinal) ? "watts" : "key"]!.ToString()));
            cursor = page["next"]?.GetValue<string>() is { } next ? "&cursor=" + next : "";
        }
        while (cursor.Length > 0);

        Assert.Equal(expected, keys.Distinct().Count());
        Assert.Equal(expected, keys.Count);
        Assert.Equal(query.Contains("=-", StringComparison.Ordinal) ? values.OrderDescending() : values.Order(), values);
    }

    [Fact]
    public async Task A_cursor_is_good_for_its_own_list_filter_order_and_caller_only()
    {
        var cursor = (await ListAsync(Ada, "limit=5&colour=red"))["next"]!.GetValue<string>();
        Assert.NotEmpty((await ListAsync(Ada, $"limit=2&fields=key&colour=red&cursor={cursor}"))["items"]!.AsArray());

        await RefusedAsync(Ada, $"limit=5&cursor={cursor}", "?cursor");
        await RefusedAsync(Ada, $"limit=5&colour=blue&cursor={cursor}", "?cursor");
        await RefusedAsync(Ada, $"limit=5&colour=red&sort=-key&cursor={cursor}", "?cursor");
        await RefusedAsync(CallerOf("bob"), $"limit=5&colour=red&cursor={cursor}", "?cursor");
        await RefusedAsync(Ada, $"limit=5&colour=red&cursor={cursor}", "?cursor", "/other");
        foreach (var broken in new[] { "x", "abcd", "!!!", cursor[..^4], "A" + cursor })
        {
            await RefusedAsync(Ada, $"limit=5&colour=red&cursor={broken}", "?cursor");
        }
    }

    [Theory]
    [InlineData("limit=0", "?limit")]
    [InlineData("limit=201", "?limit")]
    [InlineData("limit=-1", "?limit")]
    [InlineData("limit=x", "?limit")]
    [InlineData("limit=1&limit=2", "?limit")]
    [InlineData("sort=colour", "?sort")]
    [InlineData("sort=-", "?sort")]
    [InlineData("sort=", "?sort")]
    [InlineData("count=maybe", "?count")]
    [InlineData("fields=nothing", "?fields")]
    [InlineData("fields=readers", "?fields")]
    [InlineData("colour=", "?colour")]
    [InlineData("colour=red,", "?colour")]
    [InlineData("expand=key", "?expand")]
    public Task A_parameter_that_makes_no_sense_is_refused_by_name(string query, string at) => RefusedAsync(Ada, query, at);

    private async Task RefusedAsync(Caller caller, string query, string at, string path = "/lamps")
    {
        var e = await Assert.ThrowsAsync<HttpProblemException>(() => ListAsync(caller, query, path));
        Assert.Equal(400, e.Problem.Status);
        Assert.Equal(at, e.Problem.Errors![0].Pointer);
    }

    private async Task<JsonObject> ListAsync(Caller caller, string query, string path = "/lamps")
    {
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { RequestServices = _services };
        (context.Request.Path, context.Request.QueryString, context.Response.Body) = (
            path, new QueryString("?" + query.TrimStart('&')), body);
        context.Features.Set(caller);
        var list = await ListQuery.BindAsync(context, null!);
        StrictQuery.Check(context.Request, new QueryParameters([.. Definition.ParametersOf<Lamp>()], Definition));
        await list!.PageAsync(_shop.Lamps, Definition, default);
        return JsonNode.Parse(body.ToArray())!.AsObject();
    }

    private Replica<T> Replica<T>(IndexDefinition[] indexes)
        where T : class,
        Contracts.IEntityChanged =>
            new(_shop.Database, "tests", _shop.Broker, Caches.OfOneNode(), _shop.Clock, NullLogger<Replica<T>>.Instance, indexes);

    private static Caller CallerOf(string name) =>
        new(DerivedId.From("person", name), name, name,
            new HashSet<string> { ReaderToken.Everyone, ReaderToken.Person(DerivedId.From("person", name)) }, new HashSet<string>(),
            new HashSet<Guid>());
}
