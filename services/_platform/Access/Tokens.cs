using System.Collections.Concurrent;
using Itsm.Platform.Http;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
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
    /// <summary>Accepts tokens of the OIDC provider or, in Development, those signed with the development key.</summary>
    /// <exception cref="InvalidOperationException">A setting is missing, or set where it must not be; the message says which.</exception>
    public static void AddTokenAuthentication(this IHostApplicationBuilder builder)
    {
        var settings = builder.Configuration.GetSection("Authentication").Get<TokenSettings>() ?? new TokenSettings();
        var development = builder.Environment.IsDevelopment();
        if (!development && settings.DevelopmentKey is not null)
        {
            throw new InvalidOperationException("Authentication:DevelopmentKey is set, but development tokens are accepted in Development only.");
        }

        if (settings.Authority is null && settings.DevelopmentKey is null)
        {
            throw new InvalidOperationException("Authentication:Authority is missing: it names the OIDC provider whose tokens are accepted.");
        }

        builder.Services.AddAuthorization();
        builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(options =>
        {
            options.MapInboundClaims = false;
            options.RequireHttpsMetadata = !development;
            options.Authority = settings.Authority;
            options.TokenHandlers.Clear();
            options.TokenHandlers.Add(new CachingTokenHandler());
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
                OnChallenge = context =>
                {
                    context.HandleResponse();
                    context.Response.Headers.WWWAuthenticate = context.AuthenticateFailure is null ? "Bearer" : "Bearer error=\"invalid_token\"";
                    return Problems.WriteAsync(context.HttpContext, Problems.Create(StatusCodes.Status401Unauthorized, "unauthenticated", "Unauthenticated", WhatIsWrong(context.AuthenticateFailure)));
                },
            };
        });
    }

    private static string WhatIsWrong(Exception? failure) => failure switch
    {
        null => "Send a token: Authorization: Bearer …",
        SecurityTokenExpiredException => "The token has expired.",
        SecurityTokenInvalidIssuerException => "The token comes from an issuer that is not trusted here.",
        SecurityTokenInvalidAudienceException => "The token is meant for somebody else.",
        SecurityTokenMalformedException => "The token is malformed.",
        _ => "The token's signature is not valid.",
    };

    /// <summary>Validates a token once, not with every request that brings it.</summary>
    private sealed class CachingTokenHandler : JsonWebTokenHandler
    {
        private const int MostTokens = 10_000;
        private readonly ConcurrentDictionary<string, TokenValidationResult> _valid = new();

        public override async Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
        {
            if (_valid.TryGetValue(token, out var known) && known.SecurityToken.ValidTo > TimeProvider.System.GetUtcNow())
            {
                return known;
            }

            var result = await base.ValidateTokenAsync(token, validationParameters);
            if (result.IsValid)
            {
                if (_valid.Count >= MostTokens)
                {
                    _valid.Clear();
                }

                _valid[token] = result;
            }

            return result;
        }
    }
}
