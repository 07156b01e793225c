using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Itsm.AppHost;
using Itsm.Gateway;
using Itsm.Platform.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Itsm.Testing;

/// <summary>The suite, or some services of it, behind its real gateway, on a free port and an empty folder, with a clock that tests can
/// move.</summary>
public class RunningSuite : IAsyncLifetime
{
    /// <summary>Tests move the clock, and streams end with their token.</summary>
    private static readonly TimeSpan BeyondAnyTest = TimeSpan.FromDays(3650);
    private static readonly ConcurrentDictionary<string, Lazy<Task<Contract>>> Contracts = new();
    private readonly ConcurrentDictionary<string, HttpClient> _clients = new();
    private Suite? _suite;

    public RunningSuite() => Clock = new MovableClock();

    /// <summary>Runs with the real time until it is moved forward.</summary>
    public MovableClock Clock { get; }

    public string Data { get; } = Path.Combine(Path.GetTempPath(), "itsm-tests", Path.GetRandomFileName());

    /// <summary>Names of the services that run; null for all.</summary>
    protected virtual IReadOnlyList<string>? Services => null;

    /// <summary>Services that run beside them and are not part of the product.</summary>
    protected virtual IReadOnlyList<IServiceModule> More => [];

    /// <summary>What it searches with.</summary>
    protected virtual SearchEngine SearchEngine { get; } = new(null);

    public virtual string Address => _suite!.Address;

    public IServiceProvider Modules => _suite!.Modules;

    public virtual async ValueTask InitializeAsync()
    {
        if (SearchEngine.IsThere)
        {
            await RunAsync();
        }
    }

    /// <summary>Runs before tests of a suite whose engine may not be there: finds it, or skips the test.</summary>
    public virtual async ValueTask StartAsync()
    {
        if (!SearchEngine.IsThere)
        {
            await SearchEngine.FindAsync();
            await RunAsync();
        }
    }

    private async Task RunAsync() => _suite = await AppHost.AppHost.StartAsync(new AppHost.AppHost.Options
    {
        Port = 0, Data = Data, Services = Services, More = More,
        Configure = builder =>
        {
            builder.Environment.EnvironmentName = "Development";
            builder.Logging.ClearProviders();
            builder.Services.AddSingleton<TimeProvider>(Clock);
            builder.Configuration["RateLimits:PermitsPerSecond"] = "1000000";
            builder.Configuration["RateLimits:Burst"] = "1000000";
            SearchEngine.Configure(builder);
            Configure(builder);
        },
    });

    public virtual async ValueTask DisposeAsync()
    {
        try
        {
            await RequireOwnersAsync();
        }
        finally
        {
            CloseClients();
            if (_suite is not null)
            {
                await _suite.DisposeAsync();
            }

            await SearchEngine.CleanAsync();
            if (System.IO.Directory.Exists(Data))
            {
                System.IO.Directory.Delete(Data, recursive: true);
            }

            GC.SuppressFinalize(this);
        }
    }

    /// <summary>Whatever the tests did, no open ticket is in nobody's hands.</summary>
    private async Task RequireOwnersAsync()
    {
        if (_suite is not null && Services?.Contains("search") != false)
        {
            await UntilAsync("admin", "operations/unowned", unowned => unowned.Items.Count == 0);
        }
    }

    /// <summary>Stops the suite and starts it again on the same data.</summary>
    public async Task RestartAsync()
    {
        CloseClients();
        await _suite!.DisposeAsync();
        await InitializeAsync();
    }

    /// <summary>A client with a token of this person; an empty name for none.</summary>
    public HttpClient As(string userName) => _clients.GetOrAdd(userName, _ =>
    {
        var client = new HttpClient(new ContractCheck(ContractAsync)) { BaseAddress = new Uri(Address) };
        if (userName.Length > 0)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer",
                DevelopmentTokens.In(Data).Issue(userName, TimeProvider.System.GetUtcNow(), lifetime: BeyondAnyTest).AccessToken);
        }

        return client;
    });

    /// <summary>The contract of these services: the same for all suites of a test project that have the same ones.</summary>
    private Task<Contract> ContractAsync() => Contracts.GetOrAdd(
        string.Join(',', [.. Services ?? [], .. More.Select(one => one.Name)]), _ => new(ReadContractAsync)).Value;

    private async Task<Contract> ReadContractAsync()
    {
        System.Diagnostics.Activity.Current = null; // a part of no test's trace
        using var client = new HttpClient { BaseAddress = new Uri(Address), Timeout = TimeSpan.FromMinutes(2) };
        return Contract.Of(await UntilAsync(
            async () => JsonNode.Parse(await client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)))!.AsObject(),
            document => document["x-unavailable"] is null, "The contract"));
    }

    /// <summary>Somebody who brings this token; the answer is a name for them, as for a person.</summary>
    public string Bearing(string token)
    {
        As(token).DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return token;
    }

    /// <summary>Somebody who signs in with this account and user name.</summary>
    public string SignedIn(string userName, string? subject, TimeSpan? lifetime = null) =>
        Bearing(DevelopmentTokens.In(Data).Issue(userName, TimeProvider.System.GetUtcNow(), subject, lifetime).AccessToken);

    /// <summary>Sends a request and reads the answer.</summary>
    public async Task<Answer> SendAsync(
        string person, HttpMethod method, string path, object? body = null, string? ifMatch = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, path.StartsWith('/') ? path : $"/api/v1/{path}");
        request.Content = body switch { null => null, HttpContent content => content, _ => JsonContent.Create(body) };
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        using var response = await As(person).SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new Answer(response.StatusCode,
            response.Headers.ToDictionary(header => header.Key, header => string.Join(",", header.Value)), text);
    }

    public Task<Answer> GetAsync(string person, string path) => SendAsync(person, HttpMethod.Get, path);

    public Task<Answer> PostAsync(string person, string path, object body, string? ifMatch = null, string? key = null) =>
        SendAsync(person, HttpMethod.Post, path, body, ifMatch, key);

    public Task<Answer> PatchAsync(string person, string path, object body, string? ifMatch) =>
        SendAsync(person, HttpMethod.Patch, path, body, ifMatch);

    /// <summary>An action of the API, whatever version the thing has; must succeed.</summary>
    public async Task<JsonObject> ActAsync(string person, string path, object? body = null) =>
        (await PostAsync(person, path, body ?? new { }, ifMatch: "*")).Ok();

    /// <summary>A new incident; must succeed.</summary>
    public async Task<JsonObject> OpenAsync(string person = "employee1", object? incident = null) =>
        (await PostAsync(person, "incidents", incident ?? new { title = "The printer is on fire" })).Ok();

    /// <summary>Waits until a read of a thing meets the condition.</summary>
    public Task<JsonObject> UntilAsync(string person, string path, Func<JsonObject, bool> condition) =>
        UntilAsync(async () => (await GetAsync(person, path)).Ok(), condition, path);

    /// <summary>Waits until what is looked up meets the condition.</summary>
    public static async Task<T> UntilAsync<T>(
        Func<Task<T>> look, Func<T, bool> condition, string what, TimeSpan? patience = null, TimeSpan? every = null)
    {
        using var timer = new PeriodicTimer(every ?? TimeSpan.FromMilliseconds(10));
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var found = await look();
            if (condition(found))
            {
                return found;
            }

            if (TimeProvider.System.GetElapsedTime(started) > (patience ?? Patience.Most))
            {
                Assert.Fail($"{what} did not come to pass; last: {found}");
            }

            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>Open connections would keep the suite from stopping at once.</summary>
    private void CloseClients()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }

        _clients.Clear();
    }

    protected virtual void Configure(Microsoft.AspNetCore.Builder.WebApplicationBuilder builder)
    {
    }
}

/// <summary>An answer, read whole.</summary>
public sealed record Answer(HttpStatusCode Status, IReadOnlyDictionary<string, string> Headers, string Text)
{
    public JsonObject Json => JsonNode.Parse(Text)!.AsObject();

    public string Tag => Headers["ETag"];

    public override string ToString() => $"{(int)Status}: {Text}";

    /// <summary>The body of a successful answer.</summary>
    public JsonObject Ok()
    {
        Assert.True((int)Status is >= 200 and < 300, $"{(int)Status}: {Text}");
        return Json;
    }

    /// <summary>The problem details of a refusal, with what every problem must have.</summary>
    public JsonObject Problem(int status)
    {
        Assert.True((int)Status == status, $"Expected {status}, got {(int)Status}: {Text}");
        var problem = Json;
        Assert.Equal(status, problem["status"]!.GetValue<int>());
        Assert.StartsWith("https://", problem["type"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.NotEmpty(problem["detail"]!.GetValue<string>());
        Assert.NotEmpty(problem["traceId"]!.GetValue<string>());
        Assert.NotEmpty(problem["code"]!.GetValue<string>());
        Assert.All(problem["errors"]?.AsArray() ?? [], error =>
        {
            Assert.Matches("^[a-z]+(-[a-z]+)*$", error!["code"]!.GetValue<string>());
            Assert.Matches("^(|/.*|[?].+)$", error["pointer"]!.GetValue<string>());
            Assert.NotEmpty(error["message"]!.GetValue<string>());
        });
        return problem;
    }
}

/// <summary>Shortcuts for reading answers.</summary>
public static class JsonShortcuts
{
    extension(JsonObject json)
    {
        public string Id => json["id"]!.GetValue<string>();

        public string Text(string name) => json[name]!.GetValue<string>();

        public string? TextOrNull(string name) => json[name]?.GetValue<string>();

        public long Version => json["version"]!.GetValue<long>();

        public string Tag => $"\"{json.Version}\"";

        public IReadOnlyList<JsonObject> Items => [.. json["items"]!.AsArray().Select(item => item!.AsObject())];
    }
}
