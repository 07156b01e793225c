using System.Text.Json;
using System.Text.Json.Serialization;
using Itsm.Contracts;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using MongoDB.Bson;

namespace Itsm.Platform.Http;

/// <summary>The history of any aggregate: who changed which field from what to what, when and why, and whether that record is
/// whole.</summary>
public static class HistoryRoutes
{
    private static readonly QueryParameter<long> Before =
        new("before", QueryValue.Whole(1), "The nextBefore of the page before: entries older than this one.");

    private static readonly QueryParameter<DateTimeOffset> At = new("at", QueryValue.Instant, "The instant.") { IsRequired = true };

    extension(IEndpointRouteBuilder routes)
    {
        /// <summary>Maps <c>{id}/history</c>, <c>{id}/history/verification</c>, and <c>{id}/history/as-of</c>.</summary>
        /// <param name="permission">What callers need.</param>
        /// <param name="noun">For people: <c>incident</c>.</param>
        /// <param name="name">For the names of the operations; that of the type where left out.</param>
        public void MapHistory<T>(Permission permission, string noun, string? name = null)
            where T : Aggregate
        {
            name ??= typeof(T).Name;
            routes.MapGet("{id}/history", HistoryAsync<T>).WithName($"List{name}History")
                .WithSummary($"Lists every change of the {noun}, newest first")
                .WithDescription("Of a list only what changed is told: a change for each "
                    + "element with its key or, where elements have none, what was removed and added. A list that was put into another "
                    + "order is told whole, as entries of earlier versions tell every list.")
                .Requires(permission).Takes(ListDefinition.Limit, Before)
                .Produces<Page>();
            routes.MapGet("{id}/history/verification", VerifyAsync<T>).WithName($"Verify{name}History")
                .WithSummary($"Checks the history of the {noun}: its chain, its sealed head, and the fields that it led to")
                .Requires(permission);
            routes.MapGet("{id}/history/as-of",
                (string id, Read read, AggregateStore<T> store, HttpRequest request, CancellationToken ct) =>
                    read.AsOfAsync(store, id, At.Of(request), ct))
                .WithName($"Get{name}AsOf").WithSummary($"Reads the {noun} as it was at an instant")
                .WithDescription("By its history: without the fields that this leaves out, which follow from others.")
                .Requires(permission).Takes(At).Produces<Past>();
        }
    }

    private static async Task<IResult> HistoryAsync<T>(
        string id, Read read, AggregateStore<T> store, HttpContext context, CancellationToken ct)
        where T : Aggregate
    {
        var limit = (int)ListDefinition.Limit.Of(context.Request);
        var found = await read.FindAsync(store, id, ct);
        RequireReader(found, read, store);
        var entries = await store.HistoryAsync(found, Before.TryRead(context.Request, out var before) ? before : null, limit + 1, ct);
        await JsonAnswer.SendAsync(context.Response, writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("items"u8);
            foreach (var entry in entries.Take(limit))
            {
                writer.WriteStartObject();
                Representation.WriteMembers(writer, WithoutNulls(entry).ToBson(), EntryFields);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            if (entries.Count > limit)
            {
                writer.WriteNumber("nextBefore"u8, entries[limit - 1]["entry"].AsInt64);
            }

            writer.WriteEndObject();
        }, 4096);
        return TypedResults.Empty;
    }

    /// <summary>As other answers leave nulls out; those in changes are values of fields.</summary>
    private static BsonDocument WithoutNulls(BsonDocument entry) =>
        new(entry.Where(member => !member.Value.IsBsonNull).Select(member =>
            member.Name is "by" or "onBehalfOf" ? new BsonElement(member.Name, WithoutNulls(member.Value.AsBsonDocument)) : member));

    /// <summary>What people wrote as their reasons is not for everybody who may see the thing.</summary>
    internal static void RequireReader<T>(Documents.StoredDocument found, Read read, AggregateStore<T> store)
        where T : Aggregate
    {
        if (!read.Caller.Sees(store.Definition.HistoryReaders(AggregateStore<T>.Load(found))))
        {
            throw HttpProblemException.Forbidden($"The history of this {store.Definition.Noun.AsWord} is for those who work on it.");
        }
    }

    private static async Task<Verification> VerifyAsync<T>(
        string id, Read read, AggregateStore<T> store, Histories<T> histories, CancellationToken ct)
        where T : Aggregate
    {
        var found = await read.FindAsync(store, id, ct);
        var (entries, broken, fault) = await histories.VerifyAsync(found, ct);
        if (fault != HistoryFault.Unreadable)
        {
            RequireReader(found, read, store);
        }

        return new Verification(fault is null, entries, broken, fault);
    }

    private static readonly HashSet<string> EntryFields =
    [
        "aggregate", "entry", "aggregateVersion", "at", "by", "onBehalfOf", "action", "reason", "request", "changes", "state", "previous",
        "hash",
    ];

    /// <summary>A thing as it was.</summary>
    /// <param name="Id">Identity.</param>
    /// <param name="Version">The version that it was in.</param>
    /// <param name="Fields">Those that histories tell of, by name.</param>
    public sealed record Past(Guid Id, long Version, IReadOnlyDictionary<string, BsonValue> Fields);

    /// <summary>A page of a history.</summary>
    /// <param name="Items">Newest first.</param>
    /// <param name="NextBefore">For the next page; null where this is the last.</param>
    public sealed record Page(IReadOnlyList<Entry> Items, long? NextBefore);

    /// <summary>What one save changed.</summary>
    /// <param name="Id">Identity of the entry.</param>
    /// <param name="Aggregate">Of what was changed.</param>
    /// <param name="Number">From 1 on; called <c>entry</c>.</param>
    /// <param name="AggregateVersion">The version that it led to.</param>
    /// <param name="At">When.</param>
    /// <param name="By">Who.</param>
    /// <param name="OnBehalfOf">For whom, where not for oneself.</param>
    /// <param name="Action">What they did: <c>create</c>, <c>update</c>, or the action.</param>
    /// <param name="Reason">Why, in their words.</param>
    /// <param name="Request">The bulk job that it was a part of.</param>
    /// <param name="Changes">By field.</param>
    /// <param name="State">SHA-256 over all fields after it, in Base64.</param>
    /// <param name="Previous">Hash of the entry before, in Base64; empty for the first.</param>
    /// <param name="Hash">SHA-256 of this entry, in Base64.</param>
    public sealed record Entry(
        Guid Id, Guid Aggregate, [property: JsonPropertyName("entry")] long Number, long AggregateVersion, DateTimeOffset At, Actor By,
        Actor? OnBehalfOf, string Action, string? Reason, Guid? Request, IReadOnlyList<FieldChange> Changes, string State, string Previous,
        string Hash);

    /// <summary>A change of a field, of one element of a list, or of the values of a list.</summary>
    /// <param name="Field">Its name; with a dot for a field of an object in which a list changed.</param>
    /// <param name="Key">Of the element, in a list of objects that have an id or a key; from and to are the element then.</param>
    /// <param name="From">The value before; null where there was none.</param>
    /// <param name="To">The value after; null where there is none.</param>
    /// <param name="Removed">In other lists in the place of from and to: what is not there any more.</param>
    /// <param name="Added">The same: what was not there before.</param>
    public sealed record FieldChange(
        string Field, JsonElement? Key = null, JsonElement? From = null, JsonElement? To = null, IReadOnlyList<JsonElement>? Removed = null,
        IReadOnlyList<JsonElement>? Added = null);

    /// <summary>The result of checking a history.</summary>
    /// <param name="Valid">True where every entry is as it was written, the head is the one that was sealed, and the fields are those that
    /// the last entry left.</param>
    /// <param name="Entries">How many there are.</param>
    /// <param name="FirstBroken">The first that is missing or was altered.</param>
    /// <param name="Fault">What is wrong; null where nothing is.</param>
    public sealed record Verification(bool Valid, long Entries, long? FirstBroken, HistoryFault? Fault);
}
