using System.Net.Http.Headers;
using Itsm.AppHost;
using Itsm.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Itsm.Gateway.Tests;

/// <summary>The gateway before small services made for the test.</summary>
internal sealed class Door : IAsyncDisposable
{
    private readonly List<WebApplication> _apps = [];
    private readonly string _folder = System.IO.Directory.CreateTempSubdirectory("itsm-door").FullName;
    private readonly DevelopmentTokens _tokens;
    private readonly HttpClient _client = new();

    private Door() => _tokens = DevelopmentTokens.In(_folder);

    public static async Task<Door> OpenAsync(
        Action<WebApplication> incidents, Action<WebApplication>? directory = null, params (string Key, string Value)[] settings)
    {
        var door = new Door();
        var behind = await door.StartAsync(incidents);
        var other = directory is null ? behind : await door.StartAsync(directory);
        var gateway = GatewayHost.Build([], builder =>
        {
            builder.Environment.EnvironmentName = Environments.Development;
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Authentication:DevelopmentKey"] = door._tokens.Key, ["Services:default"] = behind, ["Services:directory"] = other,
            });
            builder.Configuration.AddInMemoryCollection(AppHost.AppHost.Modules.Select(module =>
                KeyValuePair.Create($"Routes:{module.Name}:Paths", (string?)string.Join(',', module.Paths))));
            builder.Configuration.AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value));
        });
        door._apps.Add(gateway);
        await gateway.StartAsync();
        door._client.BaseAddress = new Uri(AddressOf(gateway));
        return door;
    }

    public Uri Address => _client.BaseAddress!;

    public string Token(string person = "agent1") => _tokens.Issue(person, TimeProvider.System.GetUtcNow()).AccessToken;

    public string Token(DateTimeOffset at) => _tokens.Issue("agent1", at).AccessToken;

    public async Task<Answer> SendAsync(
        HttpMethod method, string path, HttpContent? body = null, string? token = "", Action<HttpRequestMessage>? configure = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Length == 0 ? Token() : token);
        }

        configure?.Invoke(request);
        using var response = await _client.SendAsync(request);
        return new Answer(response.StatusCode,
            response.Headers.ToDictionary(header => header.Key, header => string.Join(",", header.Value)),
            await response.Content.ReadAsStringAsync());
    }

    public Task<Answer> GetAsync(string path, string? token = "") => SendAsync(HttpMethod.Get, path, null, token);

    /// <summary>Stops the services, not the gateway.</summary>
    public async Task StopServicesAsync()
    {
        foreach (var service in _apps.SkipLast(1))
        {
            await service.StopAsync();
        }
    }

    /// <summary>Tells the gateway to stop, as a signal does; cancelled, it drains no longer.</summary>
    public Task StopGatewayAsync(CancellationToken ct)
    {
        _apps[^1].Lifetime.StopApplication();
        return _apps[^1].StopAsync(ct);
    }

    public Task<HttpResponseMessage> OpenAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token());
        return _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        foreach (var app in _apps)
        {
            await app.DisposeAsync();
        }

        System.IO.Directory.Delete(_folder, recursive: true);
    }

    private async Task<string> StartAsync(Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        map(app);
        _apps.Add(app);
        await app.StartAsync();
        return AddressOf(app);
    }

    private static string AddressOf(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
}
