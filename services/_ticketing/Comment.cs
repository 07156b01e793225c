using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using MongoDB.Bson;
using MongoDB.Bson.Serialization.Attributes;

namespace Itsm.Ticketing;

/// <summary>Something that people write comments and work notes on: a ticket, an article, an asset.</summary>
public interface ICommentable
{
    /// <summary>Identity.</summary>
    Guid Id { get; }

    /// <summary>Its human name, for sentences and messages.</summary>
    string Number { get; }

    /// <summary>Tokens of those who may read it, and its public comments.</summary>
    IReadOnlyList<string> Readers { get; }

    /// <summary>Tokens of those who may read its work notes.</summary>
    IReadOnlyList<string> NoteReaders { get; }

    /// <summary>True where others than its readers must not learn of it from things that it is connected with.</summary>
    bool IsRestricted => false;

    /// <summary>The instant of a comment that is written by who has seen it as it is: after its last change, also where the clock of who
    /// writes is a little behind.</summary>
    DateTimeOffset After(DateTimeOffset at) => at;

    /// <summary>Refuses where nothing may be written any more.</summary>
    /// <exception cref="RuleViolationException">Nothing may be written.</exception>
    void RequireOpenForComments();
}

/// <summary>A public comment or an internal work note. A document of its own, so that writing one never conflicts with an edit of what it
/// is on. Who may read it follows from that at the time of reading.</summary>
public sealed class Comment<T> : Aggregate
    where T : Aggregate, ICommentable
{
    /// <summary>What it is on.</summary>
    public required Guid Ticket { get; init; }

    /// <summary>The kind of what it is on: <c>incident</c>.</summary>
    [Hidden]
    public required string Kind { get; init; }

    /// <summary>True for a work note.</summary>
    public required bool Internal { get; init; }

    /// <summary>The text.</summary>
    [Markdown]
    public required string Text { get; init; }

    /// <summary>Who wrote it.</summary>
    public required Guid Author { get; init; }

    /// <summary>Their name then.</summary>
    public required string AuthorName { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>False where the requester says with it that a resolved ticket stays so.</summary>
    public bool? Reopens { get; init; }

    /// <summary>True where the author worked on it.</summary>
    [Hidden]
    public bool? FromWorker { get; init; }

    /// <summary>The people whom it speaks to, of those who may read it; null for nobody.</summary>
    [AtMost(Mentions.Most)]
    public IReadOnlyList<Guid>? Mentioned { get; init; }

    /// <summary>What it is on, as it was when this was written; null for a comment that was loaded.</summary>
    [BsonIgnore]
    private T? About { get; init; }

    /// <summary>The version of that when this was written; null for what a change itself brought along, too.</summary>
    [BsonIgnore]
    private long? AboutVersion { get; init; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<Comment<T>> Definition { get; } = new("comments", null,
        new IndexDefinition("ticket", "internal", "at")
        {
            Domains = new Dictionary<string, IReadOnlyList<BsonValue>> { ["internal"] = [false, true] },
            Serves = "comments of a ticket",
        },
        new IndexDefinition("author", "at"),
        new IndexDefinition("ticket") { Serves = "replays" })
    {
        Noun = "comment",
    };

    /// <summary>A new comment.</summary>
    public static Comment<T> Write(T thing, string kind, bool @internal, string text, bool? reopens, bool fromWorker,
        IReadOnlyList<Guid>? mentioned, Caller author, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now), About = thing, AboutVersion = thing.Version, Ticket = thing.Id, Kind = kind, Internal = @internal,
        Text = text, Reopens = reopens, FromWorker = fromWorker, Mentioned = mentioned, Author = author.Person, AuthorName = author.Name,
        At = thing.After(now), Readers = [ReaderToken.Everyone],
    };

    /// <summary>The comment that a change of what it is on brought along.</summary>
    /// <exception cref="InvalidOperationException">It has no author.</exception>
    public static Comment<T> Of(TicketCommentRequested request, T thing) => new()
    {
        Id = request.CommentId, About = thing, Ticket = request.Ticket, Kind = request.Kind, Internal = request.Internal,
        Text = request.Text, FromWorker = true, AuthorName = request.By.Name, At = request.At,
        Author = request.By.Person ?? throw new InvalidOperationException(
            $"Comment {request.CommentId} is asked for by {request.By.Name}, which is no person: comments have an author."),
        Readers = [ReaderToken.Everyone],
    };

    /// <inheritdoc/>
    protected override void OnSaving(AuditContext audit, IReadOnlyList<string> changed) => Raise(Snapshot());

    /// <summary>The message of this version.</summary>
    public TicketCommented Snapshot() => new()
    {
        Id = Id, Version = Version, Kind = Kind, Ticket = Ticket, Internal = Internal, Text = Text, By = new(Author, AuthorName), At = At,
        Reopens = Reopens, FromWorker = FromWorker, Mentioned = Mentioned, Number = About?.Number, TicketVersion = AboutVersion,
        Readers = Internal ? About?.NoteReaders : About?.Readers,
    };
}
