using System.Text.Json.Nodes;
using Itsm.Testing;

namespace Itsm.Directory.Tests;

public sealed class ImportTests(DirectorySuite suite) : DirectoryTests(suite)
{
    [Fact]
    public async Task New_people_are_created_with_managers_further_down_and_the_same_file_changes_nothing()
    {
        var (a, b, group) = (Fresh(), Fresh(), Fresh("group"));
        var csv = $"userName,name,mail,manager,site,roles,groups\n{a},\"Ada, "
            + $"Countess\",ada@example.org,{b},berlin,agent;requester,{group}\n{b},Bob,,,,,{group.ToUpperInvariant()}\n";
        Counts(await ImportAsync(csv), 2, 0, 0);
        var (ada, bob) = ((await Suite.GetAsync(Admin, $"people/{a}")).Ok(), (await Suite.GetAsync(Admin, $"people/{b}")).Ok());
        Assert.Equal(("Ada, Countess", bob.Id), (ada.Text("name"), ada.Text("manager")));
        Assert.Equal(new[] { ada.Id, bob.Id }.Order(),
            (await Suite.GetAsync(Admin, $"groups/{group}")).Ok()["members"]!.AsArray().Select(member => member!.GetValue<string>())
                .Order());

        Counts(await ImportAsync(csv).WaitAsync(Patience.Most), 0, 0, 2);
        Assert.Equal(ada.Version, (await Suite.GetAsync(Admin, $"people/{a}")).Ok().Version);
    }

    [Fact]
    public async Task The_sample_is_a_file_that_imports_as_it_is()
    {
        (await Suite.GetAsync("employee1", "people/imports/sample")).Problem(403);
        var sample = (await Suite.GetAsync(Admin, "people/imports/sample")).Text;
        Counts(await ImportAsync(sample), 3, 0, 0);
        Counts(await ImportAsync(sample), 0, 0, 3);
        Assert.Equal("Zoë Zhu", (await Suite.GetAsync(Admin, "people/zoe.zhu")).Ok().Text("name"));
    }

    [Fact]
    public async Task Changed_rows_are_counted_as_updated_be_it_the_manager_only()
    {
        var (a, b) = (Fresh(), Fresh());
        Counts(await ImportAsync($"userName,name\n{a},A\n{b},B\n"), 2, 0, 0);
        Counts(await ImportAsync($"userName,name\n{a},Anew\n{b},B\n"), 0, 1, 1);
        Counts(await ImportAsync($"userName,name,manager\n{a},Anew,{b}\n{b},B,\n"), 0, 1, 1);
    }

    [Fact]
    public async Task A_row_is_refused_alone_with_its_line_and_reason()
    {
        var good = Fresh();
        var (manager, self) = (Fresh(), Fresh());
        var answer = (await ImportAsync("userName,name,mail,manager,site,roles,groups\nNot A "
            + $"Name!,X,,,,,\n{good},Good,,,,,\n{Fresh()},,,,,,\n{Fresh()},X,,,atlantis,,\n{Fresh()},X,,,,emperor,\n{manager},X,,nobody-at-all,,,\n{self},X,,{self},,,\n{Fresh()},X,nonsense,,,,\n{Fresh()},X,,,,,not "
            + ""
            + ""
            + "a key!\n")).Ok();
        Assert.Equal(1, answer["created"]!.GetValue<int>());
        var refused = answer["refused"]!.AsArray().Select(row => row!.AsObject()).ToList();
        Assert.Equal([2, 4, 5, 6, 7, 8, 9, 10], refused.Select(row => row["line"]!.GetValue<int>()));
        Assert.Contains("atlantis", refused[2].Text("reason"), StringComparison.Ordinal);
        Assert.Contains("emperor", refused[3].Text("reason"), StringComparison.Ordinal);
        (await Suite.GetAsync(Admin, $"people/{good}")).Ok();
        (await Suite.GetAsync(Admin, $"people/{manager}")).Problem(404);
        (await Suite.GetAsync(Admin, $"people/{self}")).Problem(404);
    }

    [Theory]
    [InlineData("", "The file is empty")]
    [InlineData("name,mail\nX,\n", "Line 1: column userName is missing")]
    [InlineData("userName,name\n", "The file has a header, but no rows")]
    [InlineData("userName,name\nx-1,\"X\nx-2,Y\n", "Line 2 is not well-formed CSV")]
    [InlineData("userName,name\nx-1\n", "Line 2: 1 values for 2 columns")]
    [InlineData("userName,name,shoeSize\nx,X,44\n", "Line 1, column 3: a file of people has no column \"shoeSize\"")]
    public async Task A_file_whose_header_does_not_fit_is_refused_as_a_whole(string csv, string starts) =>
        Assert.StartsWith(starts, (await ImportAsync(csv)).Problem(400).Text("detail"), StringComparison.Ordinal);

    [Fact]
    public async Task Two_imports_of_the_same_people_at_once_make_each_once()
    {
        var group = Fresh("group");
        string[] names = [.. Enumerable.Range(0, 15).Select(_ => Fresh())];
        var csv = "userName,name,groups\n" + string.Concat(names.Select(name => $"{name},Person {name},{group}\n"));
        var answers = await Task.WhenAll(ImportAsync(csv), ImportAsync(csv)).WaitAsync(Patience.Most);
        Assert.Equal(15, answers.Sum(answer => answer.Ok()["created"]!.GetValue<int>()));
        Assert.All(answers, answer => Assert.Empty(answer.Json["refused"]!.AsArray()));
        Assert.Equal(15, (await Suite.GetAsync(Admin, $"groups/{group}")).Ok()["members"]!.AsArray().Count);
    }

    [Theory, InlineData(';'), InlineData('\t')]
    public async Task Semicolons_and_tabs_separate_too(char separator) =>
        Counts(await ImportAsync($"userName,name,roles\n{Fresh()},\"Anna, Countess\",\"agent;requester\"\n".Replace(',', separator)
            .Replace($"Anna{separator}", "Anna,", StringComparison.Ordinal)), 1, 0, 0);

    [Fact]
    public async Task A_file_in_another_encoding_is_refused_as_a_whole()
    {
        using var content = new ByteArrayContent(System.Text.Encoding.Latin1.GetBytes($"userName,name\n{Fresh()},Jürgen\n"));
        content.Headers.ContentType = new("text/csv");
        Assert.StartsWith("The file is not UTF-8", (await Suite.PostAsync(Admin, "people/imports", content)).Problem(400).Text("detail"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_not_what_an_import_takes() =>
        (await Suite.PostAsync(Admin, "people/imports", new { userName = "x" })).Problem(415);

    private static void Counts(Answer answer, int created, int updated, int unchanged)
    {
        var json = answer.Ok();
        Assert.Equal($"{created} {updated} {unchanged} []",
            $"{json["created"]} {json["updated"]} {json["unchanged"]} {json["refused"]!.ToJsonString()}");
    }
}
