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
    private static readonly ListDefinition Lists = new()
    {
        Filters = [Filter.Flag("internal"), Filter.Person("author")], Sorts = ["at"], DefaultSort = "at", Expandable = ["author"],
    };

    /// <summary>A new comment.</summary>
    /// <example>{ "text": "It is the printer on the second floor.", "internal": false }</example>
    public sealed record Request
    {
        /// <summary>The text, in Markdown; <c>@user-name</c> speaks to somebody who may read it.</summary>
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
            var discussion = new Discussion<T>(names, notes, alsoOf, survivor);
            tickets.MapGet("{id}/comments",
                (string id, ListQuery list, Read reading, AggregateStore<T> store, AggregateStore<Comment<T>> comments,
                    CancellationToken ct) => ListAsync(id, list, reading, store, comments, discussion, ct))
                .WithName($"List{typeof(T).Name}Comments")
                .WithSummary("Lists the comments, and the work notes for those who may read them")
                .Requires(read).Lists<Comment<T>>(Lists);
            tickets.MapGet("{id}/comments/{comment}",
                (string id, string comment, Read reading, AggregateStore<T> store, AggregateStore<Comment<T>> comments,
                    CancellationToken ct) => GetAsync(id, comment, reading, store, comments, discussion, ct))
                .WithName($"Get{typeof(T).Name}Comment").WithSummary("Reads a comment").Requires(read).Reads<Comment<T>>(Lists);
            tickets.MapPost("{id}/comments",
                (string id, Request request, Write writing, Read reading, AggregateStore<T> store,
                    AggregateStore<Comment<T>> comments, People people, CancellationToken ct) =>
                    WriteAsync(id, request, writing, reading, store, comments, people, discussion, ct))
                .WithName($"CommentOn{typeof(T).Name}").WithSummary("Writes a comment, or a work note")
                .Requires(write).Produces<Comment<T>>(StatusCodes.Status201Created);
        }
    }

    private static async Task<IResult> ListAsync<T>(
        string id, ListQuery list, Read reading, AggregateStore<T> store, AggregateStore<Comment<T>> comments, Discussion<T> discussion,
        CancellationToken ct)
        where T : Aggregate, ICommentable
    {
        var ticket = AggregateStore<T>.Load(await reading.FindAsync(store, id, ct));
        List<Condition> where = [Condition.In("ticket",
            [.. (await discussion.ShownAsync(ticket, list.Caller, store, ct)).Select(of => BsonMapping.Value(of))])];
        if (!discussion.MayReadNotes(ticket, list.Caller))
        {
            where.Add(Condition.In("internal", BsonBoolean.False));
        }

        return await list.PageAsync(comments, Lists, ct, where);
    }

    private static async Task<IResult> GetAsync<T>(
        string id, string comment, Read reading, AggregateStore<T> store, AggregateStore<Comment<T>> comments, Discussion<T> discussion,
        CancellationToken ct)
        where T : Aggregate, ICommentable
    {
        var ticket = AggregateStore<T>.Load(await reading.FindAsync(store, id, ct));
        var found = AggregateStore<Comment<T>>.Load(await reading.FindAsync(comments, comment, ct));
        return (await discussion.ShownAsync(ticket, reading.Caller, store, ct)).Contains(found.Ticket)
            && (!found.Internal || discussion.MayReadNotes(ticket, reading.Caller))
            ? await reading.OneAsync(comments, comment, ct)
            : throw HttpProblemException.NotFound("comment", comment);
    }

    private static async Task<IResult> WriteAsync<T>(
        string id, Request request, Write writing, Read reading, AggregateStore<T> store, AggregateStore<Comment<T>> comments,
        People people, Discussion<T> discussion, CancellationToken ct)
        where T : Aggregate, ICommentable
    {
        var ticket = await discussion.GoesOnAsync(
            AggregateStore<T>.Load(await reading.FindAsync(store, id, ct)), writing.Caller, store, ct);
        discussion.RequireNotes(ticket, writing.Caller, request.Internal);
        return await writing.CreateAsync(comments, async audit =>
        {
            ticket.RequireOpenForComments();
            var mentioned = await Mentions.FindAsync(request.Text, people, reader =>
                request.Internal ? discussion.MayReadNotes(ticket, reader) : reader.Sees(ticket.Readers), ct);
            return Comment<T>.Write(ticket, discussion.Names.Kind, request.Internal, request.Text, request.Reopens,
                discussion.MayReadNotes(ticket, writing.Caller), mentioned, writing.Caller, audit.At);
        }, ct, comment => $"/api/v1/{discussion.Names.Plural}/{comment.Ticket}/comments/{comment.Id}");
    }
}
