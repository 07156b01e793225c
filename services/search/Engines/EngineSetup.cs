using System.Net.Http.Headers;
using System.Text;
using Itsm.Search.Engines.Elasticsearch;
using Itsm.Search.Engines.Lucene;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Itsm.Search.Engines;

/// <summary>The engine that <c>ConnectionStrings:elasticsearch</c> names; in Development without it the embedded one.</summary>
internal static class EngineSetup
{
    private const int Retries = 2;
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestAttempt = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan LongestRequest = TimeSpan.FromSeconds(15);

    /// <exception cref="InvalidOperationException">When the engine is first asked for: the connection string is missing outside
    /// Development, or can't be understood.</exception>
    public static void AddSearchEngine(this IServiceCollection services)
    {
        services.AddHttpClient<ElasticsearchClient>((provider, http) => Configure(http, Address(provider)!))
            .AddStandardResilienceHandler(resilience =>
        {
            (resilience.Retry.MaxRetryAttempts, resilience.Retry.Delay) = (Retries, RetryPause);
            (resilience.AttemptTimeout.Timeout, resilience.TotalRequestTimeout.Timeout) = (LongestAttempt, LongestRequest);
        });
        services.AddSingleton<ISearchEngine>(provider => Address(provider) is null
            ? ActivatorUtilities.CreateInstance<LuceneEngine>(provider,
                Path.Combine(provider.GetRequiredService<IConfiguration>()["Storage:Path"] ?? ".itsm", "search-index",
                    $"v{Domain.SearchDocument.Format}"))
            : ActivatorUtilities.CreateInstance<ElasticsearchEngine>(provider,
                provider.GetRequiredService<IConfiguration>()["Storage:Prefix"] is { Length: > 0 } prefix ? prefix : "itsm"));
        services.AddHostedService(provider => new Background(provider.GetRequiredService<ISearchEngine>() as IHostedService));
        services.AddHealthChecks().AddCheck<SearchHealth>("search", HealthStatus.Degraded);
    }

    /// <summary>Where Elasticsearch is; null for the embedded engine.</summary>
    private static Uri? Address(IServiceProvider provider)
    {
        if (provider.GetRequiredService<IConfiguration>().GetConnectionString("elasticsearch") is { Length: > 0 } text)
        {
            return Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
                ? address
                : throw new InvalidOperationException("ConnectionStrings:elasticsearch is not an address such as "
                    + "https://user:password@host:9200.");
        }

        return provider.GetRequiredService<IWebHostEnvironment>().IsDevelopment() ? null
            : throw new InvalidOperationException("ConnectionStrings:elasticsearch is missing: outside Development Elasticsearch does the "
                + "searching.");
    }

    private static void Configure(HttpClient http, Uri address)
    {
        http.BaseAddress = new UriBuilder(address) { UserName = "", Password = "", Path = address.AbsolutePath.TrimEnd('/') + "/" }.Uri;
        http.Timeout = Timeout.InfiniteTimeSpan;
        if (address.UserInfo.Length > 0)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic",
                Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(address.UserInfo))));
        }
    }

    /// <summary>The embedded engine has work of its own to do; the other one does it itself.</summary>
    private sealed class Background(IHostedService? engine) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => engine?.StartAsync(cancellationToken) ?? Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => engine?.StopAsync(cancellationToken) ?? Task.CompletedTask;
    }

    private sealed class SearchHealth(ISearchEngine engine) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                return await engine.ServingAsync(cancellationToken) is null
                    ? HealthCheckResult.Degraded("No index serves yet.")
                    : HealthCheckResult.Healthy();
            }
            catch (Platform.Documents.StoreUnavailableException e)
            {
                return HealthCheckResult.Degraded(e.Message);
            }
        }
    }
}
