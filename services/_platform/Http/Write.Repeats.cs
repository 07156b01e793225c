using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Microsoft.AspNetCore.Http;

namespace Itsm.Platform.Http;

/// <content>For routes that do much before they save: whether that was done before.</content>
public sealed partial class Write
{
    /// <summary>True where the key of this request came before, with whatever request.</summary>
    public async ValueTask<bool> IsKnownAsync<T>(AggregateStore<T> store, CancellationToken ct)
        where T : Aggregate => _key is not null && await store.FindOutcomeAsync(KeyOf(), ct) is not null;

    /// <summary>The answer that this request got before; null where it is new.</summary>
    /// <exception cref="HttpProblemException">422: the key came before with another request.</exception>
    public ValueTask<IResult?> AgainAsync<T>(AggregateStore<T> store, CancellationToken ct)
        where T : Aggregate => ReplayAsync(store, ct);

    private string KeyOf() => $"{Caller.Person:N}|{_key!.Key}";
}
