using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Microsoft.Extensions.DependencyInjection;
using MongoDB.Bson;

namespace Itsm.Platform.Http;

/// <summary>Explains to <c>expand</c> the ids, or the texts, in a field that stand for no person or group; declared by whoever owns the
/// field.</summary>
public sealed class Expander
{
    private readonly Func<BsonValue, Caller, IServiceProvider, CancellationToken, ValueTask<object?>> _find;

    private Expander(
        string field, Type explanation, Func<BsonValue, Caller, IServiceProvider, CancellationToken, ValueTask<object?>> find) =>
        (Field, Explanation, _find) = (field, explanation, find);

    /// <summary>The field with the id or text.</summary>
    public string Field { get; }

    /// <summary>What an answer has of what it stands for.</summary>
    internal Type Explanation { get; }

    /// <summary>Of a field whose things everybody may see.</summary>
    /// <param name="field">The field.</param>
    /// <param name="find">What an answer has of the thing with this id; null where there is none.</param>
    public static Expander Of<T>(string field, Func<Guid, IServiceProvider, CancellationToken, ValueTask<T?>> find)
        where T : class =>
        new(field, typeof(T), async (id, _, services, ct) => await find(id.AsGuid, services, ct));

    /// <summary>Of a field with texts that name things.</summary>
    /// <param name="field">The field.</param>
    /// <param name="find">What an answer has of the thing of this name; null where there is none that the caller may see.</param>
    public static Expander Named<T>(string field, Func<string, Caller, IServiceProvider, CancellationToken, ValueTask<T?>> find)
        where T : class =>
        new(field, typeof(T), async (name, caller, services, ct) => await find(name.AsString, caller, services, ct));

    /// <summary>Of a field with things of this service: those that the caller may see.</summary>
    /// <typeparam name="T">What they are.</typeparam>
    /// <typeparam name="TPart">Some of their members, as they are stored.</typeparam>
    /// <param name="field">The field.</param>
    public static Expander Thing<T, TPart>(string field)
        where T : Aggregate
        where TPart : class =>
        new(field, typeof(TPart), async (id, caller, services, ct) =>
            await services.GetRequiredService<AggregateStore<T>>().Documents.FindAsync(id.AsGuid, ct) is { } found
                && Read.IsVisible(found, caller)
                ? BsonMapping.FromBytes<TPart>(found.Body)
                : null);

    internal ValueTask<object?> FindAsync(BsonValue value, Caller caller, IServiceProvider services, CancellationToken ct) =>
        _find(value, caller, services, ct);
}
