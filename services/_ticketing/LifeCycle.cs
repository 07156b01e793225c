using System.Collections.Concurrent;
using System.Collections.Frozen;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;

namespace Itsm.Ticketing;

/// <summary>One permitted move: this action leads from any of these states to that one.</summary>
public sealed record Transition<TState>(string Action, Permission Permission, IReadOnlyList<TState> From, TState To)
    where TState : struct, Enum
{
    /// <summary>Who may make it, beside the permission.</summary>
    public Doer By { get; init; } = Doer.Worker;

    /// <summary>What it does, for the documentation of its route; that of all kinds where null.</summary>
    public string? Summary { get; init; }

    /// <summary>True where whoever makes it must say why.</summary>
    public bool NeedsReason { get; init; }
}

/// <summary>The actions that several kinds have, by their names in routes.</summary>
public static class Moves
{
    /// <summary>Begins the work.</summary>
    public const string Start = "start";

    /// <summary>Lets it wait for somebody else.</summary>
    public const string Hold = "hold";

    /// <summary>Goes on after a wait.</summary>
    public const string Resume = "resume";

    /// <summary>Takes up again what was resolved.</summary>
    public const string Reopen = "reopen";

    /// <summary>Ends what was resolved.</summary>
    public const string Close = "close";

    /// <summary>Ends it without a resolution.</summary>
    public const string Cancel = "cancel";
}

/// <summary>A life cycle as a table. What it does not list is refused.</summary>
/// <param name="noun">For rule codes and sentences: <c>incident</c>.</param>
/// <param name="table">The permitted moves; an action may have several rows.</param>
public class LifeCycle<TState>(string noun, params IReadOnlyList<Transition<TState>> table)
    where TState : struct, Enum
{
    // Every read of a thing asks for every move.
    private readonly ConcurrentDictionary<(TState State, string Action), Sentence?> _closed = new();

    /// <summary>The permitted moves.</summary>
    public IReadOnlyList<Transition<TState>> Table { get; } = table;

    /// <summary>The state that this action leads to.</summary>
    /// <exception cref="RuleViolationException"><c>{noun}.transition</c> where the table has no such move.</exception>
    public TState Next(TState state, string action) =>
        Table.FirstOrDefault(row => row.Action == action && row.From.Contains(state)) is { } move
            ? move.To
            : throw new RuleViolationException($"{noun}.transition", WhyNot(state, action)!);

    /// <summary>Why the action is closed in this state; null where it is open.</summary>
    public Sentence? WhyNot(TState state, string action) =>
        _closed.GetOrAdd((state, action), static (asked, cycle) => cycle.FindWhyNot(asked.State, asked.Action), this);

    private Sentence? FindWhyNot(TState state, string action)
    {
        var moves = Table.Where(row => row.Action == action).ToList();
        if (moves.Any(row => row.From.Contains(state)))
        {
            return null;
        }

        var others = moves.SelectMany(row => row.From).Distinct();
        return $"The {noun.AsWord} is {state}; {action} is possible from {others.Listed}.";
    }
}

/// <summary>The life cycle of a kind of ticket.</summary>
/// <param name="noun">As <see cref="LifeCycle{TState}"/>.</param>
/// <param name="permissions">What the actions of all tickets ask for.</param>
/// <param name="category">What clocks make of each state; moves between categories set the instants that all tickets have.</param>
/// <param name="table">As <see cref="LifeCycle{TState}"/>; what follows from something else, so that nobody asks for it by name, has
/// <see cref="Itself"/>.</param>
public sealed class TicketLifeCycle<TState>(
    string noun, TicketPermissions permissions, Func<TState, StateCategory> category, params IReadOnlyList<Transition<TState>> table)
    : LifeCycle<TState>(noun, table)
    where TState : struct, Enum
{
    /// <summary>To write a public comment: whoever sees a ticket and may comment does, also where it is restricted.</summary>
    internal const string Comment = "comment";

    /// <summary>The action that brings a file: for all who may comment, as that.</summary>
    internal const string Attach = "attach";

    /// <summary>Of moves that nobody asks for by name.</summary>
    public static readonly Permission Itself = new("");

    private readonly FrozenDictionary<string, Doer> _doers =
        table.DistinctBy(row => row.Action).ToFrozenDictionary(row => row.Action, row => row.By);

    /// <summary>What the actions of all tickets ask for.</summary>
    public TicketPermissions Permissions => permissions;

    /// <summary>Who may do what is no move, where that is not those who work on it: by action.</summary>
    public IReadOnlyDictionary<string, Doer> Others { get; init; } = new Dictionary<string, Doer>();

    /// <summary>States in which it is not handed in yet, and nobody's work.</summary>
    public IReadOnlyList<TState> Drafts { get; init; } = [];

    /// <summary>The states in which somebody must have it.</summary>
    public IEnumerable<TState> Open =>
        Enum.GetValues<TState>().Where(state => category(state) != StateCategory.Closed && !Drafts.Contains(state));

    /// <summary>The moves that callers ask for by name, each once.</summary>
    public IReadOnlyList<Transition<TState>> Named { get; } =
        [.. table.Where(row => row.Permission != Itself).DistinctBy(row => row.Action)];

    /// <summary>What clocks make of a state.</summary>
    public StateCategory CategoryOf(TState state) => category(state);

    /// <summary>Who may do this action, beside the permission.</summary>
    public Doer DoerOf(string action) => _doers.TryGetValue(action, out var doer) || Others.TryGetValue(action, out doer) ? doer
        : action is "watch" or "unwatch" ? Doer.Reader : Doer.Worker;
}
