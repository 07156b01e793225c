using System.Net;
using System.Net.Http.Headers;
using Itsm.Directory;
using Itsm.Gateway;
using Itsm.Platform.Hosting;
using Itsm.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Itsm.Platform.Tests.Hosting;

/// <summary>A service that was told to stop.</summary>
public sealed class DrainingTests : IAsyncLifetime
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);
    private readonly string _folder = System.IO.Directory.CreateTempSubdirectory("itsm-draining").FullName;
    private readonly HttpClient _client = new();
    private WebApplication _service = null!;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _service.DisposeAsync();
        System.IO.Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task It_goes_on_answering_while_it_drains_says_that_it_is_not_ready_and_asks_clients_to_leave()
    {
        await StartAsync(TimeSpan.FromMinutes(10));
        Assert.Equal((HttpStatusCode.OK, null), await GetAsync("/api/v1/me"));
        using var enough = new CancellationTokenSource();

        _service.Lifetime.StopApplication();
        var stopped = _service.StopAsync(enough.Token);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, true), await GetAsync("/ready"));
        Assert.Equal((HttpStatusCode.OK, true), await GetAsync("/api/v1/me"));
        Assert.Equal((HttpStatusCode.OK, true), await GetAsync("/alive"));
        Assert.False(stopped.IsCompleted);
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopped.WaitAsync(Patience.Most));
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync("/ready"));
    }

    [Fact]
    public async Task It_ends_when_it_has_drained_and_not_before()
    {
        await StartAsync(Short);
        var (ended, told) = (_service.WaitForShutdownAsync(), TimeProvider.System.GetTimestamp());

        _service.Lifetime.StopApplication();
        await ended.WaitAsync(Patience.Most);

        // Timers are a little early.
        Assert.InRange(TimeProvider.System.GetElapsedTime(told), Short * 0.95, Patience.Most);
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync("/alive"));
    }

    private async Task StartAsync(TimeSpan drain)
    {
        var tokens = DevelopmentTokens.In(_folder);
        _service = ServiceHost.Build([], [new DirectoryService()], builder =>
        {
            builder.Environment.EnvironmentName = Environments.Development;
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Authentication:DevelopmentKey"] = tokens.Key, ["Directory:FirstAdministrator"] = "admin", ["Storage:Path"] = _folder,
                ["Host:Drain"] = drain.ToString(),
            });
        });
        await _service.StartAsync();
        _client.BaseAddress = new Uri(_service.Urls.First());
        _client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Bearer", tokens.Issue("admin", TimeProvider.System.GetUtcNow()).AccessToken);
        foreach (var path in new[] { "/ready", "/api/v1/me" })
        {
            await RunningSuite.UntilAsync(() => GetAsync(path), answer => answer.Status == HttpStatusCode.OK, path);
        }
    }

    private async Task<(HttpStatusCode Status, bool? Leaves)> GetAsync(string path)
    {
        using var answer = await _client.GetAsync(path);
        return (answer.StatusCode, answer.Headers.ConnectionClose);
    }
}
