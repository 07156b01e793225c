using Itsm.Contracts.Ticketing;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;

namespace Itsm.ServiceLevels.Domain;

/// <summary>Finds conditions that could never do what they are for, by trying all combinations of the values that they tell
/// apart.</summary>
internal static class ConditionCheck
{
    private const int MostTerms = 40;
    private const int Deepest = 6;
    private const int MostCombinations = 200_000;

    /// <summary>Stands for all values that no condition names.</summary>
    private const string Other = "";

    /// <summary>The fields, and all their values where these are few.</summary>
    private static readonly Dictionary<string, string[]?> Fields = new()
    {
        ["category"] = [.. Enum.GetNames<StateCategory>().Select(name => name.ToLowerInvariant())], ["state"] = null,
        ["priority"] = ["1", "2", "3", "4", "5"], ["group"] = null,
        ["assigned"] = ["true", "false"], ["service"] = null, ["answered"] = ["true", "false"],
        ["lastReply"] = ["none", "agent", "requester"], ["reply"] = ["none", "agent", "requester"],
    };

    /// <exception cref="InvalidValueException">They are malformed, or contradict each other; the message says how.</exception>
    public static void Require(Conditions conditions, string pointer)
    {
        (string Name, Condition? Condition)[] parts =
            [("start", conditions.Start), ("stop", conditions.Stop), ("pause", conditions.Pause), ("resume", conditions.Resume),
                ("reset", conditions.Reset), ("cancel", conditions.Cancel)];
        foreach (var (name, condition) in parts)
        {
            RequireWellFormed(condition, $"{pointer}/{name}", 1);
        }

        var cases = Cases([.. parts.SelectMany(part => part.Condition?.Terms() ?? [])], pointer);
        foreach (var (name, condition) in parts.Where(part => part.Condition is not null))
        {
            Refuse(!cases.Any(one => condition!.Holds(field => one[field])), name, $"can never hold");
        }

        Refuse(Implies(conditions.Start, conditions.Stop), "stop", $"holds whenever start does, so the clock would never be attached");
        Refuse(Implies(conditions.Start, conditions.Cancel), "cancel", $"holds whenever start does, so the clock would never be attached");
        Refuse(Implies(conditions.Start, conditions.Pause), "pause", $"holds whenever start does, so the clock would stay paused for ever");
        Refuse(Implies(conditions.Pause, conditions.Start), "pause",
            $"implies start: write start so that it does not hold where the clock is to pause, else what is paused counts as starting");
        Refuse(Implies(conditions.Pause, conditions.Stop), "pause", $"implies stop, which comes first: the clock would never pause");
        Refuse(Implies(conditions.Pause, conditions.Cancel), "pause", $"implies cancel, which comes first: the clock would never pause");
        Refuse(Meet(conditions.Pause, conditions.Resume), "resume",
            $"can hold together with pause: the clock would stop and go on at once");
        Refuse(conditions.Resume is not null && conditions.Pause is null, "resume", $"has no pause to end");
        if (conditions.Reset is { } reset)
        {
            Refuse(cases.Any(one =>
                one["reply"] == "none" && reset.Holds(field => one[field]) && conditions.Start.Holds(field => one[field])),
                "reset",
                $"can hold together with start without anybody replying: the clock would begin anew with every change, in a circle");
            Refuse(Implies(reset, conditions.Stop), "reset", $"implies stop, which comes first: it would never act");
        }

        bool Implies(Condition? one, Condition? other) =>
            one is not null
                && other is not null
                && cases.Where(values => one.Holds(field => values[field])).All(values => other.Holds(field => values[field]));

        bool Meet(Condition? one, Condition? other) =>
            one is not null
                && other is not null
                && cases.Any(values => one.Holds(field => values[field]) && other.Holds(field => values[field]));

        void Refuse(bool applies, string name, Sentence why)
        {
            if (applies)
            {
                throw new InvalidValueException($"{pointer}/{name}", FieldCode.Conflicting, $"{name} {why}.");
            }
        }
    }

    private static void RequireWellFormed(Condition? condition, string pointer, int depth)
    {
        if (condition is null)
        {
            return;
        }

        if (depth > Deepest)
        {
            throw new InvalidValueException(pointer, FieldCode.TooMany, $"Conditions stand at most {Deepest} deep in each other.");
        }

        if (new object?[] { condition.Field, condition.All, condition.Any, condition.Not }.Count(one => one is not null) != 1
            || (condition.Field is null) != (condition.In is null))
        {
            throw new InvalidValueException(pointer, FieldCode.Conflicting,
                $"A condition has either field and in, or all, or any, or not.");
        }

        if (condition is { Field: { } field, In: { } values })
        {
            if (!Fields.TryGetValue(field, out var known))
            {
                throw new InvalidValueException(pointer + "/field", FieldCode.NotOneOf,
                    $"There is no field {field.Quoted}; there are: {Fields.Keys.Listed}.");
            }

            if (values.Count == 0 || values.Any(string.IsNullOrEmpty))
            {
                throw new InvalidValueException(pointer + "/in", FieldCode.TooFew, $"in has at least one value, and none that is empty.");
            }

            if (known is not null && values.FirstOrDefault(value => !known.Contains(value)) is { } unknown)
            {
                throw new InvalidValueException(pointer + "/in", FieldCode.NotOneOf,
                    $"{field} is never {unknown.Quoted}; it is one of: {known.Listed}.");
            }
        }

        foreach (var (name, inner) in new[] { ("all", condition.All), ("any", condition.Any) })
        {
            if (inner is { Count: 0 })
            {
                throw new InvalidValueException($"{pointer}/{name}", FieldCode.TooFew, $"{name} has at least one condition.");
            }

            for (var index = 0; index < inner?.Count; index++)
            {
                RequireWellFormed(inner[index] ?? throw new InvalidValueException($"{pointer}/{name}/{index}", FieldCode.Required,
                    $"A condition is missing."),
                    $"{pointer}/{name}/{index}", depth + 1);
            }
        }

        RequireWellFormed(condition.Not, pointer + "/not", depth + 1);
    }

    private static List<Dictionary<string, string>> Cases(IReadOnlyList<Condition> terms, string pointer)
    {
        var named = terms.Where(term => term.Field is not null).GroupBy(term => term.Field!)
            .ToDictionary(group => group.Key, group => group.SelectMany(term => term.In!).Distinct().ToArray());
        named.TryAdd("reply", []);
        List<Dictionary<string, string>> cases = [[]];
        foreach (var (field, values) in named)
        {
            var possible = Fields[field] ?? [.. values, Other];
            if (terms.Count > MostTerms || cases.Count * possible.Length > MostCombinations)
            {
                throw new InvalidValueException(pointer, FieldCode.TooMany,
                    $"These conditions are too many to be checked against each other.");
            }

            cases = [.. cases.SelectMany(one => possible.Select(value => new Dictionary<string, string>(one) { [field] = value }))];
        }

        return cases;
    }
}
