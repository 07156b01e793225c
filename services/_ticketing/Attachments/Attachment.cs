using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Values;
using MongoDB.Bson;
using MongoDB.Bson.Serialization.Attributes;

namespace Itsm.Ticketing.Attachments;

/// <summary>Where an attachment stands.</summary>
public enum AttachmentState
{
    /// <summary>Not all of it has come yet; only who sends it sees it.</summary>
    Receiving,

    /// <summary>It can be read.</summary>
    Available,

    /// <summary>Its content is gone.</summary>
    Removed,
}

/// <summary>Whether somebody looked for malware in it.</summary>
public enum AttachmentScan
{
    /// <summary>Nobody did: no scanner is configured.</summary>
    NotScanned,

    /// <summary>Nothing was found.</summary>
    Clean,
}

/// <summary>How large an image is.</summary>
/// <param name="Width">Pixels, as it is shown.</param>
/// <param name="Height">Pixels, as it is shown.</param>
public sealed record ImageSize(int Width, int Height);

/// <summary>A stretch of a file, stored as one blob.</summary>
/// <param name="Blob">Its id.</param>
/// <param name="Size">Bytes.</param>
public sealed record AttachmentPart(Guid Blob, long Size);

/// <summary>What is known of a file when all of it has come.</summary>
/// <param name="MediaType">By its content.</param>
/// <param name="Sha256">Of its content, in hexadecimal digits.</param>
/// <param name="Scan">What the scanner says.</param>
/// <param name="Image">Null for what is no image, or none that can be read.</param>
/// <param name="Thumbnail">The blob with a small picture of it; null where there is none.</param>
public sealed record AttachmentFacts(string MediaType, string Sha256, AttachmentScan Scan, ImageSize? Image, Guid? Thumbnail);

/// <summary>A file on a ticket, or on whatever else people comment on. A document of its own; its content is in the blob store under its
/// id. Who may read it follows from what it is on at the time of reading.</summary>
public sealed class Attachment<T> : Aggregate
    where T : Aggregate, ICommentable
{
    /// <summary>Deletes what is left of what never came whole, or was removed.</summary>
    public const string DiscardTimer = "discard";

    /// <summary>How long a file may take to come.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromHours(24);

    private const int MostParts = 10_240;

    /// <summary>What it is on.</summary>
    public required Guid Ticket { get; init; }

    /// <summary>The kind of what it is on: <c>incident</c>.</summary>
    [Hidden]
    public required string Kind { get; init; }

    /// <summary>The comment that it belongs to.</summary>
    public Guid? Comment { get; init; }

    /// <summary>True where only those who may read its work notes get it.</summary>
    public required bool Internal { get; init; }

    /// <summary>As its author calls it, without folders.</summary>
    public required string FileName { get; init; }

    /// <summary>Who attached it.</summary>
    public required Guid Author { get; init; }

    /// <summary>Their name then.</summary>
    public required string AuthorName { get; init; }

    /// <summary>When it was attached, or begun.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Where it stands.</summary>
    public AttachmentState State { get; private set; }

    /// <summary>Bytes; null until it is known.</summary>
    public long? Size { get; private set; }

    /// <summary>Bytes that have come.</summary>
    public long Received { get; private set; }

    /// <summary>By its content; null until all has come.</summary>
    public string? MediaType { get; private set; }

    /// <summary>Of its content, in hexadecimal digits; null until all has come.</summary>
    public string? Sha256 { get; private set; }

    /// <summary>Whether it was looked through for malware; null until all has come.</summary>
    public AttachmentScan? Scan { get; private set; }

    /// <summary>How large the image is; null where it is none.</summary>
    public ImageSize? Image { get; private set; }

    /// <summary>When what has come is given up; null once all has.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; }

    /// <summary>One of the places that what it is on has for files; none once it is removed.</summary>
    [Hidden]
    public string? Place { get; private set; }

    /// <summary>Its content, in order.</summary>
    [Hidden, AtMost(MostParts)]
    public IReadOnlyList<AttachmentPart> Parts { get; private set; } = [];

    /// <summary>The blob with a small picture of it.</summary>
    [Hidden]
    public Guid? Thumbnail { get; private set; }

    /// <summary>What it is on, as it is now; null where nobody is to be told of the change.</summary>
    [BsonIgnore]
    private T? About { get; set; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<Attachment<T>> Definition { get; } = new("attachments", null,
        new IndexDefinition("ticket", "state", "internal", "at")
        {
            Domains = new Dictionary<string, IReadOnlyList<BsonValue>>
            {
                ["state"] = [.. Enum.GetValues<AttachmentState>().Select(state => BsonMapping.Value(state))],
                ["internal"] = [false, true],
            },
            Serves = "attachments of a ticket",
        },
        new IndexDefinition("comment", "at") { Sparse = true },
        new IndexDefinition("author", "at"),
        new IndexDefinition("place") { Unique = true, Serves = "the limit of attachments", Called = "place" })
    {
        Noun = "attachment",
    };

    /// <summary>A file that begins to come.</summary>
    /// <param name="thing">What it is on.</param>
    /// <param name="kind">The kind of that.</param>
    /// <param name="place">The place that it takes there.</param>
    /// <param name="comment">The comment that it belongs to; null for none.</param>
    /// <param name="isInternal">True for the eyes of those who read work notes.</param>
    /// <param name="fileName">What it is called.</param>
    /// <param name="size">Bytes; null where nobody said.</param>
    /// <param name="author">Who attaches it.</param>
    /// <param name="now">When.</param>
    public static Attachment<T> Begin(
        T thing, string kind, string place, Guid? comment, bool isInternal, string fileName, long? size, Caller author, DateTimeOffset now)
    {
        var begun = new Attachment<T>
        {
            Id = Guid.CreateVersion7(now), Ticket = thing.Id, Kind = kind, Comment = comment, Internal = isInternal, FileName = fileName,
            Size = size, Author = author.Person, AuthorName = author.Name, At = now, ExpiresAt = now + Patience, Place = place,
            Readers = [ReaderToken.Everyone],
        };
        begun.SetTimer(DiscardTimer, now + Patience);
        return begun;
    }

    /// <summary>The place with this number on a thing.</summary>
    public static string PlaceOf(Guid thing, int number) => $"{thing:N}/{number}";

    /// <summary>Takes a stretch of it that has come and is stored.</summary>
    /// <param name="part">The stretch.</param>
    /// <param name="from">Where it begins.</param>
    /// <exception cref="RuleViolationException"><c>attachment.complete</c>, or <c>attachment.offset</c> where another place is next.</exception>
    public void Take(AttachmentPart part, long from)
    {
        RequireNext(from);
        (Parts, Received) = ([.. Parts, part], Received + part.Size);
    }

    /// <exception cref="RuleViolationException"><c>attachment.complete</c>, or <c>attachment.offset</c> where another place is next.</exception>
    public void RequireNext(long from)
    {
        if (State != AttachmentState.Receiving)
        {
            throw new RuleViolationException("attachment.complete",
                $"{FileName.Quoted} is {State}; nothing more is taken.");
        }

        if (from != Received)
        {
            throw new RuleViolationException("attachment.offset",
                $"{Received} bytes of {FileName.Quoted} have come; go on with byte {Received}.");
        }
    }

    /// <summary>All of it has come, and may be seen.</summary>
    public void Finish(AttachmentFacts facts, T about)
    {
        (State, ExpiresAt, Size, About) = (AttachmentState.Available, null, Received, about);
        (MediaType, Sha256, Scan, Image, Thumbnail) = (facts.MediaType, facts.Sha256, facts.Scan, facts.Image, facts.Thumbnail);
    }

    /// <summary>Takes it away; its content goes at once.</summary>
    /// <param name="about">What it is on; null where nobody has seen it yet.</param>
    /// <param name="now">When.</param>
    /// <exception cref="RuleViolationException"><c>attachment.removed</c>.</exception>
    public void Remove(T? about, DateTimeOffset now)
    {
        if (State == AttachmentState.Removed)
        {
            throw new RuleViolationException("attachment.removed", $"{FileName.Quoted} is removed already.");
        }

        (About, State, ExpiresAt, Place) = (State == AttachmentState.Available ? about : null, AttachmentState.Removed, null, null);
        (Parts, Thumbnail, Image) = ([], null, null);
        SetTimer(DiscardTimer, now);
    }

    /// <inheritdoc/>
    protected override void OnSaving(AuditContext audit, IReadOnlyList<string> changed)
    {
        if (About is { } about)
        {
            Raise(new TicketAttached
            {
                Id = Id, Version = Version, Kind = Kind, Ticket = Ticket, Number = about.Number, Comment = Comment, Internal = Internal,
                FileName = FileName, MediaType = MediaType!, Size = Received, By = audit.By, At = audit.At,
                Removed = State == AttachmentState.Removed, Readers = Internal ? about.NoteReaders : about.Readers,
            });
        }
    }
}
