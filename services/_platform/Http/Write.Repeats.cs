using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Microsoft.AspNetCore.Http;

namespace Itsm.Platform.Http;

/// <content>Requests that come again with their idempotency key.</content>
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

    // part: what was done, where the answer has a part that not all see who see the whole.
    private async ValueTask<IResult?> ReplayAsync<T>(AggregateStore<T> store, CancellationToken ct, string? part = null)
        where T : Aggregate =>
        _key is null || await store.FindOutcomeAsync(KeyOf(), ct) is not { } found ? null
            : !Read.IsVisible(found.Document, Caller)
                ? throw HttpProblemException.NotFound(store.Definition.Noun, found.Document.Id.ToString())
            : part is not null && store.Definition.WhyNot(AggregateStore<T>.Load(found.Document), Caller, part) is { } why
                ? throw HttpProblemException.Forbidden(why)
            : Again(found.Kept);

    /// <summary>The answer that was given.</summary>
    private WrittenAnswer Again(KeptOutcome kept)
    {
        if (!kept.Request.AsSpan().SequenceEqual(_key!.Request))
        {
            throw new HttpProblemException(Problems.Create(422, "idempotency-key-reused", $"Idempotency key reused",
                $"The key {_key.Key} came before with another request."));
        }

        return new WrittenAnswer(kept.Status, kept.Location, kept.Tag, kept.Decompress(), Replayed: true);
    }
}
