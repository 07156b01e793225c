using System.Reflection;
using System.Text.Json;
using Itsm.Platform.Access;
using Itsm.Platform.Documents;
using Itsm.Platform.Values;

namespace Itsm.Platform.Aggregates;

/// <summary>What is the same for aggregates of all types.</summary>
public abstract class AggregateDefinition : RecordDefinition
{
    private protected AggregateDefinition(Type type, string? nameField)
        : base(type, nameField)
    {
    }

    /// <summary>Finds the document that holds an idempotency key.</summary>
    internal const string KeyField = Envelope.Element + ".keys.key";

    /// <summary>Finds the documents that wait for the relay.</summary>
    internal const string SinceField = Envelope.Element + ".since";

    /// <summary>How long the outcome of a request with an idempotency key is remembered.</summary>
    internal static readonly TimeSpan KeysKept = TimeSpan.FromHours(24);
}

/// <summary>How aggregates of one type are stored: collection, indexes, human name.</summary>
public sealed class AggregateDefinition<T> : AggregateDefinition
    where T : Aggregate
{
    /// <summary>A definition with the platform's own indexes added.</summary>
    /// <param name="collection">The collection's name, plural.</param>
    /// <param name="nameField">The field with the human name that works as an id (unique), or null.</param>
    /// <param name="indexes">The declared indexes of the service.</param>
    public AggregateDefinition(string collection, string? nameField, params IReadOnlyList<IndexDefinition> indexes)
        : base(typeof(T), nameField)
    {
        List<IndexDefinition> all =
        [
            .. indexes,
            new(KeyField) { Unique = true, Serves = "repeated requests" },
            new(SinceField) { Sparse = true, Serves = "the sweep of the relay" },
        ];
        if (nameField is not null)
        {
            all.Add(new(nameField) { Unique = true, Serves = "human names" });
        }

        Collection = new CollectionDefinition(collection, all) { Annex = AnnexName, Tested = Readers };
        History = new CollectionDefinition(collection + "-history", new IndexDefinition("aggregate", "entry") { Serves = "histories" });
    }

    /// <summary>Name of the element that others keep beside the document; null for none.</summary>
    internal static string? AnnexName { get; } =
        typeof(T).GetProperties().SingleOrDefault(property => property.IsDefined(typeof(AnnexAttribute)))?.Name is { } annex
            ? JsonNamingPolicy.CamelCase.ConvertName(annex)
            : null;

    /// <summary>False where it has no actions, whatever its state.</summary>
    internal static bool HasActions { get; } =
        typeof(T).GetMethod(nameof(Aggregate.Actions), BindingFlags.Instance | BindingFlags.NonPublic)!.DeclaringType != typeof(Aggregate);

    /// <inheritdoc/>
    public override CollectionDefinition Collection { get; }

    /// <summary>The audit entries' collection.</summary>
    public CollectionDefinition History { get; }

    /// <summary>False for what only follows from what others published: no audit entry says who changed it.</summary>
    public bool HasHistory { get; init; } = true;

    /// <summary>True for what is read far more often than it changes: <see cref="AggregateStore{T}.RecallAsync"/> remembers it.</summary>
    public bool IsRecalled { get; init; }

    /// <summary>How callers get the annex; null where there is none.</summary>
    public AnnexFormat? AnnexFormat { get; init; }

    /// <summary>Why this caller may not do this action to it, whatever its state and their permissions; null where they may. Asked of every
    /// change that a request makes, and shown by a single read.</summary>
    public Func<T, Caller, string, Sentence?> WhyNot { get; init; } = (_, _, _) => null;

    /// <summary>Who may read its history, beside the permission: reader tokens; those who may see it where left out.</summary>
    public Func<T, IReadOnlyList<string>> HistoryReaders { get; init; } = aggregate => aggregate.Readers;
}
