using System.Globalization;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Documents;
using Itsm.Platform.Replicas;
using Itsm.Platform.Unicode;
using Itsm.Platform.Values;
using Itsm.Search.Domain;

namespace Itsm.Search.Queries;

/// <summary>Understands the values that callers name: people, groups, categories and configuration items by their names, numbers, days and instants.</summary>
internal sealed class QueryValues(
    People people, Replica<CategoryChanged> categories, Replica<TicketKindChanged> kinds, NamedItems items)
{
    private const int MostOfOneKey = 50;
    private const int MostKinds = 100;
    private const long MostNumber = int.MaxValue;

    // Beyond all that can be stored: what .NET can tell as an instant.
    private static readonly long First = DateTimeOffset.MinValue.ToUnixTimeMilliseconds();
    private static readonly long Last = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>The tree with all values understood.</summary>
    /// <exception cref="QuerySyntaxException">A value is none of its field; the position is where it stands.</exception>
    public async ValueTask<SearchNode?> ResolveAsync(SearchNode? node, Caller caller, CancellationToken ct) => node switch
    {
        AllOf all => new AllOf(await ResolveAsync(all.Nodes, caller, ct)),
        AnyOf any => new AnyOf(await ResolveAsync(any.Nodes, caller, ct)),
        Not not => new Not((await ResolveAsync(not.Node, caller, ct))!),
        Asked asked => await ResolveAsync(asked, caller, ct),
        _ => node,
    };

    /// <summary>A condition with its value understood.</summary>
    /// <exception cref="QuerySyntaxException">The value is none of its field.</exception>
    public async ValueTask<SearchNode> ResolveAsync(Asked asked, Caller caller, CancellationToken ct)
    {
        asked = asked with { Value = asked.Value.ToNfc() };
        if (asked.Field.IsOrdered && asked.Value != SearchFields.None)
        {
            return asked.Value.Split(',') is { Length: > 1 } several && asked.Sign.Length == 0
                ? new AnyOf([.. several.Select(value => Ordered(asked with { Value = value.Trim() }))])
                : Ordered(asked);
        }

        if (asked.Sign.Length > 0)
        {
            throw new QuerySyntaxException(asked.At, $"{asked.Field.Name} can't be compared with {asked.Sign}");
        }

        var values = new List<string>();
        foreach (var value in asked.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            values.AddRange(value == SearchFields.None ? [value] : await ValuesAsync(asked, value, caller, ct));
        }

        return new Values(asked.Field.Name, [.. values.Distinct()]);
    }

    private async ValueTask<IReadOnlyList<SearchNode>> ResolveAsync(IReadOnlyList<SearchNode> nodes, Caller caller, CancellationToken ct)
    {
        var resolved = new List<SearchNode>(nodes.Count);
        foreach (var node in nodes)
        {
            resolved.Add((await ResolveAsync(node, caller, ct))!);
        }

        return resolved;
    }

    private async ValueTask<IEnumerable<string>> ValuesAsync(
        Asked asked, string value, Caller caller, CancellationToken ct) => asked.Field.Kind switch
    {
        FieldKind.Person =>
            [value == "me"
                ? caller.Person.ToString()
                : (await people.FindPersonAsync(value, ct))?.Id.ToString() ?? throw Unknown(asked, "person".AsWord, value)],
        FieldKind.Group => value == "mine" ? caller.Groups.Select(group => group.ToString())
            : [(await people.FindGroupAsync(value, ct))?.Id.ToString() ?? throw Unknown(asked, "group".AsWord, value)],
        FieldKind.Category => Guid.TryParse(value, out var id) ? [id.ToString()]
            : await categories.QueryAsync([Condition.In("key", value.ToLowerInvariant())], "key", MostOfOneKey, ct) is { Count: > 0 } found
            ? found.Select(category => category.Id.ToString())
            : throw Unknown(asked, "category".AsWord, value),
        FieldKind.Item => await items.NamesOfAsync(value, caller, ct),
        _ => [await KnownAsync(asked.Field, ct) is not { Count: > 0 } known ? value
            : known.FirstOrDefault(one => one.Equals(value, StringComparison.OrdinalIgnoreCase))
            ?? throw new QuerySyntaxException(asked.At, $"{asked.Field.Name} can't be {value.Quoted}: {known.Listed}")],
    };

    /// <summary>The values that a field can have; none where it can have any, or where no service has said yet.</summary>
    private async ValueTask<IReadOnlyList<string>> KnownAsync(SearchField field, CancellationToken ct)
    {
        if (field.Name == SearchFields.Stage)
        {
            return SearchFields.Stages;
        }

        if (field.Name is not (SearchFields.Kind or "state")
            || await kinds.QueryAsync([Condition.Within("kind", "", true, null, false)], "kind", MostKinds, ct)
                is not { Count: > 0 } declared)
        {
            return [];
        }

        return field.Name == "state"
            ? [.. declared.SelectMany(kind => kind.States)
                .Concat(SearchDocument.OtherStates).Distinct()]
            : [.. declared.Select(kind => kind.Kind), .. SearchDocument.NoTickets];
    }

    private static QuerySyntaxException Unknown(Asked asked, Word what, string value) =>
        new(asked.At, $"no {what} {value.Quoted} is known");

    private static Within Ordered(Asked asked)
    {
        if (asked.Sign.Length == 0 && asked.Value.IndexOf("..", StringComparison.Ordinal) is >= 0 and var dots)
        {
            return new Within(asked.Field.Name, dots == 0 ? Least(asked) : Bounds(asked, asked.Value[..dots]).From,
                dots + 2 == asked.Value.Length ? Most(asked) : Bounds(asked, asked.Value[(dots + 2)..]).To);
        }

        var (from, to) = Bounds(asked, asked.Value);
        return asked.Sign switch
        {
            ">" => new Within(asked.Field.Name, to + 1, Most(asked)),
            ">=" => new Within(asked.Field.Name, from, Most(asked)),
            "<" => new Within(asked.Field.Name, Least(asked), from - 1),
            "<=" => new Within(asked.Field.Name, Least(asked), to),
            _ => new Within(asked.Field.Name, from, to),
        };
    }

    private static long Least(Asked asked) => asked.Field.Kind == FieldKind.Number ? 0 : First;

    private static long Most(Asked asked) => asked.Field.Kind == FieldKind.Number ? MostNumber : Last;

    private static (long From, long To) Bounds(Asked asked, string text)
    {
        if (asked.Field.Kind == FieldKind.Number)
        {
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? (number, number)
                : throw new QuerySyntaxException(asked.At, $"{text.Quoted} is not a whole number");
        }

        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            && day < DateOnly.MaxValue)
        {
            return (Milliseconds(day), Milliseconds(day.AddDays(1)) - 1);
        }

        return DateTimeOffset.TryParseExact(text, ["yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK"], CultureInfo.InvariantCulture,
            DateTimeStyles.None, out var at)
            && (text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > "yyyy-MM-dd".Length)
            ? (at.ToUnixTimeMilliseconds(), at.ToUnixTimeMilliseconds())
            : throw new QuerySyntaxException(asked.At,
                $"{text.Quoted} is neither a day such as 2026-01-31 nor an RFC 3339 instant such as 2026-01-31T08:00:00Z");
    }

    private static long Milliseconds(DateOnly day) =>
        new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero).ToUnixTimeMilliseconds();
}
