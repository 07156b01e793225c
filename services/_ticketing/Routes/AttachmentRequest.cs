using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Ticketing.Attachments;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;
using MongoDB.Bson;

namespace Itsm.Ticketing.Routes;

/// <summary>A request about the attachments of a thing of this type.</summary>
internal sealed partial class AttachmentRequest<T>
    where T : Aggregate, ICommentable
{
    private const int MostReceiving = 10;
    private readonly HttpContext _context;
    private readonly Read _reading;
    private readonly AggregateStore<T> _things;
    private readonly AggregateStore<Attachment<T>> _store;
    private readonly AttachmentContents<T> _contents;

    private AttachmentRequest(HttpContext context, Read reading)
    {
        var services = context.RequestServices;
        (_context, _reading) = (context, reading);
        _things = services.GetRequiredService<AggregateStore<T>>();
        _store = services.GetRequiredService<AggregateStore<Attachment<T>>>();
        _contents = services.GetRequiredService<AttachmentContents<T>>();
    }

    private Caller Caller => _reading.Caller;

    private CancellationToken Aborted => _context.RequestAborted;

    /// <summary>That of this request.</summary>
    public static async ValueTask<AttachmentRequest<T>?> BindAsync(HttpContext context, ParameterInfo parameter) =>
        new(context, (await Read.BindAsync(context, parameter))!);

    public async Task<IResult> ListAsync(Discussion<T> discussion, string id, ListQuery list, ListDefinition lists)
    {
        var thing = await FindThingAsync(id);
        List<Condition> where =
        [
            Condition.In("ticket", [.. (await discussion.ShownAsync(thing, Caller, _things, Aborted)).Select(of => BsonMapping.Value(of))]),
            Condition.In("state", BsonMapping.Value(AttachmentState.Available)),
        ];
        if (!discussion.MayReadNotes(thing, Caller))
        {
            where.Add(Condition.In("internal", BsonBoolean.False));
        }

        return await list.PageAsync(_store, lists, Aborted, where);
    }

    public async Task<IResult> GetAsync(Discussion<T> discussion, string id, string attachment)
    {
        var (_, found) = await FindAsync(discussion, id, attachment);
        return await _reading.OneAsync(_store, found.Id.ToString(), Aborted);
    }

    public async Task<IResult> DownloadAsync(Discussion<T> discussion, string id, string attachment, bool isThumbnail)
    {
        var (_, found) = await FindAsync(discussion, id, attachment);
        if (found.State != AttachmentState.Available)
        {
            throw new HttpProblemException(Problems.Create(StatusCodes.Status404NotFound, "not-found", $"Not found",
                $"{found.FileName.Quoted} is {found.State}."));
        }

        var content = isThumbnail
            ? await _contents.OpenThumbnailAsync(found, Aborted)
            : await _contents.OpenAsync(found, Aborted);
        if (content is null)
        {
            throw HttpProblemException.NotFound(isThumbnail ? "thumbnail of attachment" : "attachment", attachment);
        }


        if (IsOutside(content.Length))
        {
            var length = content.Length;
            await content.DisposeAsync();
            _context.Response.Headers.ContentRange = $"bytes */{length}";
            throw new HttpProblemException(Problems.Create(StatusCodes.Status416RangeNotSatisfiable, "range-not-satisfiable",
                $"Range not satisfiable", $"The content has {length} bytes."));
        }

        // They are for changes; the framework's own answer to them says nothing.
        _context.Request.Headers.Remove(HeaderNames.IfMatch);
        _context.Request.Headers.Remove(HeaderNames.IfUnmodifiedSince);

        // Kept by the caller alone, and each time asked for whether they still may.
        _context.Response.Headers.CacheControl = "private, no-cache";
        return TypedResults.Stream(content, isThumbnail ? Thumbnails.MediaType : found.MediaType, isThumbnail ? null : found.FileName,
            found.At, new EntityTagHeaderValue($"\"{found.Sha256}{(isThumbnail ? "-thumbnail" : "")}\""), enableRangeProcessing: true);
    }

    public async Task<IResult> RemoveAsync(Discussion<T> discussion, string id, string attachment, Write writing)
    {
        var (thing, found) = await FindAsync(discussion, id, attachment);
        return found.Author == Caller.Person || discussion.MayReadNotes(thing, Caller)
            ? await writing.ChangeAsync(_store, found.Id.ToString(), "remove", null,
                async (one, audit) => one.Remove(await HolderOfAsync(one), audit.At), Aborted)
            : throw HttpProblemException.Forbidden($"{found.FileName.Quoted} is removed by its author, or by those who work on it.");
    }

    /// <summary>True where content of this length has nothing of the one range that is asked for.</summary>
    private bool IsOutside(long length) =>
        _context.Request.GetTypedHeaders().Range is { Unit.Value: "bytes", Ranges: { Count: 1 } ranges }
            && ranges.First() is var range
            && (range.From >= length || range is { From: null, To: 0 });

    /// <summary>What an attachment is on, as it is now, whichever other shows it, too.</summary>
    private async Task<T> HolderOfAsync(Attachment<T> attachment) => await _things.FindAsync(attachment.Ticket, Aborted)
        ?? throw HttpProblemException.NotFound(_things.Definition.Noun, attachment.Ticket.ToString());

    /// <summary>With its name: in a form that is a part of the body.</summary>
    private static byte[] DigestOf(string name, byte[] content) => SHA256.HashData([.. content, .. Encoding.UTF8.GetBytes(name)]);

    private DateTimeOffset Now => _store.Clock.GetUtcNow();

    private AuditContext Audit(string action) => new() { By = Caller.Actor, Action = action, At = Now.ToMilliseconds() };

    private async Task<T> FindThingAsync(string id) => AggregateStore<T>.Load(await _reading.FindAsync(_things, id, Aborted));

    /// <summary>An attachment that the caller may see on a thing, and that thing. Of one that is still to come only who sends it
    /// knows.</summary>
    /// <exception cref="HttpProblemException">404.</exception>
    private async Task<(T Thing, Attachment<T> Found)> FindAsync(
        Discussion<T> discussion, string id, string attachment, bool goesOn = false)
    {
        var thing = await FindThingAsync(id);
        thing = goesOn ? await discussion.GoesOnAsync(thing, Caller, _things, Aborted) : thing;
        var found = AggregateStore<Attachment<T>>.Load(await _reading.FindAsync(_store, attachment, Aborted));
        return (found.Author == Caller.Person || found.State != AttachmentState.Receiving)
            && (!found.Internal || discussion.MayReadNotes(thing, Caller))
            && (await discussion.ShownAsync(thing, Caller, _things, Aborted)).Contains(found.Ticket)
            ? (thing, found)
            : throw HttpProblemException.NotFound("attachment", attachment);
    }
}
