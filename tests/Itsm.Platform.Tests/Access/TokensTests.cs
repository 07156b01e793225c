using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Itsm.Platform.Access;
using Itsm.Platform.Hosting;
using Itsm.Testing;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Itsm.Platform.Tests.Access;

public sealed class TokensTests : IAsyncLifetime
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(number => (byte)number)];
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();
    private readonly HttpClient _client = new();
    private WebApplication _app = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = Builder("Development", ("Authentication:DevelopmentKey", Convert.ToBase64String(Key)));
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddTokenAuthentication();
        _app = builder.Build();
        _app.MapGet("/me", (System.Security.Claims.ClaimsPrincipal user) => user.Identity!.Name).RequireAuthorization();
        await _app.StartAsync();
        _client.BaseAddress = new Uri(_app.Urls.First());
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task A_good_token_is_accepted_again_and_again()
    {
        for (var time = 0; time < 3; time++)
        {
            using var answer = await SendAsync(Token());
            Assert.Equal((HttpStatusCode.OK, "ada"), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        }
    }

    [Fact]
    public async Task No_token_is_refused() => await RefusedAsync(null, "Send a token: Authorization: Bearer …");

    [Fact]
    public async Task An_expired_token_is_refused() => await RefusedAsync(Token(expires: Now.AddMinutes(-10)), "The token has expired.");

    [Fact]
    public async Task A_token_of_another_issuer_is_refused() =>
        await RefusedAsync(Token(issuer: "https://evil.example"), "The token comes from an issuer that is not trusted here.");

    [Fact]
    public async Task A_token_for_another_audience_is_refused() =>
        await RefusedAsync(Token(audience: "payroll"), "The token is meant for somebody else.");

    [Fact]
    public async Task A_token_that_is_not_valid_yet_is_refused() =>
        await RefusedAsync(Token(notBefore: Now.AddHours(1), expires: Now.AddHours(2)), "The token is not valid yet (nbf).");

    [Fact]
    public async Task A_token_without_an_end_is_refused()
    {
        var claims =
            new Dictionary<string, object> { ["iss"] = TokenSettings.DevelopmentIssuer, ["aud"] = "itsm", ["preferred_username"] = "ada" };
        var endless = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Claims = claims, SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(Key), SecurityAlgorithms.HmacSha256),
        });
        await RefusedAsync(endless, "The token has no expiry (exp).");
    }

    [Fact]
    public async Task Where_the_provider_is_away_nobody_can_tell_and_the_answer_says_so()
    {
        var builder = Builder("Development", ("Authentication:Authority", "http://127.0.0.1:9"));
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddTokenAuthentication();
        await using var app = builder.Build();
        app.MapGet("/me", () => "me").RequireAuthorization();
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token());
        using var answer = await client.GetAsync("/me");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("5", answer.Headers.RetryAfter!.ToString());
        Assert.Contains("identity-provider-unavailable", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var nobody = await new HttpClient { BaseAddress = client.BaseAddress }.GetAsync("/me");
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
    }

    [Fact]
    public async Task What_is_signed_with_a_key_that_the_provider_has_withdrawn_is_refused_though_it_was_good_before()
    {
        using RSA first = RSA.Create(2048), second = RSA.Create(2048);
        var published = new List<RsaSecurityKey> { new(first) { KeyId = "first" }, new(second) { KeyId = "second" } };
        var (one, other) = (published[0], published[1]);
        await using var provider = await ProviderAsync(() => true, published);
        var builder = Builder("Development", ("Authentication:Authority", provider.Urls.First()));
        builder.AddTokenAuthentication();
        await using var app = await StartAsync(builder, app => app.MapGet("/me", () => "me").RequireAuthorization());
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(one));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(other));

        published.Remove(one);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(one));
        app.Services.GetRequiredService<IOptionsMonitor<JwtBearerOptions>>().Get(JwtBearerDefaults.AuthenticationScheme)
            .ConfigurationManager!.RequestRefresh();
        await RunningSuite.UntilAsync(() => StatusAsync(one), status => status == HttpStatusCode.Unauthorized,
            "The end of the withdrawn key");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(other));

        async Task<HttpStatusCode> StatusAsync(RsaSecurityKey key)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/me");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer",
                Token(provider.Urls.First(), signed: new SigningCredentials(key, SecurityAlgorithms.RsaSha256)));
            using var answer = await client.SendAsync(request);
            return answer.StatusCode;
        }
    }

    /// <summary>A provider answers a moment too late, and then in time: the token was never wrong.</summary>
    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public async Task A_good_token_is_never_called_bad_where_the_keys_could_not_be_fetched(int failures)
    {
        using var rsa = RSA.Create(2048);
        var key = new RsaSecurityKey(rsa) { KeyId = "first" };
        var asked = 0;
        await using var provider = await ProviderAsync(() => Interlocked.Increment(ref asked) > failures, [key]);
        var builder = Builder("Development", ("Authentication:Authority", provider.Urls.First()));
        builder.AddTokenAuthentication();
        await using var app = await StartAsync(builder, app => app.MapGet("/me", () => "me").RequireAuthorization());
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer",
            Token(provider.Urls.First(), signed: new SigningCredentials(key, SecurityAlgorithms.RsaSha256)));
        var statuses = new List<HttpStatusCode>();
        while (statuses.LastOrDefault() != HttpStatusCode.OK)
        {
            using var answer = await client.GetAsync("/me");
            statuses.Add(answer.StatusCode);
            Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{answer.StatusCode}");
        }

        Assert.True(asked > failures);
    }

    [Fact]
    public async Task The_keys_are_fetched_at_the_start_until_they_are_there()
    {
        var asked = 0;
        await using var provider = await ProviderAsync(() => Interlocked.Increment(ref asked) > 1, []);
        var builder = Builder("Development", ("Authentication:Authority", provider.Urls.First()));
        builder.AddTokenAuthentication();
        await using var app = await StartAsync(builder, _ => { });
        await RunningSuite.UntilAsync(() => Task.FromResult(asked), times => times > 1, "The second fetch of keys");
    }

    private static Task<WebApplication> ProviderAsync(Func<bool> answers, List<RsaSecurityKey> published) =>
        StartAsync(Builder("Development"), app =>
        {
            app.MapGet("/.well-known/openid-configuration", (HttpContext context) => answers()
                ? Results.Ok(new { issuer = $"http://{context.Request.Host}", jwks_uri = $"http://{context.Request.Host}/keys" })
                : Results.StatusCode(StatusCodes.Status503ServiceUnavailable));
            app.MapGet("/keys", () =>
                new
                {
                    keys = published.Select(JsonWebKeyConverter.ConvertFromRSASecurityKey)
                        .Select(key => new { kty = key.Kty, kid = key.Kid, n = key.N, e = key.E, use = "sig" }),
                });
        });

    private static async Task<WebApplication> StartAsync(WebApplicationBuilder builder, Action<WebApplication> map)
    {
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        return app;
    }

    [Fact]
    public void An_authority_without_tls_is_refused_outside_development()
    {
        var e = Assert.Throws<InvalidOperationException>(() =>
            Builder("Production", ("Authentication:Authority", "http://login.example")).AddTokenAuthentication());
        Assert.Equal("Authentication:Authority is http://login.example, but outside Development it begins with https://.", e.Message);
    }

    [Fact]
    public async Task A_token_signed_with_another_key_or_algorithm_is_refused()
    {
        await RefusedAsync(Token(key: [.. Key.Reverse()]), "The token's signature is not valid.");
        await RefusedAsync(Token(key: [.. Key, .. Key], algorithm: SecurityAlgorithms.HmacSha512), null);
    }

    [Fact]
    public async Task A_token_changed_after_signing_is_refused()
    {
        var parts = Token().Split('.');
        var payload = Encoding.UTF8.GetString(Base64UrlEncoder.DecodeBytes(parts[1])).Replace("ada", "bob", StringComparison.Ordinal);
        await RefusedAsync($"{parts[0]}.{Base64UrlEncoder.Encode(payload)}.{parts[2]}", null);
        await RefusedAsync($"{parts[0]}.{parts[1]}.", null);
    }

    [Theory, InlineData("none"), InlineData("None"), InlineData("NONE")]
    public async Task An_unsigned_token_is_refused(string algorithm)
    {
        var parts = Token().Split('.');
        var header = Base64UrlEncoder.Encode($$"""{"alg":"{{algorithm}}","typ":"JWT"}""");
        await RefusedAsync($"{header}.{parts[1]}.", null);
        await RefusedAsync($"{header}.{parts[1]}.{parts[2]}", null);
    }

    [Theory, InlineData("x"), InlineData("a.b"), InlineData("a.b.c"), InlineData("...")]
    public async Task What_is_no_token_is_refused(string token) => await RefusedAsync(token, null);

    [Theory, InlineData("Production"), InlineData("Staging"), InlineData("Development")]
    public void Without_an_authority_the_start_is_refused_by_naming_the_setting(string environment)
    {
        var e = Assert.Throws<InvalidOperationException>(() => Builder(environment).AddTokenAuthentication());
        Assert.Equal("Authentication:Authority is missing: it names the OIDC provider whose tokens are accepted.", e.Message);
    }

    [Fact]
    public void A_development_key_outside_development_is_refused_even_beside_an_authority()
    {
        var e = Assert.Throws<InvalidOperationException>(() =>
            Builder("Production", ("Authentication:DevelopmentKey", Convert.ToBase64String(Key)),
                ("Authentication:Authority", "https://login.example")).AddTokenAuthentication());
        Assert.Equal("Authentication:DevelopmentKey is set, but development tokens are accepted in Development only.", e.Message);
    }

    [Theory]
    [InlineData(null, null, null, "ConnectionStrings:mongodb is missing: outside Development a service stores in MongoDB.")]
    [InlineData("mongodb://x", null, "amqp://x", "ConnectionStrings:redis is missing")]
    [InlineData("mongodb://x", "x:6379", null, "ConnectionStrings:rabbitmq is missing")]
    [InlineData("postgres://x", "x:6379", "amqp://x", "ConnectionStrings:mongodb is not a connection string of mongodb")]
    [InlineData("mongodb://x", "x:6379,nonsense=1", "amqp://x", "ConnectionStrings:redis is not a connection string of redis")]
    [InlineData("mongodb://x", "x:6379", "http://x",
        "ConnectionStrings:rabbitmq is not a connection string of rabbitmq: It begins with amqp")]
    public void A_service_with_an_engine_missing_or_misnamed_in_production_refuses_to_start(
        string? mongo, string? redis, string? rabbit, string starts)
    {
        var e = Assert.Throws<InvalidOperationException>(() => ServiceHost.Build([], [], builder =>
        {
            builder.Environment.EnvironmentName = "Production";
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Authentication:Authority"] = "https://login.example", ["ConnectionStrings:mongodb"] = mongo,
                ["ConnectionStrings:redis"] = redis, ["ConnectionStrings:rabbitmq"] = rabbit,
            });
        }));
        Assert.StartsWith(starts, e.Message, StringComparison.Ordinal);
    }

    private async Task RefusedAsync(string? token, string? detail)
    {
        using var answer = await SendAsync(token);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.StartsWith("Bearer", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.Equal("https://itsm-services.dev/problems/unauthenticated", problem["type"]!.GetValue<string>());
        Assert.Equal(detail ?? problem["detail"]!.GetValue<string>(), problem["detail"]!.GetValue<string>());
    }

    private Task<HttpResponseMessage> SendAsync(string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/me");
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return _client.SendAsync(request);
    }

    private static WebApplicationBuilder Builder(string environment, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Environment.EnvironmentName = environment;
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value));
        return builder;
    }

    private static string Token(
        string issuer = TokenSettings.DevelopmentIssuer, string audience = "itsm", DateTimeOffset? expires = null,
        DateTimeOffset? notBefore = null, byte[]? key = null, string algorithm = SecurityAlgorithms.HmacSha256,
        SigningCredentials? signed = null) =>
        new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer, Audience = audience, NotBefore = (notBefore ?? Now.AddHours(-1)).UtcDateTime,
            IssuedAt = Now.AddHours(-1).UtcDateTime, Expires = (expires ?? Now.AddHours(1)).UtcDateTime,
            Claims = new Dictionary<string, object> { ["sub"] = "ada", ["preferred_username"] = "ada" },
            SigningCredentials = signed ?? new SigningCredentials(new SymmetricSecurityKey(key ?? Key), algorithm),
        });
}
