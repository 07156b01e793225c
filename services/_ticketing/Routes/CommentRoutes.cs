using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using MongoDB.Bson;

namespace Itsm.Ticketing.Routes;

/// <summary>Public comments and internal work notes.</summary>
public static class CommentRoutes
{
    private const int LongestChain = 100;
    private static readonly ListDefinition Lists = new()
    {
        Filters = [Filter.Flag("internal"), Filter.Person("author")], Sorts = ["at"], DefaultSort = "at", Expandable = ["author"],
    };

    /// <summary>A new comment.</summary>
    /// <example>{ "text": "It is the printer on the second floor.", "internal": false }</example>
    public sealed record Request
    {
        /// <summary>The text.</summary>
        [Required, StringLength(32_000, MinimumLength = 1)]
        public required string Text { get; init; }

        /// <summary>True for a work note, which the requester does not see.</summary>
        public bool Internal { get; init; }

        /// <summary>False to let a resolved ticket stay so: the requester's comment reopens it otherwise.</summary>
        public bool? Reopens { get; init; }
    }

    extension(IEndpointRouteBuilder tickets)
    {
        /// <summary>Maps <c>{id}/comments</c> for things of this type.</summary>
        /// <param name="names">What the kind is called.</param>
        /// <param name="read">To read public comments.</param>
        /// <param name="write">To write public comments.</param>
        /// <param name="notes">To read and write work notes, beside being one of the thing's note readers.</param>
        /// <param name="alsoOf">Others whose comments show here too, such as those merged into it; none where left out.</param>
        /// <param name="survivor">The other that goes on instead of this one, and gets its comments; null where it goes on itself.</param>
        public void MapComments<T>(
            KindNames names, Permission read, Permission write, Permission notes, Func<T, IEnumerable<Guid>>? alsoOf = null,
            Func<T, Guid?>? survivor = null)
            where T : Aggregate, ICommentable
        {
            alsoOf ??= _ => [];
            survivor ??= _ => null;
            tickets.MapGet("{id}/comments",
                (string id, ListQuery list, Read reading, AggregateStore<T> store, AggregateStore<Comment<T>> comments,
                    CancellationToken ct) =>
                    ListAsync(id, list, reading, store, comments, notes, alsoOf, survivor, ct))
                .WithName($"List{typeof(T).Name}Comments")
                .WithSummary("Lists the comments, and the work notes for those who may read them")
                .Requires(read).Lists<Comment<T>>(Lists);
            tickets.MapGet("{id}/comments/{comment}",
                (string id, string comment, Read reading, AggregateStore<T> store, AggregateStore<Comment<T>> comments,
                    CancellationToken ct) =>
                    GetAsync(id, comment, reading, store, comments, notes, alsoOf, survivor, ct))
                .WithName($"Get{typeof(T).Name}Comment").WithSummary("Reads a comment").Requires(read).Reads<Comment<T>>(Lists);
            tickets.MapPost("{id}/comments",
                (string id, Request request, Write writing, Read reading, AggregateStore<T> store,
                    AggregateStore<Comment<T>> comments, CancellationToken ct) =>
                    WriteAsync(id, names, request, writing, reading, store, comments, notes, survivor, ct))
                .WithName($"CommentOn{typeof(T).Name}").WithSummary("Writes a comment, or a work note")
                .Requires(write).Produces<Comment<T>>(StatusCodes.Status201Created);
        }
    }

    private static async Task<IResult> ListAsync<T>(
        string id, ListQuery list, Read reading, AggregateStore<T> store, AggregateStore<Comment<T>> comments, Permission notes,
        Func<T, IEnumerable<Guid>> alsoOf, Func<T, Guid?> survivor, CancellationToken ct)
        where T : Aggregate, ICommentable
    {
        var ticket = AggregateStore<T>.Load(await reading.FindAsync(store, id, ct));
        List<Condition> where = [Condition.In("ticket",
            [.. (await AlsoOfAsync(ticket, list.Caller, store, notes, alsoOf, survivor, ct)).Prepend(ticket.Id)
                .Select(of => BsonMapping.Value(of))])];
        if (!MayReadNotes(ticket, list.Caller, notes))
        {
            where.Add(Condition.In("internal", BsonBoolean.False));
        }

        return await list.PageAsync(comments, Lists, ct, where);
    }

    private static async Task<IResult> GetAsync<T>(
        string id, string comment, Read reading, AggregateStore<T> store, AggregateStore<Comment<T>> comments, Permission notes,
        Func<T, IEnumerable<Guid>> alsoOf, Func<T, Guid?> survivor, CancellationToken ct)
        where T : Aggregate, ICommentable
    {
        var ticket = AggregateStore<T>.Load(await reading.FindAsync(store, id, ct));
        var found = AggregateStore<Comment<T>>.Load(await reading.FindAsync(comments, comment, ct));
        return (await AlsoOfAsync(ticket, reading.Caller, store, notes, alsoOf, survivor, ct)).Append(ticket.Id).Contains(found.Ticket)
            && (!found.Internal || MayReadNotes(ticket, reading.Caller, notes))
            ? await reading.OneAsync(comments, comment, ct)
            : throw HttpProblemException.NotFound("comment", comment);
    }

    private static async Task<IResult> WriteAsync<T>(
        string id, KindNames names, Request request, Write writing, Read reading, AggregateStore<T> store,
        AggregateStore<Comment<T>> comments, Permission notes, Func<T, Guid?> survivor, CancellationToken ct)
        where T : Aggregate, ICommentable
    {
        var ticket = AggregateStore<T>.Load(await reading.FindAsync(store, id, ct));
        for (var steps = 0; survivor(ticket) is { } next; steps++)
        {
            var number = ticket.Number;
            ticket = steps < LongestChain && await store.FindAsync(next, ct) is { } goesOn && writing.Caller.Sees(goesOn.Readers) ? goesOn
                : throw new RuleViolationException("ticket.merged",
                    $"{number} was merged into another one that you can't see; ask those who work on it.");
        }

        if (request.Internal && !MayReadNotes(ticket, writing.Caller, notes))
        {
            throw new HttpProblemException(Problems.Create(403, "permission-missing", "Permission missing",
                "Work notes are written by those who work on the ticket."));
        }

        return await writing.CreateAsync(comments, audit =>
        {
            ticket.RequireOpenForComments();
            return ValueTask.FromResult(Comment<T>.Write(ticket, names.Kind, request.Internal, request.Text, request.Reopens,
                MayReadNotes(ticket, writing.Caller, notes), writing.Caller, audit.At));
        }, ct, comment => $"/api/v1/{names.Plural}/{comment.Ticket}/comments/{comment.Id}");
    }

    /// <summary>The others whose comments show here: those that still lead here and, where one of the two is restricted, may be read there
    /// by the caller.</summary>
    private static async Task<IReadOnlyList<Guid>> AlsoOfAsync<T>(
        T ticket, Caller caller, AggregateStore<T> store, Permission notes, Func<T, IEnumerable<Guid>> alsoOf,
        Func<T, Guid?> survivor, CancellationToken ct)
        where T : Aggregate, ICommentable
    {
        var others = (await Task.WhenAll(alsoOf(ticket).Select(id => store.FindAsync(id, ct).AsTask()))).OfType<T>()
            .ToDictionary(other => other.Id);
        return [.. others.Values.Where(other =>
            LeadsHere(other)
                && (!(ticket.IsRestricted || other.IsRestricted)
                    || caller.Sees(MayReadNotes(ticket, caller, notes) ? other.NoteReaders : other.Readers))).Select(other => other.Id)];

        bool LeadsHere(T other)
        {
            var next = survivor(other);
            for (var steps = 0; next is { } id && id != ticket.Id && steps < others.Count; steps++)
            {
                next = others.TryGetValue(id, out var between) ? survivor(between) : null;
            }

            return next == ticket.Id;
        }
    }

    private static bool MayReadNotes(ICommentable thing, Caller caller, Permission notes) =>
        caller.May(notes.Name) && caller.Sees(thing.NoteReaders);
}
