using System.Text.Json.Nodes;
using Itsm.Testing;

namespace Itsm.Directory.Tests;

/// <summary>Who is behind a token: the person bound to its account, else the one with its user name, and nobody else.</summary>
public sealed class SignInTests(DirectorySuite suite) : DirectoryTests(suite)
{
    public static TheoryData<string> NamesOfProviders =>
        ["o'brien", "jane.doe+it@example.org", "jürgen", "Ωmega", "guest_example.com#ext#@tenant.example"];

    [Theory, MemberData(nameof(NamesOfProviders))]
    public async Task A_user_name_is_taken_as_providers_send_it(string prefix)
    {
        var name = prefix + _tail;
        await CreateAsync(name);
        await KnownAsync(name);
        foreach (var spelled in new[] { name.ToUpperInvariant(), name.Replace("ü", "u\u0308", StringComparison.Ordinal) })
        {
            Assert.Equal(name.ToLowerInvariant(), (await Suite.GetAsync(spelled, "people/me")).Ok().Text("userName"));
            Assert.Equal("duplicate",
                (await Suite.PostAsync(Admin, "people", new { userName = spelled, name = "Twin" })).Problem(409).Text("code"));
            (await Suite.GetAsync(Admin, $"people/{Uri.EscapeDataString(spelled)}")).Ok();
        }
    }

    [Fact]
    public async Task An_id_is_no_user_name_neither_in_a_token_nor_of_a_person()
    {
        var admin = (await Suite.GetAsync(Admin, "people/me")).Ok();
        foreach (var spelled in new[]
        {
            admin.Id, admin.Id.ToUpperInvariant(), Guid.Parse(admin.Id).ToString("N"), Guid.Parse(admin.Id).ToString("B"),
        })
        {
            (await Suite.GetAsync(spelled, "people/me")).Problem(403);
            PointsAt(await Suite.PostAsync(Admin, "people", new { userName = spelled, name = "Impostor" }), "/userName");
            Assert.Single((await ImportAsync($"userName,name\n{spelled},Impostor\n")).Ok()["refused"]!.AsArray());
        }

        PointsAt(await Suite.PostAsync(Admin, "people", new { userName = "ME", name = "Impostor" }), "/userName");
    }

    [Fact]
    public async Task The_first_sign_in_binds_the_account_and_the_user_name_counts_no_more()
    {
        var (name, person) = await AddAsync();
        var account = Suite.SignedIn(name, "account-1" + _tail);
        (await Suite.GetAsync(account, "people/me")).Ok();
        var bound = await Suite.UntilAsync(Admin, $"people/{name}", found => found["account"] is not null);
        Assert.Equal("account-1" + _tail, bound["account"]!["subject"]!.GetValue<string>());

        // Whoever gets the name later is somebody else, and so is a token without an account.
        await RunningSuite.UntilAsync(() => Suite.GetAsync(Suite.SignedIn(name, "account-2" + _tail), "people/me"),
            answer => (int)answer.Status == 403, "The refusal of another account");
        (await Suite.GetAsync(name, "people/me")).Problem(403);

        // The account stays, whatever its user name is now.
        Assert.Equal(person.Id, (await Suite.GetAsync(Suite.SignedIn(Fresh(), "account-1" + _tail), "people/me")).Ok().Id);
        Assert.Equal(person.Id, (await Suite.GetAsync(Suite.SignedIn("employee2", "account-1" + _tail), "people/me")).Ok().Id);
        Assert.Contains((await Suite.GetAsync(Admin, $"people/{name}/history")).Ok().Items, entry =>
            entry.Text("action") == "bind-account");
    }

    [Fact]
    public async Task An_administrator_releases_an_account_for_the_next_to_sign_in()
    {
        var (name, _) = await AddAsync();
        (await Suite.GetAsync(Suite.SignedIn(name, "old" + _tail), "people/me")).Ok();
        await Suite.UntilAsync(Admin, $"people/{name}", found => found["account"] is not null);
        (await Suite.PatchAsync(Admin, $"people/{name}", new JsonObject { ["account"] = null }, "*")).Ok();
        (await Suite.GetAsync(Suite.SignedIn(name, "new" + _tail), "people/me")).Ok();
        await Suite.UntilAsync(Admin, $"people/{name}", found => found["account"]?["subject"]!.GetValue<string>() == "new" + _tail);

        // Once the service has its copy of what the directory has bound.
        await RunningSuite.UntilAsync(() => Suite.GetAsync(Suite.SignedIn(name, "old" + _tail), "people/me"),
            answer => (int)answer.Status == 403, "The refusal of the old account");
    }

    [Fact]
    public async Task An_account_belongs_to_one_person_be_it_by_edit_or_import()
    {
        var ((one, first), (other, _)) = (await AddAsync(), await AddAsync());
        var account = new { issuer = "itsm-development", subject = "shared" + _tail };
        (await Suite.PatchAsync(Admin, $"people/{one}", new { account }, "*")).Ok();
        Assert.Equal("duplicate", (await Suite.PatchAsync(Admin, $"people/{other}", new { account }, "*")).Problem(409).Text("code"));
        var refused = (await ImportAsync(
            $"userName;name;issuer;subject\n{other};Other;{account.issuer};{account.subject}\n{Fresh()};Third;{account.issuer};\n"))
            .Ok()["refused"]!.AsArray();
        Assert.Equal(["Another person has the same account.", "issuer and subject are given together."],
            refused.Select(row => row!["reason"]!.GetValue<string>()));
        Assert.Equal(first.Id, (await Suite.GetAsync(Suite.SignedIn(Fresh(), account.subject), "people/me")).Ok().Id);
    }

    [Fact]
    public async Task Two_accounts_that_sign_in_at_once_by_one_user_name_leave_one_bound()
    {
        var (name, _) = await AddAsync();
        string[] accounts = [.. Enumerable.Range(0, 6).Select(number => Suite.SignedIn(name, $"racing-{number}{_tail}"))];
        await Task.WhenAll(accounts.Select(account => Suite.GetAsync(account, "people/me")));
        await Suite.UntilAsync(Admin, $"people/{name}", found => found["account"] is not null);
        await RunningSuite.UntilAsync(() => Task.WhenAll(accounts.Select(account => Suite.GetAsync(account, "people/me"))),
            answers => answers.Count(answer => (int)answer.Status == 200) == 1, "One account");
    }

    [Fact]
    public async Task A_mail_address_belongs_to_one_active_person()
    {
        var ((one, _), (other, _)) = (await AddAsync(), await AddAsync());
        var mail = $"shared{_tail}@example.org";
        (await Suite.PatchAsync(Admin, $"people/{one}", new { mail }, "*")).Ok();
        Assert.Contains("mail",
            (await Suite.PatchAsync(Admin, $"people/{other}", new { mail = mail.ToUpperInvariant() }, "*")).Problem(409).Text("detail"),
            StringComparison.Ordinal);
        (await Suite.PostAsync(Admin, "people", new { userName = Fresh(), name = "Third", mail })).Problem(409);
        Assert.Single((await ImportAsync($"userName,name,mail\n{Fresh()},Fourth,{mail}\n")).Ok()["refused"]!.AsArray());

        await Suite.ActAsync(Admin, $"people/{one}/deactivate", new { reason = "Left the company." });
        (await Suite.PatchAsync(Admin, $"people/{other}", new { mail }, "*")).Ok();
        (await Suite.PostAsync(Admin, $"people/{one}/activate", new { reason = "Came back." }, "*")).Problem(409);
    }

    private readonly string _tail = "-" + Fresh("x");

    private async Task<(string Name, JsonObject Person)> AddAsync()
    {
        var name = Fresh();
        var person = await CreateAsync(name);
        await KnownAsync(name);
        return (name, person);
    }
}
