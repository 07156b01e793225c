using System.Globalization;
using System.Security.Claims;
using Itsm.Platform.Caching;
using Itsm.Platform.Errors;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Itsm.Platform.Access;

/// <summary>Section <c>Authentication</c>.</summary>
public sealed class TokenSettings
{
    /// <summary>Issuer of the development tokens.</summary>
    public const string DevelopmentIssuer = "itsm-development";

    /// <summary>Address of the OIDC provider; needed outside Development.</summary>
    public string? Authority { get; set; }

    /// <summary>Audience that tokens must name; <c>itsm</c> by default.</summary>
    public string Audience { get; set; } = "itsm";

    /// <summary>The claim with the person's user name; <c>preferred_username</c> by default.</summary>
    public string PersonClaim { get; set; } = "preferred_username";

    /// <summary>Base64 key of at least 32 bytes with which development tokens are signed; in Development only.</summary>
    public string? DevelopmentKey { get; set; }
}

/// <summary>Authentication by JWT, the same at the gateway and at each service.</summary>
public static class Tokens
{
    /// <summary>How far the provider's clock and ours may be apart.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan KeysLookedAtEvery = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ProviderPatience = TimeSpan.FromSeconds(5);

    /// <summary>When the token behind these claims is accepted no more.</summary>
    public static DateTimeOffset ExpiryOf(ClaimsPrincipal user) =>
        long.TryParse(user.FindFirst("exp")?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds) + ClockSkew
            : DateTimeOffset.MaxValue;

    /// <summary>Accepts tokens of the OIDC provider or, in Development, those signed with the development key.</summary>
    /// <exception cref="InvalidOperationException">A setting is missing, or set where it must not be; the message says which.</exception>
    public static void AddTokenAuthentication(this IHostApplicationBuilder builder)
    {
        var settings = builder.Configuration.GetSection("Authentication").Get<TokenSettings>() ?? new TokenSettings();
        var development = builder.Environment.IsDevelopment();
        if (!development && settings.DevelopmentKey is not null)
        {
            throw new InvalidOperationException(
                "Authentication:DevelopmentKey is set, but development tokens are accepted in Development only.");
        }

        if (settings.Authority is null && settings.DevelopmentKey is null)
        {
            throw new InvalidOperationException(
                "Authentication:Authority is missing: it names the OIDC provider whose tokens are accepted.");
        }

        if (!development && settings.Authority?.StartsWith("https://", StringComparison.OrdinalIgnoreCase) != true)
        {
            throw new InvalidOperationException($"Authentication:Authority is {settings.Authority}, but outside Development it begins with "
                + "https://.");
        }

        builder.Services.AddAuthorization();
        if (settings.Authority is not null)
        {
            builder.Services.AddHostedService<FirstKeys>();
        }

        // Not AddAuthentication, which makes keys to protect data that nothing here has.
        builder.Services.AddAuthenticationCore(options => options.DefaultScheme = JwtBearerDefaults.AuthenticationScheme).AddWebEncoders()
            .AddSingleton<IAuthenticationConfigurationProvider>(new Schemes(builder.Configuration)).TryAddSingleton(TimeProvider.System);
        new AuthenticationBuilder(builder.Services).AddJwtBearer(options =>
        {
            options.MapInboundClaims = false;
            options.RequireHttpsMetadata = !development;
            options.Authority = settings.Authority;
            options.AutomaticRefreshInterval = KeysLookedAtEvery;
            options.BackchannelTimeout = ProviderPatience;
            options.TokenHandlers.Clear();
            options.TokenHandlers.Add(new CachingTokenHandler());
            options.TokenValidationParameters.ClockSkew = ClockSkew;
            options.TokenValidationParameters.ValidAudience = settings.Audience;
            options.TokenValidationParameters.NameClaimType = settings.PersonClaim;
            if (settings.DevelopmentKey is { } key)
            {
                options.TokenValidationParameters.IssuerSigningKey = new SymmetricSecurityKey(Convert.FromBase64String(key));
                options.TokenValidationParameters.ValidIssuer = TokenSettings.DevelopmentIssuer;
                options.TokenValidationParameters.ValidAlgorithms = [SecurityAlgorithms.HmacSha256];
            }

            options.Events = new JwtBearerEvents
            {
                OnChallenge = async context =>
                {
                    context.HandleResponse();
                    if (context.AuthenticateFailure is KeysUnavailableException lacks)
                    {
                        context.HttpContext.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Tokens))
                            .LogError("The OIDC provider {Authority} gives no keys: {Reason}", settings.Authority, lacks.Message);
                        context.Response.Headers.RetryAfter = "5";
                        await Problems.WriteAsync(context.HttpContext, Problems.Create(
                            StatusCodes.Status503ServiceUnavailable, "identity-provider-unavailable", $"Identity provider unavailable",
                            $"Nobody can tell just now whether the token is good: the identity provider does not answer."));
                        return;
                    }

                    context.Response.Headers.WWWAuthenticate =
                        context.AuthenticateFailure is null ? "Bearer" : "Bearer error=\"invalid_token\"";
                    await Problems.WriteAsync(context.HttpContext,
                        Problems.Create(StatusCodes.Status401Unauthorized, "unauthenticated", $"Unauthenticated",
                            WhatIsWrong(context.AuthenticateFailure)));
                },
            };
        });

        // Else what was signed with a withdrawn key stays good until something signed with another one comes in, for up to an hour.
        builder.Services.PostConfigure<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme, options =>
        {
            if (options.ConfigurationManager is BaseConfigurationManager provider)
            {
                provider.UseLastKnownGoodConfiguration = false;
            }
        });
    }

    private static Sentence WhatIsWrong(Exception? failure) => failure switch
    {
        null => $"Send a token: Authorization: Bearer …",
        SecurityTokenExpiredException => $"The token has expired.",
        SecurityTokenNotYetValidException => $"The token is not valid yet (nbf).",
        SecurityTokenNoExpirationException => $"The token has no expiry (exp).",
        SecurityTokenInvalidIssuerException => $"The token comes from an issuer that is not trusted here.",
        SecurityTokenInvalidAudienceException => $"The token is meant for somebody else.",
        SecurityTokenMalformedException => $"The token is malformed.",
        _ => $"The token's signature is not valid.",
    };

    /// <summary>Validates a token once, not with every request that brings it, as long as the provider has the key that it is signed
    /// with.</summary>
    private sealed class CachingTokenHandler : JsonWebTokenHandler, IDisposable
    {
        private const int MostTokens = 10_000;
        private readonly BoundedCache<string, TokenValidationResult> _valid = new(MostTokens);

        public override async Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
        {
            if (_valid.Find(token) is { } known
                && known.SecurityToken.ValidTo > TimeProvider.System.GetUtcNow()
                && await HasKeyAsync(known.SecurityToken.SigningKey, validationParameters))
            {
                return known;
            }

            // Without the provider's keys the validation fails, too, as if issuer or signature were wrong.
            var lacks = await WhyNoKeysAsync(validationParameters);
            var result = await base.ValidateTokenAsync(token, validationParameters);
            if (!result.IsValid && lacks is not null)
            {
                return new TokenValidationResult { Exception = new KeysUnavailableException(lacks) };
            }

            if (result.IsValid)
            {
                _valid.Set(token, result);
            }

            return result;
        }

        public void Dispose() => _valid.Dispose();

        /// <summary>Null where the provider's keys are known, or none is set.</summary>
        private static async ValueTask<string?> WhyNoKeysAsync(TokenValidationParameters parameters)
        {
            try
            {
                _ = parameters.ConfigurationManager is { } provider
                    ? await provider.GetBaseConfigurationAsync(CancellationToken.None)
                    : null;
                return null;
            }
            catch (InvalidOperationException e)
            {
                return e.InnerException?.Message ?? e.Message;
            }
        }

        private static async ValueTask<bool> HasKeyAsync(SecurityKey key, TokenValidationParameters parameters) =>
            parameters.ConfigurationManager is not { } provider
                || (await provider.GetBaseConfigurationAsync(CancellationToken.None))
                    .SigningKeys.Any(one => ReferenceEquals(one, key) || IsSame(one, key));

        // A key may have no id, and an id another key.
        private static bool IsSame(SecurityKey one, SecurityKey other) =>
            one.KeyId == other.KeyId
                && one.CanComputeJwkThumbprint()
                && other.CanComputeJwkThumbprint()
                && one.ComputeJwkThumbprint().AsSpan().SequenceEqual(other.ComputeJwkThumbprint());
    }

    private sealed class KeysUnavailableException(string message) : SecurityTokenException(message);

    private sealed class Schemes(IConfiguration configuration) : IAuthenticationConfigurationProvider
    {
        public IConfiguration AuthenticationConfiguration => configuration.GetSection("Authentication");
    }
}
