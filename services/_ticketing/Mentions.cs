using System.Text.RegularExpressions;
using Itsm.Platform.Access;
using Itsm.Platform.Http;

namespace Itsm.Ticketing;

/// <summary>The people whom a text speaks to: <c>@user-name</c>, but for what is code.</summary>
internal static partial class Mentions
{
    /// <summary>How many of them count.</summary>
    public const int Most = 20;

    /// <summary>Those who may read the text; of others it says nothing.</summary>
    /// <param name="text">The text.</param>
    /// <param name="people">Who is known.</param>
    /// <param name="mayRead">True for those who may read it.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>Null for nobody.</returns>
    public static async Task<IReadOnlyList<Guid>?> FindAsync(
        string text, People people, Func<Caller, bool> mayRead, CancellationToken ct)
    {
        List<Guid> found = [];
        foreach (var name in Mention().Matches(MarkdownText.MaskCode(text))
            .Select(match => match.Groups["name"].Value.TrimEnd('.', '-', '_')).Distinct().Take(Most))
        {
            if (await people.FindPersonAsync(name, ct) is { Active: true } person
                && await people.FindCallerAsync(person.Id, ct) is { } reader
                && mayRead(reader))
            {
                found.Add(person.Id);
            }
        }

        return found.Count > 0 ? [.. found.Distinct()] : null;
    }

    // No mail address, and nothing in code.
    [GeneratedRegex(@"(?<![\w@./`])@(?<name>[\p{L}\p{Nd}][\p{L}\p{Nd}._-]{0,99})", RegexOptions.ExplicitCapture)]
    private static partial Regex Mention();
}
