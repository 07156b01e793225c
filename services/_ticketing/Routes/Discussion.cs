using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;

namespace Itsm.Ticketing.Routes;

/// <summary>Who may read and write what people say about things of a type, and where it shows.</summary>
/// <param name="names">What the kind is called.</param>
/// <param name="notes">To read and write work notes, beside being one of the thing's note readers.</param>
/// <param name="alsoOf">Others whose comments show here too.</param>
/// <param name="survivor">The other that goes on instead of this one; null where it goes on itself.</param>
internal sealed class Discussion<T>(KindNames names, Permission notes, Func<T, IEnumerable<Guid>>? alsoOf, Func<T, Guid?>? survivor)
    where T : Aggregate, ICommentable
{
    private const int LongestChain = 100;
    private readonly Func<T, IEnumerable<Guid>> _alsoOf = alsoOf ?? (_ => []);
    private readonly Func<T, Guid?> _survivor = survivor ?? (_ => null);

    /// <summary>What the kind is called.</summary>
    public KindNames Names => names;

    /// <summary>True where the caller may read and write what is internal.</summary>
    public bool MayReadNotes(ICommentable thing, Caller caller) => caller.May(notes.Name) && caller.Sees(thing.NoteReaders);

    /// <exception cref="HttpProblemException">403: it is internal, and the caller may not write that.</exception>
    public void RequireNotes(ICommentable thing, Caller caller, bool isInternal)
    {
        if (isInternal && !MayReadNotes(thing, caller))
        {
            throw HttpProblemException.Forbidden($"Work notes are written by those who work on the ticket.");
        }
    }

    /// <summary>The thing that gets what is said of this one now.</summary>
    /// <exception cref="RuleViolationException"><c>ticket.merged</c>: the caller can't see that one.</exception>
    public async Task<T> GoesOnAsync(T thing, Caller caller, AggregateStore<T> store, CancellationToken ct)
    {
        for (var steps = 0; _survivor(thing) is { } next; steps++)
        {
            var number = thing.Number;
            thing = steps < LongestChain && await store.FindAsync(next, ct) is { } goesOn && caller.Sees(goesOn.Readers) ? goesOn
                : throw new RuleViolationException("ticket.merged",
                    $"{number} was merged into another one that you can't see; ask those who work on it.");
        }

        return thing;
    }

    /// <summary>It and the others whose comments show here: those that still lead here and, where one of the two is restricted, may be read
    /// there by the caller.</summary>
    public async Task<IReadOnlyList<Guid>> ShownAsync(T thing, Caller caller, AggregateStore<T> store, CancellationToken ct)
    {
        var others = (await Task.WhenAll(_alsoOf(thing).Select(id => store.FindAsync(id, ct).AsTask()))).OfType<T>()
            .ToDictionary(other => other.Id);
        return [thing.Id, .. others.Values.Where(other =>
            LeadsHere(other)
                && (!(thing.IsRestricted || other.IsRestricted)
                    || caller.Sees(MayReadNotes(thing, caller) ? other.NoteReaders : other.Readers))).Select(other => other.Id)];

        bool LeadsHere(T other)
        {
            var next = _survivor(other);
            for (var steps = 0; next is { } id && id != thing.Id && steps < others.Count; steps++)
            {
                next = others.TryGetValue(id, out var between) ? _survivor(between) : null;
            }

            return next == thing.Id;
        }
    }
}
