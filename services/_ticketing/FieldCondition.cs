using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;

namespace Itsm.Ticketing;

/// <summary>A condition on one field of a record or a form. Exactly one of the members beside <see cref="Field"/> is set.</summary>
public sealed record FieldCondition
{
    /// <summary>Name of the field.</summary>
    [StringLength(120, MinimumLength = 1)]
    public required string Field { get; init; }

    /// <summary>It has one of these values; a field with several, at least one of them.</summary>
    [Length(1, 100)]
    public IReadOnlyList<string>? In { get; init; }

    /// <summary>It has none of these values; holds for a field without value.</summary>
    [Length(1, 100)]
    public IReadOnlyList<string>? NotIn { get; init; }

    /// <summary>It is a number of at least this.</summary>
    public double? AtLeast { get; init; }

    /// <summary>It is a number of at most this.</summary>
    public double? AtMost { get; init; }

    /// <summary>True: it has a value; false: it has none.</summary>
    public bool? Present { get; init; }

    /// <summary>True where the fields meet it.</summary>
    public bool Holds(FieldValues fields)
    {
        var values = fields[Field];
        return this switch
        {
            { In: { } some } => values.Any(some.Contains),
            { NotIn: { } none } => !values.Any(none.Contains),
            { AtLeast: { } least } => values.Any(value => Number(value) >= least),
            { AtMost: { } most } => values.Any(value => Number(value) <= most),
            _ => values.Count > 0 == Present,
        };
    }

    /// <exception cref="InvalidValueException">The field is not among those known, or not exactly one test is set.</exception>
    public void Check(string pointer, IReadOnlySet<string> known)
    {
        if (!known.Contains(Field))
        {
            throw new InvalidValueException($"{pointer}/field", FieldCode.NotOneOf,
                known.Count == 0 ? (Sentence)$"There is no field {Field.Quoted} here."
                    : $"There is no field {Field.Quoted} here; there are: {known.Order().Listed}.");
        }

        if (new object?[] { In, NotIn, AtLeast, AtMost, Present }.Count(test => test is not null) != 1)
        {
            throw new InvalidValueException(pointer, FieldCode.Conflicting,
                $"A condition has exactly one of in, notIn, atLeast, atMost, present.");
        }

        if (!double.IsFinite(AtLeast ?? AtMost ?? 0))
        {
            throw new InvalidValueException(pointer, FieldCode.OutOfRange, $"atLeast and atMost are finite.");
        }
    }

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>Values of fields as conditions look at them: text; several for a field that has several; none for one that has none.</summary>
public sealed class FieldValues
{
    private readonly Dictionary<string, IReadOnlyList<string>> _values = [];

    /// <summary>The values of a field.</summary>
    public IReadOnlyList<string> this[string field]
    {
        get => _values.GetValueOrDefault(field) ?? [];
        set => _values[field] = value;
    }

    /// <summary>Sets a field to one value; null leaves it without.</summary>
    public FieldValues With(string field, object? value)
    {
        this[field] = value is null ? [] : [Convert.ToString(value, CultureInfo.InvariantCulture)!];
        return this;
    }

    /// <summary>True where all conditions hold; without any, too.</summary>
    public bool Meet(IEnumerable<FieldCondition> conditions) => conditions.All(condition => condition.Holds(this));
}
