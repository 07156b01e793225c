using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using MongoDB.Bson;
using MongoDB.Bson.Serialization.Attributes;

namespace Itsm.Ticketing;

/// <summary>A public comment or an internal work note on a ticket. A document of its own, so that writing one never conflicts with an
/// edit of the ticket. Who may read it follows from the ticket at the time of reading.</summary>
public sealed class Comment<TTicket> : Aggregate
    where TTicket : Ticket
{
    /// <summary>The ticket.</summary>
    public required Guid Ticket { get; init; }

    /// <summary>The ticket's process: <c>incident</c>.</summary>
    [Hidden]
    public required string Kind { get; init; }

    /// <summary>True for a work note.</summary>
    public required bool Internal { get; init; }

    /// <summary>The text.</summary>
    public required string Text { get; init; }

    /// <summary>Who wrote it.</summary>
    public required Guid Author { get; init; }

    /// <summary>Their name then.</summary>
    public required string AuthorName { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>False where the requester says with it that a resolved ticket stays so.</summary>
    public bool? Reopens { get; init; }

    /// <summary>True where the author worked on the ticket.</summary>
    [Hidden]
    public bool? FromWorker { get; init; }

    /// <summary>The ticket as it was when this was written; null for a comment that was loaded.</summary>
    [BsonIgnore]
    private TTicket? About { get; init; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<Comment<TTicket>> Definition { get; } = new("comments", null,
        new IndexDefinition("readers", "ticket", "internal", "at")
        {
            Domains = new Dictionary<string, IReadOnlyList<BsonValue>> { ["internal"] = [false, true] },
        },
        new IndexDefinition("author", "at"),
        new IndexDefinition("ticket"))
    {
        Noun = "comment",
    };

    /// <summary>A new comment.</summary>
    public static Comment<TTicket> Write(TTicket ticket, string kind, bool @internal, string text, bool? reopens, bool fromWorker,
        Caller author, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now), About = ticket, Ticket = ticket.Id, Kind = kind, Internal = @internal, Text = text,
        Reopens = reopens, FromWorker = fromWorker, Author = author.Person, AuthorName = author.Name, At = now,
        Readers = [ReaderToken.Everyone],
    };

    /// <summary>The comment that a change of its ticket brought along.</summary>
    public static Comment<TTicket> Of(TicketCommentRequested request, TTicket ticket) => new()
    {
        Id = request.CommentId, About = ticket, Ticket = request.Ticket, Kind = request.Kind, Internal = request.Internal,
        Text = request.Text, FromWorker = true, Author = request.By.Person!.Value, AuthorName = request.By.Name, At = request.At,
        Readers = [ReaderToken.Everyone],
    };

    /// <inheritdoc/>
    protected override void OnSaving(AuditContext audit, IReadOnlyList<string> changed) => Raise(Snapshot());

    /// <summary>The message of this version.</summary>
    public TicketCommented Snapshot() => new()
    {
        Id = Id, Version = Version, Kind = Kind, Ticket = Ticket, Internal = Internal, Text = Text, By = new(Author, AuthorName), At = At,
        Reopens = Reopens, FromWorker = FromWorker, Number = About?.Number, Readers = Internal ? About?.NoteReaders : About?.Readers,
    };
}
