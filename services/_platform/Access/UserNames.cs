using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using Itsm.Platform.Unicode;

namespace Itsm.Platform.Access;

/// <summary>Names for signing in, as identity providers send them: <c>o'brien</c>, <c>jane.doe+it@example.org</c>, <c>jürgen</c>.</summary>
public static partial class UserNames
{
    /// <summary>What <see cref="Check"/> asks for.</summary>
    public const string Rule = "userName has 2 to 100 letters, digits and any of . _ @ ' + # - and begins with a letter or digit; it is "
        + "neither me nor an id";

    /// <summary>The form in which names are stored and compared: Unicode NFC, case folded.</summary>
    public static string Normalize(string userName) => userName.ToNfc().ToUpperInvariant().ToLowerInvariant();

    /// <summary>True for a name that a person can have: not one that a path or a lookup would take for something else.</summary>
    public static bool Check(string userName) => userName != "me" && !Guid.TryParse(userName, out _) && Shape().IsMatch(userName);

    [GeneratedRegex(@"^[\p{L}\p{N}][\p{L}\p{M}\p{N}._@'+#-]{1,99}\z")]
    private static partial Regex Shape();
}

/// <summary>Refuses what <see cref="UserNames.Check"/> refuses.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class UserNameAttribute() : ValidationAttribute(UserNames.Rule)
{
    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is not string name || UserNames.Check(UserNames.Normalize(name));
}
