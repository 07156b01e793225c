using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;

namespace Itsm.Platform.Values;

/// <summary>How the arguments of sentences are called: after the expressions in the source.</summary>
internal static partial class ArgumentNames
{
    private static readonly ConcurrentDictionary<string, string> Known = new();
    private static readonly HashSet<string> Words = ["new", "null", "true", "false", "string", "is", "not", "or", "and", "default", "as",
        "int", "this", "base"];

    /// <summary>The names of a sentence's arguments in order: the same expression has the same name; of different ones that would have the
    /// same, those after the first have a number behind it.</summary>
    public static string[] Of(IEnumerable<string> expressions)
    {
        var names = new List<string>();
        var seen = new List<string>();
        foreach (var expression in expressions)
        {
            if (seen.IndexOf(expression) is >= 0 and var same)
            {
                names.Add(names[same]);
            }
            else
            {
                var name = Known.GetOrAdd(expression, Make);
                var number = 1;
                var unique = name;
                while (names.Contains(unique))
                {
                    unique = name + ++number;
                }

                names.Add(unique);
            }

            seen.Add(expression);
        }

        return [.. names];
    }

    /// <summary>The template that literals and holes make, in turn: braces in literals are doubled.</summary>
    public static string Template(IEnumerable<string> literals, IEnumerable<(string Name, string? Format)> holes)
    {
        var text = new StringBuilder();
        using var hole = holes.GetEnumerator();
        foreach (var literal in literals)
        {
            text.Append(literal.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));
            if (hole.MoveNext())
            {
                var (name, format) = hole.Current;
                text.Append('{').Append(name).Append(format is null ? "" : ":").Append(format).Append('}');
            }
        }

        return text.ToString();
    }

    /// <summary><c>other.Number</c> is <c>otherNumber</c>, <c>request.Group.Name.Quoted</c> is <c>groupName</c>, <c>Count(names)</c> is
    /// <c>names</c>.</summary>
    private static string Make(string expression)
    {
        var bare = Ending().Replace(Literal().Replace(expression, "\"\"").Trim(), "");
        var chain = Whole().IsMatch(bare) ? bare
            : Chain().Matches(bare).Select(match => match.Value).LastOrDefault(found => !Words.Contains(found) && !char.IsDigit(found[0]));
        var parts = (chain is null ? "value" : Ending().Replace(chain, "")).Split(['.', '?', '!'], StringSplitOptions.RemoveEmptyEntries)
            .Select(part => part.TrimStart('_')).Where(part => part != "Value" && !Words.Contains(part)).TakeLast(2).ToList();
        if (parts is [{ Length: 1 }, _] || (parts is [var owner, var member] && member.Equals(owner, StringComparison.OrdinalIgnoreCase)))
        {
            parts.RemoveAt(0);
        }

        var name = string.Concat(parts.Select(part => char.ToUpperInvariant(part[0]) + part[1..]));
        return char.ToLowerInvariant(name[0]) + name[1..];
    }

    /// <summary>What says how a value is written, or calls it by another name: not a part of what it is.</summary>
    [GeneratedRegex(@"(\.(Quoted|Listed|AsWord|Value)|\.\w+\(\)|!)+$")]
    private static partial Regex Ending();

    [GeneratedRegex(@"^\w+((\?|!)?\.\w+)*$")]
    private static partial Regex Whole();

    [GeneratedRegex(@"(?<![\w.])\w+(?![\w(<])((\?|!)?\.\w+(?![\w(<]))*(?!\s*=>)")]
    private static partial Regex Chain();

    [GeneratedRegex(@"""(\\.|[^""\\])*""")]
    private static partial Regex Literal();
}
