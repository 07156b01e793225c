using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Itsm.Gateway;

namespace Itsm.AppHost;

/// <summary>The organisation of the first start: loaded through the API, as anybody would.</summary>
internal static class DemoOrganisation
{
    private static readonly (string Key, string Name, string TimeZone)[] Sites =
        [("berlin", "Berlin", "Europe/Berlin"), ("lisbon", "Lisbon", "Europe/Lisbon"), ("new-york", "New York", "America/New_York")];

    public static async Task LoadAsync(string address, DevelopmentTokens tokens)
    {
        using var client = new HttpClient { BaseAddress = new Uri(address) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", tokens.Issue(DevelopmentTokens.Administrator, TimeProvider.System.GetUtcNow()).AccessToken);
        await AdministratorIsKnownAsync(client);
        if ((await client.GetAsync("/api/v1/categories/security")).StatusCode == HttpStatusCode.OK)
        {
            return;
        }

        foreach (var (key, name, timeZone) in Sites)
        {
            await PostAsync(client, "sites", new { key, name, timeZone });
        }

        using var people = new StringContent(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Demo", "people.csv")), new MediaTypeHeaderValue("text/csv"));
        (await client.PostAsync("/api/v1/people/imports", people)).EnsureSuccessStatusCode();
        foreach (var line in (await File.ReadAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "Demo", "categories.csv"))).Skip(1))
        {
            var cells = line.Split(',');
            await PostAsync(client, "categories", new { key = cells[0], name = cells[1], parent = Cell(cells[2]), assignmentGroup = Cell(cells[3]) });
        }
    }

    private static string? Cell(string text) => text.Length > 0 ? text : null;

    /// <summary>The first administrator is told to the services by message; the first start waits for that.</summary>
    private static async Task AdministratorIsKnownAsync(HttpClient client)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((await client.GetAsync("/api/v1/people/me", patience.Token)).StatusCode != HttpStatusCode.OK)
        {
            await timer.WaitForNextTickAsync(patience.Token);
        }
    }

    /// <summary>Adds one thing; one that an interrupted first start added already is fine.</summary>
    private static async Task PostAsync(HttpClient client, string path, object body)
    {
        using var answer = await client.PostAsJsonAsync($"/api/v1/{path}", body);
        if (answer.StatusCode != HttpStatusCode.Conflict && !answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"The demo organisation could not be loaded: {path} answered {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }
    }
}
