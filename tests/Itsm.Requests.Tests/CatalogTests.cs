using System.Text.Json.Nodes;
using Itsm.Requests.Ordering;
using Itsm.Testing;
using static Itsm.Requests.Tests.ApprovalTests;
using static Itsm.Requests.Tests.Shortcuts;

namespace Itsm.Requests.Tests;

public sealed class CatalogTests(RequestSuite suite)
{
    private static readonly object Call = new { url = "http://receiver.test/none", secret = "test" };

    [Fact]
    public async Task An_item_is_a_draft_until_it_is_published_and_gone_when_it_retires()
    {
        var key = $"keyboard-{suite.Clock.GetUtcNow().ToUnixTimeMilliseconds()}";
        var item = (await suite.PostAsync(Admin, "catalog/items", new { key, content = new { name = "Keyboard" } })).Ok();
        Assert.Equal(("draft", 0), (item.Text("state"), item["edition"]!.GetValue<int>()));
        (await suite.GetAsync(Employee, "catalog/items/" + key)).Problem(404);
        Assert.Equal("/item", (await suite.PostAsync(Employee, "requests", new { item = key })).Problem(400).Pointer);

        Assert.Equal("published", (await suite.ActAsync(Admin, $"catalog/items/{key}/publish")).Text("state"));
        Assert.Equal("Keyboard", (await suite.GetAsync(Employee, "catalog/items/" + key)).Ok().Text("name"));
        var request = await suite.OrderAsync(key);

        await suite.ActAsync(Admin, $"catalog/items/{key}/retire", new { reason = "Sold out." });
        (await suite.GetAsync(Employee, "catalog/items/" + key)).Problem(404);
        Assert.Equal("/item", (await suite.PostAsync(Employee, "requests", new { item = key })).Problem(400).Pointer);
        Assert.Equal("item.retired", (await suite.PostAsync(Admin, $"catalog/items/{key}/publish", new { }, "*")).Problem(409).Code);
        await suite.UntilStateAsync(request.Id, "inFulfillment");
    }

    [Fact]
    public async Task An_order_keeps_the_edition_that_it_was_made_of()
    {
        var key = await suite.PublishAsync(new
        {
            name = "Monitor", form = Form(("size", new { type = "integer" })), approval = Stage("any", null, [Manager]),
            plan = new[] { new { key = "carry", title = "Carry it there" } },
        });
        var request = await suite.OrderAsync(key, new { size = 27 });
        var rewritten = (await suite.SendAsync(Admin, HttpMethod.Put, $"catalog/items/{key}/draft",
            new { content = new { name = "Big monitor", plan = new[] { new { key = "lift", title = "Lift it there" } } } }, "*")).Ok();
        Assert.Equal(("Monitor", 1), (rewritten.Text("name"), rewritten["edition"]!.GetValue<int>()));
        await suite.ActAsync(Admin, $"catalog/items/{key}/publish");
        Assert.Equal("Big monitor", (await suite.GetAsync(Employee, "catalog/items/" + key)).Ok().Text("name"));
        Assert.Equal("Monitor",
            (await suite.GetAsync(Admin, $"catalog/items/{key}/editions/1")).Ok()["content"]!["name"]!.GetValue<string>());

        // Approved after the next edition came: what was approved is the first one.
        (await suite.DecideAsync(Manager, request)).Ok();
        Assert.Equal("open", (await suite.UntilStateAsync(request.Id, "inFulfillment")).TaskState("carry"));
    }

    [Fact]
    public async Task What_was_not_changed_is_not_published_again()
    {
        var key = await suite.PublishAsync(new { name = "Thing" });
        Assert.Equal("item.unchanged", (await suite.PostAsync(Admin, $"catalog/items/{key}/publish", new { }, "*")).Problem(409).Code);
        (await suite.PostAsync(Admin, "catalog/items", new { key = Guid.Empty, content = new { name = "Thing" } })).Problem(400);
        var content = new
        {
            name = "Thing",
            form = new
            {
                properties = Enumerable.Range(0, 50).ToDictionary(number => $"q{number}", _ =>
                    new
                    {
                        type = "string", description = new string('x', 4000),
                        @enum = Enumerable.Range(0, 20).Select(choice => new string('y', 250) + choice),
                    }),
            },
        };
        Assert.Equal("/content",
            (await suite.SendAsync(Admin, HttpMethod.Put, $"catalog/items/{key}/draft", new { content }, "*")).Problem(400).Pointer);
    }

    [Fact]
    public async Task Only_its_audience_sees_and_orders_an_item()
    {
        var key = await suite.PublishAsync(new { name = "Rack key", audience = new[] { new { group = "network" } } });
        (await suite.GetAsync(Employee, "catalog/items/" + key)).Problem(404);
        Assert.DoesNotContain((await suite.GetAsync(Employee, "catalog/items?limit=200")).Ok().Items, item => item.Text("key") == key);
        Assert.Equal("/item", (await suite.PostAsync(Employee, "requests", new { item = key })).Problem(400).Pointer);
        await suite.OrderAsync(key, person: Agent);
        (await suite.GetAsync(Employee, $"catalog/items/{key}/draft")).Problem(403);
    }

    [Fact]
    public async Task Employees_see_neither_policy_nor_plan()
    {
        var key = await suite.PublishAsync(
            new { name = "Secret plan", plan = new[] { new { key = "call", kind = "call", title = "Call", call = Call } } });
        var text = (await suite.GetAsync(Employee, "catalog/items/" + key)).Text;
        Assert.DoesNotContain("receiver.test", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"plan\"", text, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> WrongContents => new()
    {
        { """{"name":"X"}""", "/content/name" },
        { """{"name":"Thing","colour":"red"}""", "/content/colour" },
        { """{"name":"Thing","priority":6}""", "/content/priority" },
        { """{"name":"Thing","cost":{"amount":-1,"currency":"EUR"}}""", "/content/cost" },
        { """{"name":"Thing","category":"nowhere"}""", "/content/category" },
        { """{"name":"Thing","assignmentGroup":"nobody"}""", "/content/assignmentGroup" },
        { """{"name":"Thing","owner":"nobody"}""", "/content/owner" },
        { """{"name":"Thing","expectedDelivery":"-PT1H"}""", "/content/expectedDelivery" },
        { """{"name":"Thing","audience":[{}]}""", "/content/audience/0" },
        { """{"name":"Thing","audience":[{"group":"nobody"}]}""", "/content/audience/0/group" },
        { """{"name":"Thing","form":{"properties":{"a":{"type":"string","const":"x"}}}}""", "/content/form/properties/a/const" },
        { """{"name":"Thing","form":{"properties":{"a":{"type":"string"}},"allOf":[]}}""", "/content/form/allOf" },
        { """{"name":"Thing","kind":"onboarding"}""", "/content/form" },
        { """{"name":"Thing","form":{"properties":{"size":{"type":"number","minimum":1e999}}}}""", "/content/form/properties/size" },
        { """{"name":"Thing","form":{"properties":{"size":{"type":"number"}}},"approval":{"rules":[{"when":[{"field":"size","atLeast":1e999}],"then":"reject"},{"then":"approve"}]}}""",
            "/content/approval/rules/0/when/0" },
        { """{"name":"Thing","form":{"properties":{"who":{"type":"string"}}},"approval":{"rules":[{"then":"stages","stages":["a"]}],"stages":[{"key":"a","name":"A","approvers":[{"kind":"field","of":"who"}]}]}}""",
            "/content/approval/stages/0/approvers/0/of" },
        { """{"name":"Thing","approval":{"rules":[{"then":"stages","stages":["a"]}],"stages":[{"key":"a","name":"A","approvers":[{"kind":"role","of":"nobody"}]}]}}""",
            "/content/approval/stages/0/approvers/0/of" },
        { """{"name":"Thing","audience":[{"role":"nobody"}]}""", "/content/audience/0/role" },
        { """{"name":"  "}""", "/content/name" },
        { """{"name":"Thing","cost":{"amount":1,"currency":null}}""", "/content/cost/currency" },
        { """{"name":"Thing","cost":{"amount":1,"currency":"EUR\n"}}""", "/content/cost" },
        { """{"name":"Thing","form":{"properties":{"a":{"type":"integer","minimum":0.5,"maximum":0.6}}}}""", "/content/form/properties/a" },
        { """{"name":"Thing","form":{"properties":{"a":{"type":"string","minLength":32001}}}}""", "/content/form/properties/a" },
        { """{"name":"Thing","plan":[{"key":"a","title":"Do it","due":{"within":"PT1H","days":5}}]}""", "/content/plan/0/due" },
        { """{"name":"Thing","access":{"application":"Wiki","role":"x{r}y"}}""", "/content/access/role" },
        { """{"name":"Thing","plan":[{"key":"a","title":"First","after":["b"]},{"key":"b","title":"Second","after":["a"]}]}""",
            "/content/plan" },
        { """{"name":"Thing","plan":[{"key":"a","title":"First","after":["a"]}]}""", "/content/plan" },
        { """{"name":"Thing","plan":[{"key":"a","title":"First","after":["c"]}]}""", "/content/plan/0/after" },
        { """{"name":"Thing","plan":[{"key":"a","title":"First"},{"key":"a","title":"Second"}]}""", "/content/plan/1/key" },
        { """{"name":"Thing","plan":[{"key":"a","title":"First","kind":"recover"}]}""", "/content/plan/0/kind" },
        { """{"name":"Thing","plan":[{"key":"a","title":"First","kind":"call"}]}""", "/content/plan/0/kind" },
        { """{"name":"Thing","plan":[{"key":"a","title":"First","when":[{"field":"b","present":true}]}]}""",
            "/content/plan/0/when/0/field" },
        { """{"name":"Thing","plan":[{"key":"a","title":"First","due":{"date":"start"}}]}""", "/content/plan/0/due" },
        { """{"name":"Thing","plan":[{"key":"a","title":"First","group":"nobody"}]}""", "/content/plan/0/group" },
        { """{"name":"Thing","plan":[{"key":"a","title":"First","kind":"request","order":{"item":"nothing"}}]}""",
            "/content/plan/0/order/item" },
        { Calling("http://169.254.169.254/latest/meta-data"), "/content/plan/0/call/url" },
        { Calling("https://169.254.169.254/latest/meta-data"), "/content/plan/0/call/url" },
        { Calling("https://10.0.0.1/hook"), "/content/plan/0/call/url" },
        { Calling("https://[::1]/hook"), "/content/plan/0/call/url" },
        { Calling("https://[::ffff:10.0.0.1]/hook"), "/content/plan/0/call/url" },
        { Calling("https://2130706433/hook"), "/content/plan/0/call/url" },
        { Calling("https://localhost/hook"), "/content/plan/0/call/url" },
        { Calling("http://example.org/hook"), "/content/plan/0/call/url" },
        { Calling("file:///etc/passwd"), "/content/plan/0/call/url" },
        { Calling("https://user:word@example.org/hook"), "/content/plan/0/call/url" },
        { Calling("https://example.org/hook", "other"), "/content/plan/0/call/secret" },
        { """{"name":"Thing","approval":{"rules":[{"when":[{"field":"request.cost","atLeast":1}],"then":"approve"}]}}""",
            "/content/approval/rules" },
        { """{"name":"Thing","approval":{"rules":[{"then":"stages","stages":["a"]}]}}""", "/content/approval/rules/0/stages" },
        { """{"name":"Thing","approval":{"rules":[{"then":"stages"}]}}""", "/content/approval/rules/0/stages" },
        { """{"name":"Thing","approval":{"rules":[{"then":"stages","stages":["a"]}],"stages":[{"key":"a","name":"A","approvers":[]}]}}""",
            "/content/approval/stages/0/approvers" },
        { """{"name":"Thing","approval":{"rules":[{"then":"stages","stages":["a"]}],"stages":[{"key":"a","name":"A","approvers":[{"kind":"person","of":"nobody"}]}]}}""",
            "/content/approval/stages/0/approvers/0/of" },
        { """{"name":"Thing","approval":{"rules":[{"then":"stages","stages":["a"]}],"stages":[{"key":"a","name":"A","approvers":[{"kind":"manager"}],"fallback":[{"kind":"group","of":"service-desk"}],"quorum":{"kind":"percent","number":101}}]}}""",
            "/content/approval/stages/0/quorum/number" },
        { """{"name":"Thing","approval":{"rules":[{"when":[{"field":"wages","present":true}],"then":"approve"},{"then":"approve"}]}}""",
            "/content/approval/rules/0/when/0/field" },
        { """{"name":"Thing","access":{"application":"App","role":"{level}"}}""", "/content/access/role" },
        { """{"name":"Thing","form":{"properties":{"level":{"type":"string"}}},"access":{"application":"App","role":"{level}"}}""",
            "/content/access/role" },
        { """{"name":"Thing","access":{"application":"App","role":"user","longest":"P100000D"}}""", "/content/access/longest" },
        { """{"name":"Thing","expectedDelivery":"P100000D"}""", "/content/expectedDelivery" },
        { """{"name":"Thing","plan":[{"key":"a","title":"First","due":{"within":"P100000D"}}]}""", "/content/plan/0/due" },
        { """{"name":"Thing","form":{"properties":{"day":{"type":"string","format":"date"}}},"plan":[{"key":"a","title":"First","due":{"date":"day","days":100000}}]}""",
            "/content/plan/0/due" },
        { """{"name":"Thing","plan":[{"key":"deactivate","title":"First"}]}""", "/content/plan/0/key" },
        { """{"name":"Thing","plan":[{"key":"a","title":"First","kind":"request","order":{"item":"laptop","answers":{"colour":"red"}}}]}""",
            "/content/plan/0/order/answers/colour" },
        { """{"name":"Thing","plan":[null]}""", "/content/plan/0" },
        { """{"name":"Thing","audience":[null]}""", "/content/audience/0" },
        { """{"name":"Thing","form":{"properties":{"a":null}}}""", "/content/form/properties/a" },
        { """{"name":"Thing","form":{"required":[null]}}""", "/content/form/required/0" },
        { """{"name":"Thing","approval":{"rules":[null]}}""", "/content/approval/rules/0" },
        { """{"name":"Thing","approval":{"rules":[{"then":"stages","stages":["a","a"]}],"stages":[{"key":"a","name":"A","approvers":[{"kind":"manager"}],"fallback":[{"kind":"group","of":"service-desk"}]}]}}""",
            "/content/approval/rules/0/stages" },
        { """{"name":"Thing","approval":{"rules":[{"then":"stages","stages":["a"]}],"stages":[{"key":"a","name":"A","approvers":[{"kind":"manager"}]}]}}""",
            "/content/approval/stages/0/fallback" },
        { """{"name":"Thing","approval":{"rules":[{"then":"stages","stages":["a"]}],"stages":[{"key":"a","name":"A","approvers":[{"kind":"manager"}],"fallback":[{"kind":"manager"}]}]}}""",
            "/content/approval/stages/0/fallback/0/kind" },
        { """{"name":"Thing","approval":{"rules":[{"then":"stages","stages":["a"]}],"stages":[{"key":"a","name":"A","approvers":[{"kind":"manager"}],"fallback":[{"kind":"group","of":"nobody"}]}]}}""",
            "/content/approval/stages/0/fallback/0/of" },
        { """{"name":"Thing","approval":{"stages":[{"key":"a","name":"A","approvers":[{"kind":"manager"}],"fallback":[{"kind":"group","of":"service-desk"}]}]}}""",
            "/content/approval/stages" },
        { """{"name":"Thing","approval":{"rules":[{"then":"stages","stages":["a"]}],"stages":[{"key":"a","name":"A","approvers":[{"kind":"manager"}],"fallback":[{"kind":"group","of":"service-desk"}],"remindAfter":"P100000D"}]}}""",
            "/content/approval/stages/0" },
        { """{"name":"Th\u0000ing"}""", "/content/name" },
        { """{"name":"Thing","plan":[{"key":"a","title":"Fi\u0000rst"}]}""", "/content/plan/0/title" },
        { """{"name":"Thing","plan":[{"key":"A b","title":"First"}]}""", "/content/plan/0/key" },
        { """{"name":"Thing","form":{"properties":{"a":{"type":"integer","minimum":3,"maximum":1}}}}""", "/content/form/properties/a" },
        { """{"name":"Thing","form":{"properties":{"a":{"type":"string"},"b":{"type":"string","visibleWhen":[{"field":"a","in":[]}]}}}}""",
            "/content/form/properties/b/visibleWhen/0/in" },
        { """{"name":"Thing","approval":{"rules":[{"then":"stages","stages":[null]}]}}""", "/content/approval/rules/0/stages/0" },
        { """{"name":"Thing","approval":{"rules":[{"then":"stages","stages":["a"]}],"stages":[{"key":"a","name":"A","approvers":[{"kind":"owner"}],"fallback":[{"kind":"group","of":"service-desk"}]}]}}""",
            "/content/approval/stages/0/approvers/0" },
        { """{"name":"Thing","approval":{"rules":[{"then":"stages","stages":["a"]}],"stages":[{"key":"a","name":"A","approvers":[{"kind":"manager"}],"fallback":[{"kind":"group","of":"service-desk"}],"remindAfter":"PT9H","escalateAfter":"PT8H"}]}}""",
            "/content/approval/stages/0" },
        { Calling("https://metadata.google.internal/x"), "/content/plan/0/call/url" },
        { Calling("https://a.localhost./x"), "/content/plan/0/call/url" },
        { Calling("https://127\u30020\u30020\u30021/x"), "/content/plan/0/call/url" },
        { """{"name":"Thing","kind":"offboarding","form":{"properties":{"a":{"type":"boolean"},"person":{"type":"string","format":"person","visibleWhen":[{"field":"a","present":true}]},"lastDay":{"type":"string","format":"date"}},"required":["person","lastDay"]}}""",
            "/content/form" },
        { """{"name":"Thing","access":{"application":"App","role":"user","until":"when"}}""", "/content/access/until" },
        { """{"name":"Thing","form":{"properties":{"levels":{"type":"array","items":{"type":"string"}}},"required":["levels"]},"access":{"application":"App","role":"{levels}"}}""",
            "/content/access/role" },
        { """{"name":"Thing","form":{"properties":{"level":{"type":"string"}},"required":["level"]},"access":{"application":"App","role":"{level}"}}""",
            "/content/access/role" },
        { Coming("\"access\":{\"application\":\"App\",\"role\":\"user\"}"), "/content/access" },
        { Coming("\"returnable\":true"), "/content/returnable" },
        { Named("\"in\":[\"employee1\"]"), "/content/approval/rules/0/when/0/in/0" },
        { Named("\"notIn\":[\"nobody\"]"), "/content/approval/rules/0/when/0/notIn/0" },
        { """{"name":"Thing","form":{"properties":{"team":{"type":"string","format":"group"},"b":{"type":"string","visibleWhen":[{"field":"team","in":["network"]}]}}}}""",
            "/content/form/properties/b/visibleWhen/0/in/0" },
        { """{"name":"Thing","form":{"properties":{"team":{"type":"string","format":"group"}}},"plan":[{"key":"a","title":"First","when":[{"field":"team","notIn":["network"]}]}]}""",
            "/content/plan/0/when/0/notIn/0" },
        { """{"name":"Thing","plan":[{"key":"a","title":"First","form":{"properties":{"who":{"type":"string","format":"person"},"b":{"type":"string","visibleWhen":[{"field":"who","in":["agent1"]}]}}}}]}""",
            "/content/plan/0/form/properties/b/visibleWhen/0/in/0" },
        { """{"name":"Thing","form":{"properties":{"who":{"type":"string","format":"person","maxLength":20}}}}""",
            "/content/form/properties/who" },
    };

    [Theory, MemberData(nameof(WrongContents))]
    public async Task Content_that_makes_no_sense_is_refused_with_a_pointer(string content, string place)
    {
        var problem = (await suite.PostAsync(Admin, "catalog/items", new { key = "never", content = JsonNode.Parse(content) })).Problem(400);
        Assert.Equal(place, problem.Pointer);
        (await suite.GetAsync(Admin, "catalog/items/never")).Problem(404);
    }

    [Fact]
    public async Task Items_that_order_each_other_are_refused()
    {
        var first = await suite.PublishAsync(new { name = "First" });
        var second = await suite.PublishAsync(new
        {
            name = "Second",
            plan = new[] { new { key = "order", kind = "request", title = "Order the first", order = new { item = first } } },
        });
        var problem = (await suite.SendAsync(Admin, HttpMethod.Put, $"catalog/items/{first}/draft",
            new
            {
                content = new
                {
                    name = "First",
                    plan = new[] { new { key = "order", kind = "request", title = "Order the second", order = new { item = second } } },
                },
            }, "*")).Problem(400);
        Assert.Equal("/content/plan/0/order/item", problem.Pointer);
        var itself = (await suite.SendAsync(Admin, HttpMethod.Put, $"catalog/items/{first}/draft",
            new
            {
                content = new
                {
                    name = "First",
                    plan = new[]
                    {
                        new { key = "order", kind = "request", title = "Order itself", order = new { item = first.ToUpperInvariant() } },
                    },
                },
            }, "*")).Problem(400);
        Assert.Equal("/content/plan/0/order/item", itself.Pointer);
    }

    [Fact]
    public async Task Of_two_who_rewrite_a_draft_the_second_hears_of_the_first()
    {
        var key = await suite.PublishAsync(new { name = "Chair" });
        var tag = (await suite.GetAsync(Admin, "catalog/items/" + key)).Tag;
        (await suite.SendAsync(Admin, HttpMethod.Put, $"catalog/items/{key}/draft", new { content = new { name = "Green chair" } }, tag))
            .Ok();
        (await suite.SendAsync(Admin, HttpMethod.Put, $"catalog/items/{key}/draft", new { content = new { name = "Blue chair" } }, tag))
            .Problem(412);
        Assert.Equal("Green chair", (await suite.GetAsync(Admin, $"catalog/items/{key}/draft")).Ok().Text("name"));
    }

    [Fact]
    public async Task Employees_do_not_write_the_catalog() =>
        (await suite.PostAsync(Employee, "catalog/items", new { key = "mine", content = new { name = "Mine" } })).Problem(403);

    private static string Coming(string member) =>
        """{"name":"Thing","kind":"onboarding","form":{"properties":{"person":{"type":"string","format":"person"},"startDate":{"type":"string","format":"date"}},"required":["person","startDate"]},"""
            + member + "}";

    private static string Named(string test) =>
        """{"name":"Thing","form":{"properties":{"who":{"type":"string","format":"person"}}},"approval":{"rules":[{"when":[{"field":"who","""
            + test + """}],"then":"reject"},{"then":"approve"}]}}""";

    private static string Calling(string url, string secret = "test") =>
        $$$"""{"name":"Thing","plan":[{"key":"a","title":"First","kind":"call","call":{"url":"{{{url}}}","secret":"{{{secret}}}"}}]}""";
}
