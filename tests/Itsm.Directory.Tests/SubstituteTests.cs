using Itsm.Testing;

namespace Itsm.Directory.Tests;

public sealed class SubstituteTests(DirectorySuite suite) : DirectoryTests(suite)
{
    [Fact]
    public async Task People_name_their_own_substitutes_and_administrators_those_of_others()
    {
        var (name, other) = (Fresh(), Fresh());
        await CreateAsync(name);
        var substitute = await CreateAsync(other);
        await KnownAsync(name);
        var body = new { substitutes = new[] { new { person = other, from = "2030-01-01T00:00:00Z", until = "2030-02-01T00:00:00Z" } } };
        var appointed = (await Suite.SendAsync(name, HttpMethod.Put, "people/me/substitutes", body, "*")).Ok();
        Assert.Equal((substitute.Id, "2030-01-01T00:00:00Z"),
            (appointed["substitutes"]![0]!["person"]!.GetValue<string>(), appointed["substitutes"]![0]!["from"]!.GetValue<string>()));
        await KnownAsync(other);
        (await Suite.SendAsync(other, HttpMethod.Put, $"people/{name}/substitutes", body, "*")).Problem(403);
        (await Suite.SendAsync(name, HttpMethod.Put, "people/me/substitutes", body, null)).Problem(428);
        Assert.Null((await Suite.SendAsync(
            Admin, HttpMethod.Put, $"people/{name}/substitutes", new { substitutes = Array.Empty<object>() }, "*")).Ok()["substitutes"]);
    }

    [Fact]
    public async Task Substitutes_that_make_no_sense_are_refused()
    {
        var name = Fresh();
        await CreateAsync(name);
        await KnownAsync(name);
        var gone = await CreateAsync();
        await Suite.ActAsync(Admin, $"people/{gone.Id}/deactivate", new { reason = "Left us." });
        PointsAt(await AppointAsync(gone.Id, "2030-01-01T00:00:00Z", "2030-02-01T00:00:00Z"), "/substitutes/0/person");
        PointsAt(await AppointAsync("nobody", "2030-01-01T00:00:00Z", "2030-02-01T00:00:00Z"), "/substitutes/0/person");
        PointsAt(await AppointAsync(name, "2030-01-01T00:00:00Z", "2030-02-01T00:00:00Z"), "/substitutes/0/person");
        PointsAt(await AppointAsync("agent1", "2030-02-01T00:00:00Z", "2030-01-01T00:00:00Z"), "/substitutes/0/until");
        PointsAt(await AppointAsync("agent1", "2030-02-01", "2030-03-01T00:00:00Z"), "/substitutes/0/from");

        Task<Answer> AppointAsync(string person, string from, string until) =>
            Suite.SendAsync(
                name, HttpMethod.Put, "people/me/substitutes", new { substitutes = new[] { new { person, from, until } } }, "*");
    }
}
