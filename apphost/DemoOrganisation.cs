using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Itsm.Gateway;

namespace Itsm.AppHost;

/// <summary>The organisation of the first start: loaded through the API, as anybody would. Of it, what the running services take; what is
/// there already stays as it is.</summary>
internal static class DemoOrganisation
{
    /// <summary>Key of the group that gets what nobody else has.</summary>
    public const string DefaultGroup = "service-desk";

    private static readonly (string Key, string Name, string TimeZone, string? Calendar)[] Sites =
        [("berlin", "Berlin", "Europe/Berlin", "berlin-office"), ("lisbon", "Lisbon", "Europe/Lisbon", "lisbon-office"),
            ("new-york", "New York", "America/New_York", null)];

    /// <summary>Outages of the month before, each with its begin in hours before this month and its length in minutes.</summary>
    private static readonly (string Service, string Kind, string Title, int Hours, int Minutes)[] Outages =
    [
        ("mail", "outage", "No mail came in or went out.", 310, 42), ("vpn", "outage", "Nobody got in from outside.", 183, 95),
        ("sign-in", "degradation", "Signing in took a minute.", 182, 190), ("erp", "outage", "Orders could not be booked.", 520, 1_500),
        ("backup", "maintenance", "New disks for the copies.", 75, 180),
    ];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static Task LoadAsync(string address, DevelopmentTokens tokens, IReadOnlyCollection<string> services) =>
        LoadAsync(address, tokens.Issue(DevelopmentTokens.Administrator, TimeProvider.System.GetUtcNow()).AccessToken, services, true);

    /// <summary>Loads it into any suite.</summary>
    /// <param name="address">Of the gateway, or of whatever answers all its routes.</param>
    /// <param name="token">An administrator's.</param>
    /// <param name="services">The services that run there.</param>
    /// <param name="hasAutomation">True where the demo's automation answers, which only Development has: without it the catalog items that
    /// call it are left out.</param>
    /// <exception cref="InvalidOperationException">Something was refused; the message says what and why.</exception>
    public static async Task LoadAsync(string address, string token, IReadOnlyCollection<string> services, bool hasAutomation)
    {
        using var client = new HttpClient { BaseAddress = new Uri(address) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        await AdministratorIsKnownAsync(client);
        if (await IsLoadedAsync(client, services))
        {
            return;
        }

        await LoadDirectoryAsync(client);
        if (services.Contains("assets"))
        {
            await LoadConfigurationAsync(client);
            await LoadSoftwareAsync(client);
            await PostAsync(client, "configuration-health/runs", new { });
        }

        if (services.Contains("service-levels"))
        {
            await LoadAgreementsAsync(client);
        }

        if (services.Contains("incidents"))
        {
            await LoadCategoriesAsync(client, "categories", "categories.csv");
        }

        if (services.Contains("requests"))
        {
            await LoadCatalogAsync(client, hasAutomation);
        }
    }

    /// <summary>True where what is loaded last is there.</summary>
    private static async Task<bool> IsLoadedAsync(HttpClient client, IReadOnlyCollection<string> services)
    {
        if (services.Contains("requests"))
        {
            return await StateOfAsync(client, (await ReadAsync("catalog.json"))[^1]!) == "published";
        }

        var category = (await ReadLinesAsync("categories.csv"))[^1].Split(',')[0];
        return services.Contains("incidents") && (await client.GetAsync($"/api/v1/categories/{category}")).IsSuccessStatusCode;
    }

    private static async Task LoadDirectoryAsync(HttpClient client)
    {
        foreach (var calendar in await ReadAsync("calendars.json"))
        {
            await PostAsync(client, "calendars", calendar!);
        }

        foreach (var (key, name, timeZone, calendar) in Sites)
        {
            await PostAsync(client, "sites", new { key, name, timeZone, calendar });
        }

        using var people = new StringContent(string.Join('\n', await ReadLinesAsync("people.csv")), new MediaTypeHeaderValue("text/csv"));
        (await client.PostAsync("/api/v1/people/imports", people)).EnsureSuccessStatusCode();
    }

    private static async Task LoadConfigurationAsync(HttpClient client)
    {
        var items = await ReadAsync("configuration.json");
        foreach (var item in items.Select(item => item!.DeepClone().AsObject()))
        {
            item.Remove("relations");
            await PostAsync(client, "configuration-items", item);
        }

        foreach (var item in items.Where(item => item!["relations"]!.AsArray().Count > 0))
        {
            await SendAsync(client, HttpMethod.Put, $"configuration-items/{item!["key"]}/relations",
                new { relations = item["relations"] });
        }

        await LoadOutagesAsync(client, DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime));
        foreach (var asset in await ReadAsync("assets.json"))
        {
            var created = await PostAsync(client, "assets", asset!["asset"]!);
            if (created is not null && asset["checkOut"] is { } checkOut)
            {
                await SendAsync(client, HttpMethod.Post, $"assets/{created["id"]}/check-out", checkOut);
            }
        }
    }

    private static async Task LoadSoftwareAsync(HttpClient client)
    {
        foreach (var one in await ReadAsync("software.json"))
        {
            var product = await PostAsync(client, "software-products", one!["product"]!);
            foreach (var bought in product is null ? [] : one["licenses"]!.AsArray())
            {
                bought!["license"]!["product"] = product!["id"]!.DeepClone();
                var license = await PostAsync(client, "licenses", bought["license"]!);
                foreach (var assignment in bought["assignments"]!.AsArray())
                {
                    await PostAsync(client, $"licenses/{license!["id"]}/assignments", assignment!);
                }
            }
        }

        foreach (var report in await ReadAsync("software-reports.json"))
        {
            await PostAsync(client, "software-reports", report!);
        }
    }

    private static async Task LoadOutagesAsync(HttpClient client, DateOnly today)
    {
        var known = JsonNode.Parse(await client.GetStringAsync("/api/v1/outages"))!["items"]!.AsArray()
            .Select(one => one!["title"]?.GetValue<string>()).ToHashSet();
        var month = new DateTimeOffset(today.Year, today.Month, 1, 0, 0, 0, TimeSpan.Zero);
        foreach (var (service, kind, title, hours, minutes) in Outages.Where(one => !known.Contains(one.Title)))
        {
            var beginsAt = month.AddHours(-hours);
            await PostAsync(client, "outages", new { service, kind, title, beginsAt, endsAt = beginsAt.AddMinutes(minutes) });
        }
    }

    private static async Task LoadAgreementsAsync(HttpClient client)
    {
        foreach (var agreement in await ReadAsync("agreements.json"))
        {
            await PostAsync(client, "service-levels/agreements", agreement!);
        }
    }

    private static async Task LoadCatalogAsync(HttpClient client, bool hasAutomation)
    {
        await LoadCategoriesAsync(client, "catalog/categories", "catalog-categories.csv");
        foreach (var item in (await ReadAsync("catalog.json")).Where(item => hasAutomation || !CallsAutomation(item!)))
        {
            await PostAsync(client, "catalog/items", item!);
            if (await StateOfAsync(client, item!) == "draft")
            {
                await PostAsync(client, $"catalog/items/{item!["key"]}/publish", new { });
            }
        }
    }

    private static async Task LoadCategoriesAsync(HttpClient client, string path, string file)
    {
        foreach (var line in (await ReadLinesAsync(file)).Skip(1))
        {
            var cells = line.Split(',');
            await PostAsync(client, path,
                new { key = cells[0], name = cells[1], parent = Cell(cells[2]), assignmentGroup = Cell(cells[3]) });
        }
    }

    private static bool CallsAutomation(JsonNode item) =>
        item.ToJsonString().Contains($"\"secret\":\"{DemoAutomation.Secret}\"", StringComparison.Ordinal);

    /// <summary>Null where the item is not there.</summary>
    private static async Task<string?> StateOfAsync(HttpClient client, JsonNode item)
    {
        using var answer = await client.GetAsync($"/api/v1/catalog/items/{item["key"]}");
        return answer.IsSuccessStatusCode ? JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["state"]!.GetValue<string>() : null;
    }

    /// <summary>The days in a file may follow from that of the start: <c>today+30</c>.</summary>
    private static async Task<JsonArray> ReadAsync(string file) => JsonNode.Parse(Regex.Replace(
        await File.ReadAllTextAsync(PathOf(file)), """(?<=")today(?<days>[+-]\d+)""",
        match => TimeProvider.System.GetUtcNow().AddDays(int.Parse(match.Groups["days"].Value, CultureInfo.InvariantCulture))
            .ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)))!.AsArray();

    private static Task<string[]> ReadLinesAsync(string file) => File.ReadAllLinesAsync(PathOf(file));

    private static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "Demo", file);

    private static string? Cell(string text) => text.Length > 0 ? text : null;

    /// <summary>The first administrator is told to the services by message; the first start waits for that.</summary>
    private static async Task AdministratorIsKnownAsync(HttpClient client)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var started = TimeProvider.System.GetTimestamp();
        while (await client.GetAsync("/api/v1/people/me") is { IsSuccessStatusCode: false } answer)
        {
            if (answer.StatusCode == HttpStatusCode.Unauthorized || TimeProvider.System.GetElapsedTime(started) > Patience)
            {
                throw await NotLoadedAsync("people/me", answer);
            }

            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>Adds one thing; one that an interrupted first start added already is fine. What it names may still be on its way to the
    /// service, and the service on its way up.</summary>
    private static Task<JsonNode?> PostAsync(HttpClient client, string path, object body) => SendAsync(client, HttpMethod.Post, path, body);

    /// <summary>Tries again what names something that services don't know yet.</summary>
    /// <returns>Null where it is there, or done, already.</returns>
    private static async Task<JsonNode?> SendAsync(HttpClient client, HttpMethod method, string path, object body)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var started = TimeProvider.System.GetTimestamp();
        var answer = await TryAsync();
        while (answer.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.ServiceUnavailable
            && TimeProvider.System.GetElapsedTime(started) < Patience)
        {
            await timer.WaitForNextTickAsync();
            answer = await TryAsync();
        }

        return answer.IsSuccessStatusCode ? JsonNode.Parse(await answer.Content.ReadAsStringAsync())
            : answer.StatusCode == HttpStatusCode.Conflict ? null
            : throw await NotLoadedAsync(path, answer);

        async Task<HttpResponseMessage> TryAsync()
        {
            using var request = new HttpRequestMessage(method, $"/api/v1/{path}")
            {
                Content = JsonContent.Create(body), Headers = { { "If-Match", "*" } },
            };
            return await client.SendAsync(request);
        }
    }

    private static async Task<InvalidOperationException> NotLoadedAsync(string path, HttpResponseMessage answer) =>
        new($"The demo organisation could not be loaded: {path} answered {(int)answer.StatusCode} "
            + $"{await answer.Content.ReadAsStringAsync()}");
}
