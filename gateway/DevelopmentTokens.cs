using System.Security.Cryptography;
using Itsm.Platform.Access;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Itsm.Gateway;

/// <summary>Tokens for the demo people, in place of an OIDC provider.</summary>
/// <param name="key">Base64; the services' setting <c>Authentication:DevelopmentKey</c>.</param>
public sealed class DevelopmentTokens(string key)
{
    /// <summary>User name of the first administrator.</summary>
    public const string Administrator = "admin";

    private const int KeyBytes = 32;
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    /// <summary>Base64.</summary>
    public string Key { get; } = key;

    /// <summary>The tokens of this data folder: the key is kept with the data, so that tokens outlive a restart.</summary>
    public static DevelopmentTokens In(string folder)
    {
        var file = Path.Combine(folder, "development.key");
        if (!File.Exists(file))
        {
            File.WriteAllText(file, Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)));
        }

        return new DevelopmentTokens(File.ReadAllText(file));
    }

    /// <summary>A token of this person, and until when it is good.</summary>
    /// <param name="userName">Whose.</param>
    /// <param name="now">From when.</param>
    /// <param name="subject">The account's lasting id, which is then bound to the person; none where null.</param>
    /// <param name="lifetime">Until when; 12 hours where null.</param>
    public (string AccessToken, DateTimeOffset ExpiresAt) Issue(
        string userName, DateTimeOffset now, string? subject = null, TimeSpan? lifetime = null)
    {
        var expires = now + (lifetime ?? Lifetime);
        var claims = new Dictionary<string, object> { ["preferred_username"] = userName };
        if (subject is not null)
        {
            claims["sub"] = subject;
        }

        var token = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = TokenSettings.DevelopmentIssuer, Audience = "itsm", NotBefore = now.UtcDateTime.AddMinutes(-1),
            IssuedAt = now.UtcDateTime, Expires = expires.UtcDateTime, Claims = claims,
            SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(Convert.FromBase64String(Key)),
                SecurityAlgorithms.HmacSha256),
        });
        return (token, expires);
    }
}
