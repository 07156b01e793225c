using System.Reflection;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Http;
using MongoDB.Bson;

namespace Itsm.Platform.Http;

/// <summary>A request that reads one thing: who asks, and which fields.</summary>
public sealed class Read
{
    private readonly HttpContext _context;

    private Read(HttpContext context) => (_context, Caller) = (context, Caller.Of(context));

    /// <summary>Who asks.</summary>
    public Caller Caller { get; }

    /// <summary>The read of this request.</summary>
    public static ValueTask<Read?> BindAsync(HttpContext context, ParameterInfo parameter) =>
        ValueTask.FromResult<Read?>(new Read(context));

    /// <summary>The visible document with this id or human name.</summary>
    /// <exception cref="HttpProblemException">404 where it is not there or the caller may not see it.</exception>
    public async ValueTask<StoredDocument> FindAsync<T>(IRecords<T> store, string idOrName, CancellationToken ct)
        where T : Record =>
        await store.FindDocumentAsync(idOrName, ct) is { } found && IsVisible(found, Caller)
            ? found
            : throw HttpProblemException.NotFound(store.Definition.Noun, idOrName);

    /// <summary>Answers with the document: ETag, 304 where the caller has it already, <c>fields</c>, and its actions: which are open
    /// to this caller, and why the others are not.</summary>
    public Task<IResult> OneAsync<T>(AggregateStore<T> store, string idOrName, CancellationToken ct)
        where T : Aggregate =>
            OneAsync(store, idOrName,
                (writer, found) => Actions.Write(writer, TryLoad<T>(found), store.Definition, Caller, _context.Language),
                AggregateDefinition<T>.HasActions, ct);

    /// <summary>As the other overload, of what has no actions.</summary>
    public Task<IResult> OneAsync<T>(Projection<T> store, string idOrName, CancellationToken ct)
        where T : Record => OneAsync(store, idOrName, null, hasActions: false, ct);

    /// <summary>Answers with a part of a visible thing, and the thing's ETag.</summary>
    public async Task<IResult> PartAsync<T>(AggregateStore<T> store, string idOrName, Func<T, ValueTask<object>> part, CancellationToken ct)
        where T : Aggregate
    {
        var found = await FindAsync(store, idOrName, ct);
        var value = await part(AggregateStore<T>.Load(found));
        _context.Response.Headers.ETag = ETag.Of(found.Version);
        return TypedResults.Ok(value);
    }

    /// <summary>Answers with the audited fields of a visible thing as they were at an instant.</summary>
    /// <exception cref="HttpProblemException">404 also where it was not there yet; 403 where its history is not for the caller.</exception>
    internal async Task<IResult> AsOfAsync<T>(AggregateStore<T> store, string idOrName, DateTimeOffset at, CancellationToken ct)
        where T : Aggregate
    {
        var found = await FindAsync(store, idOrName, ct);
        HistoryRoutes.RequireReader(found, this, store);
        var then = await store.AsOfAsync(found, at, ct) ?? throw HttpProblemException.NotFound(store.Definition.Noun, idOrName);
        await JsonAnswer.SendAsync(_context.Response, writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, found.Id);
            writer.WriteNumber("version"u8, then.Version);
            writer.WriteStartObject("fields"u8);
            Representation.WriteMembers(writer, then.State.ToBson(), store.Definition.Fields.Except(["id", "version"]).ToHashSet());
            writer.WriteEndObject();
            writer.WriteEndObject();
        }, found.Body.Length * 2);
        return TypedResults.Empty;
    }

    private static T? TryLoad<T>(StoredDocument document)
        where T : Aggregate
    {
        try
        {
            return LeanAggregate<T>.Load(document);
        }
        catch (NewerVersionException)
        {
            return null;
        }
    }

    private async Task<IResult> OneAsync<T>(
        IRecords<T> store, string idOrName, Action<System.Text.Json.Utf8JsonWriter, StoredDocument>? writeActions, bool hasActions,
        CancellationToken ct)
        where T : Record
    {
        var fields = FieldSelection<T>.OfOne.Of(_context.Request)?.ToHashSet();
        var found = await FindAsync(store, idOrName, ct);
        var visible = store.Definition.Shown(Caller, found.Id);
        var (annex, showsActions) = (store.AnnexWriter, Shows("actions"));
        var expanded = visible is null ? await ExpandAsync(found, ct) : null;
        var speaks = (showsActions && hasActions) || Spoken<T>.Fields.Any(Shows);
        if (speaks)
        {
            _context.TellLanguage();
        }

        var tag = ETag.Of(found.Version, annex is { } shown && Shows(shown.Name) ? shown.TagOf(found) : null,
            (showsActions && hasActions) || visible is not null ? Caller.Fingerprint : null, expanded,
            speaks && !_context.Language.IsEnglish ? _context.Language.Tag : null);
        _context.Response.Headers.ETag = tag;
        if (ETag.IsAmong(_context.Request.Headers.IfNoneMatch, tag))
        {
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        }

        await JsonAnswer.SendAsync(_context.Response, writer =>
        {
            writer.WriteStartObject();
            var chosen = store.Definition.Choose(fields, visible);
            Representation.WriteMembers(writer, found.Body.Span, chosen, annex, _context.Language);
            Markdowns<T>.Write(_context.Request, writer, found.Body.Span, chosen);
            if (showsActions)
            {
                writeActions?.Invoke(writer, found);
            }

            if (expanded is not null)
            {
                writer.WritePropertyName(Expansion.Member);
                writer.WriteRawValue(expanded, skipInputValidation: true);
            }

            writer.WriteEndObject();
        }, found.Body.Length * 2);
        return TypedResults.Empty;

        bool Shows(string field) => fields is null || fields.Contains(field);
    }

    /// <summary>The member <c>expanded</c> as JSON; null where it is not asked for.</summary>
    private async Task<byte[]?> ExpandAsync(StoredDocument found, CancellationToken ct)
    {
        if (_context.GetEndpoint()?.Metadata.GetMetadata<QueryParameters>()?.Expands is not { } definition
            || !definition.Expand.TryRead(_context.Request, out var fields))
        {
            return null;
        }

        var expansion = await Expansion.FindAsync([found], fields, definition, _context, ct);
        return JsonAnswer.ToBytes(writer => expansion.Write(writer, found.Body.Span));
    }

    /// <summary>True where the caller may see the document.</summary>
    internal static bool IsVisible(StoredDocument document, Caller caller)
    {
        if (!RawBson.TryFind(document.Body.Span, "readers"u8, out var readers) || readers.Type != BsonType.Array)
        {
            return false;
        }

        foreach (var reader in new RawBson(readers.Value))
        {
            foreach (var token in caller.Utf8Tokens)
            {
                if (reader.Utf8.SequenceEqual(token))
                {
                    return true;
                }
            }
        }

        return false;
    }
}

/// <summary>What records of a type have in words that depend on the language.</summary>
internal static class Spoken<T>
{
    /// <summary>Names of the fields.</summary>
    public static IReadOnlyList<string> Fields { get; } = [.. typeof(T).GetProperties()
        .Where(property => property.PropertyType.IsSubclassOf(typeof(StoredSentence)))
        .Select(property => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(property.Name))];
}

/// <summary>The member <c>actions</c> of a single read.</summary>
internal static class Actions
{
    /// <param name="writer">Stands inside an object.</param>
    /// <param name="aggregate">Null where this version can't read it, and so does nothing to it.</param>
    /// <param name="definition">How it is stored.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="language">In which reasons are written.</param>
    public static void Write<T>(System.Text.Json.Utf8JsonWriter writer, T? aggregate, AggregateDefinition<T> definition, Caller caller,
        Language language)
        where T : Aggregate
    {
        writer.WriteStartArray("actions");
        foreach (var action in aggregate?.Actions(caller) ?? [])
        {
            var closed = action.Closed
                ?? (caller.May(action.Permission) ? null : (Sentence)$"This needs the permission {action.Permission}.")
                ?? definition.WhyNot(aggregate!, caller, action.Name);
            writer.WriteStartObject();
            writer.WriteString("name", action.Name);
            writer.WriteBoolean("open", closed is null);
            if (closed is not null)
            {
                closed.In(language).Write(writer, "reason");
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
