namespace Itsm.ServiceLevels.Domain;

/// <summary>A condition over the fields of a ticket: a field with one of some values, or all, any or none of other conditions.</summary>
public sealed record Condition
{
    /// <summary>The field: category, state, priority, group, assigned, service, answered, lastReply or reply.</summary>
    public string? Field { get; init; }

    /// <summary>The values, one of which the field has.</summary>
    public IReadOnlyList<string>? In { get; init; }

    /// <summary>Conditions that all hold.</summary>
    public IReadOnlyList<Condition>? All { get; init; }

    /// <summary>Conditions of which at least one holds.</summary>
    public IReadOnlyList<Condition>? Any { get; init; }

    /// <summary>A condition that does not hold.</summary>
    public Condition? Not { get; init; }

    /// <summary>A field has one of these values.</summary>
    public static Condition Is(string field, params IReadOnlyList<string> values) => new() { Field = field, In = values };

    /// <summary>All of these hold.</summary>
    public static Condition Every(params IReadOnlyList<Condition> conditions) => new() { All = conditions };

    /// <summary>One of these holds.</summary>
    public static Condition OneOf(params IReadOnlyList<Condition> conditions) => new() { Any = conditions };

    /// <summary>True where it holds for these values.</summary>
    internal bool Holds(Func<string, string> value) => this switch
    {
        { Field: { } field, In: { } values } => values.Contains(value(field)),
        { All: { } all } => all.All(one => one.Holds(value)),
        { Any: { } any } => any.Any(one => one.Holds(value)),
        { Not: { } not } => !not.Holds(value),
        _ => false,
    };

    /// <summary>It and all conditions within it.</summary>
    internal IEnumerable<Condition> Terms() =>
        [this, .. (All ?? []).SelectMany(one => one.Terms()), .. (Any ?? []).SelectMany(one => one.Terms()), .. Not?.Terms() ?? []];
}

/// <summary>When a clock starts, pauses and ends. Looked at with every change of the ticket; of several that hold, stop comes before reset,
/// reset before cancel, cancel before pause.</summary>
public sealed record Conditions
{
    /// <summary>Attaches the clock.</summary>
    public required Condition Start { get; init; }

    /// <summary>Completes it.</summary>
    public required Condition Stop { get; init; }

    /// <summary>Lets its time stand still; never where left out.</summary>
    public Condition? Pause { get; init; }

    /// <summary>Lets its time go on; where left out, when pause no longer holds.</summary>
    public Condition? Resume { get; init; }

    /// <summary>Completes it and, where start holds, attaches the next cycle.</summary>
    public Condition? Reset { get; init; }

    /// <summary>Ends it without a result.</summary>
    public Condition? Cancel { get; init; }
}
