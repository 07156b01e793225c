using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Itsm.Platform.Values;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Itsm.Platform.Webhooks;

/// <summary>What a receiver answered.</summary>
/// <param name="Status">HTTP status; null where there was no answer.</param>
/// <param name="Body">At most the first 16 kB of the answer; where there was none, what went wrong.</param>
public sealed record WebhookAnswer(HttpStatusCode? Status, string Body)
{
    /// <summary>True where another try would come to the same: the address is refused.</summary>
    public bool IsFinal { get; init; }

    /// <summary>True for 200 to 299.</summary>
    public bool IsSuccess => (int?)Status is >= 200 and < 300;

    /// <summary>In one sentence: what went wrong.</summary>
    public string Failure =>
        Status is { } status
            ? (int)status is >= 300 and < 400 ? $"It answered {(int)status}; redirects are not followed." : $"It answered {(int)status}."
            : Body;
}

/// <summary>Calls out of the suite, signed after Standard Webhooks (<c>webhook-id</c>, <c>webhook-timestamp</c>, <c>webhook-signature</c>).
/// Only public addresses are reached, looked up at the moment of connecting, and those that the settings name.</summary>
public sealed partial class WebhookClient : IDisposable
{
    private const int MostBytes = 16 * 1024;
    private const int ShortestKey = 24;
    private const int LongestKey = 64;
    private const string Prefix = "whsec_";
    private readonly IOptionsMonitor<WebhookSettings> _settings;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly HttpClient _http;

    /// <summary>A client with these settings.</summary>
    public WebhookClient(IOptionsMonitor<WebhookSettings> settings, TimeProvider clock, ILogger<WebhookClient> log)
    {
        (_settings, _clock, _log) = (settings, clock, log);
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseProxy = false, UseCookies = false, ConnectCallback = ConnectAsync,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Why a webhook can't go there; null where it can.</summary>
    /// <param name="address">As an administrator wrote it.</param>
    public Sentence? WhyNot(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http") || uri.UserInfo.Length > 0)
        {
            return $"{address.Quoted} is not an address such as https://automation.example.org/hooks/reset.";
        }

        if (IsInternal(uri))
        {
            return null;
        }

        if (uri.Scheme != Uri.UriSchemeHttps)
        {
            return $"A webhook needs https.";
        }

        var host = uri.DnsSafeHost;
        return (IPAddress.TryParse(uri.IdnHost.TrimEnd('.'), out var ip)
            ? PublicAddress.Is(ip)
            : !uri.IsLoopback && !Local().IsMatch(uri.IdnHost)) ? null : (Sentence)$"{host} is not a public address.";
    }

    /// <summary>True where the settings have a key of this name.</summary>
    public bool HasSecret(string name) => _settings.CurrentValue.Secrets.ContainsKey(name);

    /// <summary>Sends a signed call; never throws for what the receiver or the network does.</summary>
    /// <param name="address">Where.</param>
    /// <param name="secret">Name of the key.</param>
    /// <param name="id">The same for all tries of one call, so that a receiver can tell repeats.</param>
    /// <param name="body">JSON.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<WebhookAnswer> SendAsync(string address, string secret, string id, string body, CancellationToken ct)
    {
        if (WhyNot(address) is { } refused)
        {
            return new WebhookAnswer(null, refused.ToString()) { IsFinal = true };
        }

        if (!_settings.CurrentValue.Secrets.TryGetValue(secret, out var key))
        {
            return new WebhookAnswer(null, $"No secret {secret} is configured.");
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(_settings.CurrentValue.Timeout);
        try
        {
            var at = _clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            using var request = new HttpRequestMessage(HttpMethod.Post, address)
            {
                Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
            };
            request.Headers.Add("webhook-id", id);
            request.Headers.Add("webhook-timestamp", at);
            request.Headers.Add("webhook-signature", Sign(key, id, at, body));
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return new WebhookAnswer(response.StatusCode, await ReadAsync(response.Content, limit.Token));
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new WebhookAnswer(null, $"It did not answer within {_settings.CurrentValue.Timeout.TotalSeconds} s.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return e.InnerException is RefusedAddressException inner
                ? new WebhookAnswer(null, inner.Message) { IsFinal = true }
                : new WebhookAnswer(null, "It could not be reached.");
        }
    }

    /// <summary>The signature of a call: <c>v1,</c> and HMAC-SHA256 over id, timestamp and body, in Base64.</summary>
    public static string Sign(string key, string id, string timestamp, string body) =>
        "v1,"
            + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(Bare(key)),
                Encoding.UTF8.GetBytes($"{id}.{timestamp}.{body}")));

    internal static bool IsKey(string text)
    {
        Span<byte> key = stackalloc byte[LongestKey];
        return Convert.TryFromBase64String(Bare(text), key, out var length) && length >= ShortestKey;
    }

    private static string Bare(string key) => key.StartsWith(Prefix, StringComparison.Ordinal) ? key[Prefix.Length..] : key;

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static async Task<string> ReadAsync(HttpContent content, CancellationToken ct)
    {
        var buffer = new byte[MostBytes];
        await using var stream = await content.ReadAsStreamAsync(ct);
        return Encoding.UTF8.GetString(buffer, 0, await stream.ReadAtLeastAsync(buffer, MostBytes, throwOnEndOfStream: false, ct));
    }

    private bool IsInternal(Uri address) => _settings.CurrentValue.InternalHosts.ContainsKey(address.Host);

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var inside = _settings.CurrentValue.InternalHosts.TryGetValue(host, out var real);
        (host, port) = inside ? (real!.DnsSafeHost, real.Port) : (host, port);
        var found = IPAddress.TryParse(host, out var ip) ? [ip] : await Dns.GetHostAddressesAsync(host, ct);
        IPAddress[] allowed = inside ? found : [.. found.Where(PublicAddress.Is)];
        if (allowed.Length == 0)
        {
            _log.LogWarning("{Host} is at {Addresses}, of which none is public.", host, found);
            throw new RefusedAddressException($"{host} is at no public address.");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    [GeneratedRegex(@"(^|\.)(localhost|internal|local|svc)\.?$", RegexOptions.IgnoreCase)]
    private static partial Regex Local();

    private sealed class RefusedAddressException(string message) : Exception(message);
}

/// <summary>Registers the client.</summary>
public static class WebhookRegistration
{
    /// <summary>Adds the <see cref="WebhookClient"/> with the settings of section <c>Webhooks</c>.</summary>
    public static void AddWebhooks(this IServiceCollection services)
    {
        services.AddOptions<WebhookSettings>().BindConfiguration("Webhooks").ValidateDataAnnotations()
            .Validate(settings => settings.Secrets.Values.All(WebhookClient.IsKey),
                "Webhooks:Secrets has a key that is not 24 to 64 bytes in Base64.").ValidateOnStart();
        services.AddSingleton<WebhookClient>();
    }
}
