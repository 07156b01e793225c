using System.Globalization;
using System.Text.Json;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Replicas;
using Itsm.Platform.Values;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;

namespace Itsm.Platform.Http;

/// <summary>What a list can be filtered and sorted by: its query parameters.</summary>
public sealed class ListDefinition
{
    private static readonly string[] Always = ["limit", "cursor", "sort", "count", "fields"];

    /// <summary>Filters by parameter name.</summary>
    public required IReadOnlyList<Filter> Filters { get; init; }

    /// <summary>Fields to sort by.</summary>
    public required IReadOnlyList<string> Sorts { get; init; }

    /// <summary>Instants to sort by that not all things have, by the name that callers use: things without come last, whatever the
    /// direction.</summary>
    public IReadOnlyDictionary<string, string> SortFields { get; init; } = new Dictionary<string, string>();

    /// <summary>The order without <c>sort</c>: a field, with a minus for the greatest first.</summary>
    public required string DefaultSort { get; init; }

    /// <summary>Fields with ids of people or groups that <c>expand</c> turns into objects.</summary>
    public IReadOnlyList<string> Expandable { get; init; } = [];

    /// <summary>The fields of an item when <c>fields</c> says nothing; null for all.</summary>
    public IReadOnlySet<string>? Summary { get; init; }

    internal IEnumerable<string> FilterNames => Filters.SelectMany(filter => filter.Names);

    /// <summary>All parameter names.</summary>
    internal IEnumerable<string> Parameters => FilterNames.Concat(Always).Concat(Expandable.Count > 0 ? ["expand"] : Array.Empty<string>());
}

/// <summary>A filter of a list: a query parameter (or four, for a range) over a declared field.</summary>
public sealed class Filter
{
    private const int MostReplicated = 1000;
    private static readonly string[] Bounds = ["gte", "gt", "lte", "lt"];
    private readonly Func<string, FilterContext, ValueTask<BsonValue>> _parse;

    private Filter(string name, string field, bool isRange, string describes, Func<string, FilterContext, ValueTask<BsonValue>> parse) =>
        (Name, Field, IsRange, Describes, _parse) = (name, field, isRange, describes, parse);

    /// <summary>The query parameter.</summary>
    public string Name { get; }

    /// <summary>The stored field.</summary>
    public string Field { get; }

    /// <summary>True where bounds are given as <c>name[gte]</c>, <c>[gt]</c>, <c>[lte]</c>, <c>[lt]</c>.</summary>
    public bool IsRange { get; }

    /// <summary>What values it takes, for the documentation.</summary>
    public string Describes { get; }

    internal IEnumerable<string> Names => IsRange ? Bounds.Select(bound => $"{Name}[{bound}]") : [Name];

    /// <summary>One of an enum's members; several with commas.</summary>
    public static Filter OneOf<TEnum>(string name, string? field = null)
        where TEnum : struct, Enum
    {
        var names = Enum.GetNames<TEnum>().Select(JsonNamingPolicy.CamelCase.ConvertName).ToArray();
        return new(name, field ?? name, false, $"One or several of: {string.Join(", ", names)}.", (text, _) => names.Contains(text)
            ? ValueTask.FromResult<BsonValue>(text)
            : throw Invalid(name, FieldCode.NotOneOf, text, $"possible: {string.Join(", ", names)}"));
    }

    /// <summary>Exact text; several with commas.</summary>
    public static Filter Text(string name, string? field = null) =>
        new(name, field ?? name, false, "Exact text; several with commas.", (text, _) => ValueTask.FromResult<BsonValue>(text));

    /// <summary>A text that a replicated message has; several with commas. Any, until there is one.</summary>
    /// <param name="name">The query parameter, and the stored field.</param>
    /// <param name="by">The replica's index of that text.</param>
    /// <param name="textOf">The text of a message.</param>
    public static Filter Replicated<TMessage>(string name, string by, Func<TMessage, string> textOf)
        where TMessage : class, Contracts.IEntityChanged =>
        new(name, name, false, "One that is known; several with commas.", async (text, context) =>
        {
            var replica = context.Services.GetRequiredService<Replica<TMessage>>();
            var known = (await replica.QueryAsync(
                [Condition.Within(by, "", true, null, false)], by, MostReplicated, context.Cancellation)).Select(textOf).ToList();
            return known.Count == 0 || known.Contains(text)
                ? text
                : throw Invalid(name, FieldCode.NotOneOf, text, $"possible: {string.Join(", ", known)}");
        });

    /// <summary>A whole number within bounds; several with commas.</summary>
    public static Filter Number(string name, int least, int most, string? field = null) =>
        new(name, field ?? name, false, $"Whole numbers from {least} to {most}; several with commas.", (text, _) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? ValueTask.FromResult<BsonValue>(number)
            : throw Invalid(name, FieldCode.OutOfRange, text, $"a whole number from {least} to {most}"));

    /// <summary>true or false.</summary>
    /// <param name="name">The query parameter.</param>
    /// <param name="field">The stored field.</param>
    /// <param name="orMissing">True where a thing without the field counts as false.</param>
    public static Filter Flag(string name, string? field = null,
        bool orMissing = false) => new(name, field ?? name, false, "true or false.", (text, _) => text switch
    {
        "true" => ValueTask.FromResult<BsonValue>(true),
        "false" => ValueTask.FromResult<BsonValue>(orMissing ? new BsonArray { false, BsonNull.Value } : false),
        _ => throw Invalid(name, FieldCode.NotOneOf, text, "true or false"),
    });

    /// <summary>The id of a thing; several with commas; <c>none</c> for those without.</summary>
    public static Filter Id(string name, string? field = null) =>
        new(name, field ?? name, false, "An id, or none; several with commas.", (text, _) =>
        text == "none" ? ValueTask.FromResult<BsonValue>(BsonNull.Value)
        : Guid.TryParse(text, out var id) ? ValueTask.FromResult(BsonMapping.Value(id))
        : throw Invalid(name, FieldCode.WrongFormat, text, "an id, or none"));

    /// <summary>A thing of this service that everybody may see: id or human name, or <c>none</c>; several with commas.</summary>
    /// <param name="name">The query parameter.</param>
    /// <param name="field">The stored field, with the id of the thing.</param>
    public static Filter Thing<T>(string name, string? field = null)
        where T : Aggregate => new(name, field ?? name, false, "An id or key, or none; several with commas.", async (text, context) =>
        text == "none" ? BsonNull.Value
        : await context.Services.GetRequiredService<AggregateStore<T>>().FindDocumentAsync(text, context.Cancellation) is { } found
        ? BsonMapping.Value(found.Id)
        : throw Invalid(name, FieldCode.NotFound, text, "there is none of that id or key"));

    /// <summary>A person: id, user name, <c>me</c>, or <c>none</c>; several with commas.</summary>
    public static Filter Person(string name, string? field = null) =>
        new(name, field ?? name, false, "A person's id or user name, me, or none; several with commas.", async (text, context) =>
        text switch
        {
            "none" => BsonNull.Value,
            "me" => BsonMapping.Value(context.Caller.Person),
            _ =>
                await context.People.FindPersonAsync(text, context.Cancellation) is { } person
                    ? BsonMapping.Value(person.Id)
                    : throw Invalid(name, FieldCode.NotFound, text, "no such person is known"),
        });

    /// <summary>A group: id, key, <c>mine</c>, or <c>none</c>; several with commas.</summary>
    public static Filter Group(string name, string? field = null) =>
        new(name, field ?? name, false, "A group's id or key, mine, or none; several with commas.", async (text, context) =>
        text switch
        {
            "none" => BsonNull.Value,
            "mine" => new BsonArray(context.Caller.Groups.Select(group => BsonMapping.Value(group))),
            _ =>
                await context.People.FindGroupAsync(text, context.Cancellation) is { } group
                    ? BsonMapping.Value(group.Id)
                    : throw Invalid(name, FieldCode.NotFound, text, "no such group is known"),
        });

    /// <summary>A range of instants: <c>name[gte]=2026-01-01T00:00:00Z</c> and so on.</summary>
    public static Filter Instant(string name, string? field = null) =>
        new(name, field ?? name, true, "An RFC 3339 instant with its offset.", (text, _) =>
        DateTimeOffset.TryParseExact(text, ["yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK"], CultureInfo.InvariantCulture,
            DateTimeStyles.None, out var at)
            && (text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > 10)
            ? ValueTask.FromResult(BsonMapping.Value(at))
            : throw Invalid(name, FieldCode.WrongFormat, text, "an RFC 3339 instant such as 2026-01-31T08:00:00Z"));

    internal async ValueTask<Condition?> ParseAsync(FilterContext context)
    {
        if (!IsRange)
        {
            var text = context.Query(Name);
            if (text is null)
            {
                return null;
            }

            var values = new List<BsonValue>();
            foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
            {
                var value = part.Length == 0
                    ? throw Invalid(Name, FieldCode.Blank, text, "a value between commas is empty")
                    : await _parse(part, context);
                if (value is BsonArray several)
                {
                    values.AddRange(several);
                }
                else
                {
                    values.Add(value);
                }
            }

            return Condition.In(Field, [.. values.Distinct()]);
        }

        var bounds = new BsonValue?[Bounds.Length];
        for (var index = 0; index < Bounds.Length; index++)
        {
            bounds[index] = context.Query($"{Name}[{Bounds[index]}]") is { } bound ? await _parse(bound, context) : null;
        }

        return bounds switch
        {
            [null, null, null, null] => null,
            [not null, not null, _, _] => throw Invalid(Name, FieldCode.Conflicting, "gte and gt", "only one lower bound"),
            [_, _, not null, not null] => throw Invalid(Name, FieldCode.Conflicting, "lte and lt", "only one upper bound"),
            _ => Condition.Within(Field, bounds[0] ?? bounds[1], bounds[0] is not null, bounds[2] ?? bounds[3], bounds[2] is not null),
        };
    }

    private static HttpProblemException Invalid(string name, FieldCode code, string text, string hint) =>
        HttpProblemException.Invalid($"?{name}", code, $"{name} can't be {text.Quoted}: {hint}.");
}

/// <summary>What parsing a filter may look at.</summary>
internal sealed record FilterContext(
    Func<string, string?> Query, Caller Caller, People People, IServiceProvider Services, CancellationToken Cancellation);
