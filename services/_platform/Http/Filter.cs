using System.Globalization;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Replicas;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;

namespace Itsm.Platform.Http;

/// <summary>A filter of a list: a query parameter (or four, for a range) over a declared field.</summary>
public sealed class Filter
{
    private const int MostReplicated = 1000;
    private static readonly (string Name, string Describes)[] Bounds = [("gte", "Not before this {0}."), ("gt", "After this {0}."),
        ("lte", "Not after this {0}."), ("lt", "Before this {0}.")];

    private readonly Func<FilterContext, ValueTask<Condition?>> _read;

    private Filter(string field, IReadOnlyList<QueryParameter> parameters, Func<FilterContext, ValueTask<Condition?>> read) =>
        (Field, Parameters, _read) = (field, parameters, read);

    /// <summary>The stored field.</summary>
    public string Field { get; }

    internal IReadOnlyList<QueryParameter> Parameters { get; }

    /// <summary>One of an enum's members; several with commas.</summary>
    public static Filter OneOf<TEnum>(string name, string? field = null)
        where TEnum : struct, Enum =>
        Several(name, field, "Any of these, with commas.", QueryValue.Member<TEnum>(), (text, _) => ValueTask.FromResult<BsonValue>(text));

    /// <summary>One of these words; several with commas.</summary>
    public static Filter Word(string name, params string[] words) =>
        Several(name, null, "Any of these, with commas.", QueryValue.Word(words), (text, _) => ValueTask.FromResult<BsonValue>(text));

    /// <summary>Exact text; several with commas.</summary>
    /// <param name="name">The query parameter.</param>
    /// <param name="field">The stored field.</param>
    /// <param name="normalize">Makes of a text what is stored of it, where that is another form.</param>
    public static Filter Text(string name, string? field = null, Func<string, string>? normalize = null) => Several(name, field,
        normalize is null ? "Exact text; several with commas." : "Text, whatever its case and white space; several with commas.",
        QueryValue.Text(), (text, _) => ValueTask.FromResult<BsonValue>(normalize?.Invoke(text) ?? text));

    /// <summary>A text that a replicated message has; several with commas. Any, until there is one.</summary>
    /// <param name="name">The query parameter, and the stored field.</param>
    /// <param name="by">The replica's index of that text.</param>
    /// <param name="textOf">The text of a message.</param>
    public static Filter Replicated<TMessage>(string name, string by, Func<TMessage, string> textOf)
        where TMessage : class, Contracts.IEntityChanged =>
        Several(name, null, "One that is known; several with commas.", QueryValue.Text(), async (text, context) =>
        {
            var replica = context.Services.GetRequiredService<Replica<TMessage>>();
            var known = (await replica.QueryAsync(
                [Condition.Within(by, "", true, null, false)], by, MostReplicated, context.Cancellation)).Select(textOf).ToList();
            return known.Count == 0 || known.Contains(text)
                ? text
                : throw QueryValue.Refused(name, FieldCode.NotOneOf, text, $"possible: {known.Listed}");
        });

    /// <summary>A text that names a thing by which others name it, too; several with commas.</summary>
    /// <param name="name">The query parameter.</param>
    /// <param name="field">The stored field.</param>
    /// <param name="describes">What the parameter takes.</param>
    /// <param name="find">All texts that may stand in the field for the thing of this name.</param>
    public static Filter Names(string name, string field, string describes,
        Func<string, Caller, IServiceProvider, CancellationToken, ValueTask<IReadOnlyList<string>>> find) =>
        Several(name, field, describes, QueryValue.Text(), async (text, context) =>
            new BsonArray(await find(text, context.Caller, context.Services, context.Cancellation)));

    /// <summary>A whole number within bounds; several with commas.</summary>
    public static Filter Number(string name, int least, int most, string? field = null) =>
        Several(name, field, "Any of these numbers, with commas.", QueryValue.Whole(least, most),
            (number, _) => ValueTask.FromResult<BsonValue>((int)number));

    /// <summary>true or false.</summary>
    /// <param name="name">The query parameter.</param>
    /// <param name="field">The stored field.</param>
    /// <param name="orMissing">True where a thing without the field counts as false.</param>
    public static Filter Flag(string name, string? field = null, bool orMissing = false)
    {
        var stored = field ?? name;
        var parameter = new QueryParameter<bool>(name, QueryValue.Flag, "Only those of which this is so, or is not.");
        return new(stored, [parameter], context => ValueTask.FromResult<Condition?>(
            !parameter.TryRead(context.Request, out var value) ? null
            : value || !orMissing ? Condition.In(stored, value)
            : Condition.In(stored, false, BsonNull.Value)));
    }

    /// <summary>The id of a thing; several with commas; <c>none</c> for those without.</summary>
    public static Filter Id(string name, string? field = null) =>
        Several(name, field, "Ids, with commas; none for those without.", QueryValue.IdOrNone,
            (id, _) => ValueTask.FromResult(id is { } one ? BsonMapping.Value(one) : BsonNull.Value));

    /// <summary>A thing of this service that everybody may see: id or human name, or <c>none</c>; several with commas.</summary>
    /// <param name="name">The query parameter.</param>
    /// <param name="field">The stored field, with the id of the thing.</param>
    public static Filter Thing<T>(string name, string? field = null)
        where T : Aggregate => Named(name, field, "Ids or keys, with commas; none for those without.", async (text, context) =>
        await context.Services.GetRequiredService<AggregateStore<T>>().FindDocumentAsync(text, context.Cancellation) is { } found
        ? BsonMapping.Value(found.Id)
        : throw QueryValue.Refused(name, FieldCode.NotFound, text, $"there is none of that id or key"));

    /// <summary>A thing of this service that not all may see, by any name, or <c>none</c>; several with commas.</summary>
    /// <param name="name">The query parameter, and the stored field, with the id of the thing.</param>
    /// <param name="describes">What the parameter takes.</param>
    /// <param name="find">All ids that may stand in the field for the thing of this name; refuses one that the caller may not see.</param>
    public static Filter Things(string name, string describes,
        Func<string, Caller, IServiceProvider, CancellationToken, ValueTask<IReadOnlyList<Guid>>> find) =>
        Named(name, null, describes, async (text, context) => new BsonArray(
            (await find(text, context.Caller, context.Services, context.Cancellation)).Select(id => BsonMapping.Value(id))));

    /// <summary>A person: id, user name, <c>me</c>, or <c>none</c>; several with commas.</summary>
    public static Filter Person(string name, string? field = null) =>
        Named(name, field, "People's ids or user names, or me, with commas; none for those without.", async (text, context) =>
            text == "me" ? BsonMapping.Value(context.Caller.Person)
            : await context.People.FindPersonAsync(text, context.Cancellation) is { } person ? BsonMapping.Value(person.Id)
            : throw QueryValue.Refused(name, FieldCode.NotFound, text, $"no such person is known"));

    /// <summary>A group: id, key, <c>mine</c>, or <c>none</c>; several with commas.</summary>
    public static Filter Group(string name, string? field = null) =>
        Named(name, field, "Groups' ids or keys, or mine, with commas; none for those without.", async (text, context) =>
            text == "mine" ? new BsonArray(context.Caller.Groups.Select(group => BsonMapping.Value(group)))
            : await context.People.FindGroupAsync(text, context.Cancellation) is { } group ? BsonMapping.Value(group.Id)
            : throw QueryValue.Refused(name, FieldCode.NotFound, text, $"no such group is known"));

    /// <summary>A range of instants: <c>name[gte]=2026-01-01T00:00:00Z</c> and so on.</summary>
    public static Filter Instant(string name, string? field = null) => Range(name, field, "instant", QueryValue.Instant);

    /// <summary>A range of days: <c>name[gte]=2026-01-01</c> and so on.</summary>
    public static Filter Day(string name, string? field = null) => Range(name, field, "day", QueryValue.Day);

    /// <summary>The same for callers with this permission; others ask by it for what is their own alone, since a filter tells what it
    /// selects by.</summary>
    public Filter For(Permission permission) => new(Field, Parameters, async context =>
    {
        var (condition, filter) = (await _read(context), Parameters[0].Name);
        return condition is null || context.Caller.May(permission.Name)
            || (condition is InCondition { Values: [var only] } && only == BsonMapping.Value(context.Caller.Person))
            ? condition
            : throw HttpProblemException.Forbidden($"The filter {filter} needs the permission {permission.Name}.");
    });

    internal ValueTask<Condition?> ReadAsync(FilterContext context) => _read(context);

    private static Filter Range<T>(string name, string? field, string what, QueryValue<T> value)
    {
        var stored = field ?? name;
        QueryParameter<T>[] bounds = [.. Bounds.Select(bound => new QueryParameter<T>(
            $"{name}[{bound.Name}]", value, string.Format(CultureInfo.InvariantCulture, bound.Describes, what)))];
        return new(stored, bounds, context =>
        {
            var values = Array.ConvertAll(bounds, bound => bound.TryRead(context.Request, out var at) ? BsonMapping.Value(at) : null);
            return ValueTask.FromResult<Condition?>(values switch
            {
                [null, null, null, null] => null,
                [not null, not null, _, _] => throw Twice(bounds[1], "gte", $"there is one lower bound"),
                [_, _, not null, not null] => throw Twice(bounds[3], "lte", $"there is one upper bound"),
                _ => Condition.Within(stored, values[0] ?? values[1], values[0] is not null, values[2] ?? values[3], values[2] is not null),
            });
        });

        HttpProblemException Twice(QueryParameter parameter, string other, Sentence why) => HttpProblemException.Invalid(
            $"?{parameter.Name}", FieldCode.Conflicting, $"{parameter.Name} does not go with {name}[{other}]: {why}.");
    }

    /// <summary>Values that are looked up by name, or <c>none</c>.</summary>
    private static Filter Named(string name, string? field, string describes, Func<string, FilterContext, ValueTask<BsonValue>> find) =>
        Several(name, field, describes, QueryValue.Text(),
            (text, context) => text == "none" ? ValueTask.FromResult<BsonValue>(BsonNull.Value) : find(text, context));

    private static Filter Several<T>(
        string name, string? field, string describes, QueryValue<T> value, Func<T, FilterContext, ValueTask<BsonValue>> find)
    {
        var (parameter, stored) = (new QueryParameter<IReadOnlyList<T>>(name, value.Several(), describes), field ?? name);
        return new(stored, [parameter], async context =>
        {
            if (!parameter.TryRead(context.Request, out var values))
            {
                return null;
            }

            var found = new List<BsonValue>();
            foreach (var one in values)
            {
                var its = await find(one, context);
                found.AddRange(its is BsonArray several ? several : [its]);
            }

            return Condition.In(stored, [.. found.Distinct()]);
        });
    }
}

/// <summary>What reading a filter may look at.</summary>
internal sealed record FilterContext(
    HttpRequest Request, Caller Caller, People People, IServiceProvider Services, CancellationToken Cancellation);
