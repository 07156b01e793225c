using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;

namespace Itsm.Ticketing;

/// <summary>One permitted move: this action leads from any of these states to that one.</summary>
public sealed record Transition<TState>(string Action, Permission Permission, IReadOnlyList<TState> From, TState To)
    where TState : struct, Enum
{
    /// <summary>Who may make it, beside the permission.</summary>
    public Doer By { get; init; } = Doer.Worker;
}

/// <summary>A life cycle as a table. What it does not list is refused.</summary>
/// <param name="noun">For rule codes and sentences: <c>incident</c>.</param>
/// <param name="table">The permitted moves; an action may have several rows.</param>
public sealed class LifeCycle<TState>(string noun, params IReadOnlyList<Transition<TState>> table)
    where TState : struct, Enum
{
    /// <summary>The permitted moves.</summary>
    public IReadOnlyList<Transition<TState>> Table { get; } = table;

    /// <summary>The state that this action leads to.</summary>
    /// <exception cref="RuleViolationException"><c>{noun}.transition</c> where the table has no such move.</exception>
    public TState Next(TState state, string action) =>
        Table.FirstOrDefault(row => row.Action == action && row.From.Contains(state)) is { } move
            ? move.To
            : throw new RuleViolationException($"{noun}.transition", WhyNot(state, action)!);

    /// <summary>Why the action is closed in this state; null where it is open.</summary>
    public string? WhyNot(TState state, string action) =>
        Table.Any(row => row.Action == action && row.From.Contains(state))
            ? null
            : $"The {noun} is {Words(state)}; {action} is possible from {string.Join(", ", Table.Where(row => row.Action == action).SelectMany(row => row.From).Distinct().Select(Words))}.";

    /// <summary>Who may do this action; null where the table has none of this name.</summary>
    public Doer? DoerOf(string action) => Table.FirstOrDefault(row => row.Action == action)?.By;

    /// <summary>All actions with, for each, whether the table closes it in this state.</summary>
    public IEnumerable<ActionState> Actions(TState state) =>
        Table.DistinctBy(row => row.Action).Select(row => new ActionState(row.Action, row.Permission.Name, WhyNot(state, row.Action)));

    private static string Words(TState state) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString()).Replace('_', ' ');
}
