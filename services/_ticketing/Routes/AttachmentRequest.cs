using System.Reflection;
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
internal sealed class AttachmentRequest<T>
    where T : Aggregate, ICommentable
{
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
            throw new HttpProblemException(Problems.Create(StatusCodes.Status404NotFound, "not-found", "Not found",
                $"{found.FileName.Quoted} is {BsonMapping.Value(found.State)}."));
        }

        var content = isThumbnail
            ? await _contents.OpenThumbnailAsync(found, Aborted)
                ?? throw HttpProblemException.NotFound("thumbnail of attachment", attachment)
            : _contents.Open(found);

        // Kept by the caller alone, and each time asked for whether they still may.
        _context.Response.Headers.CacheControl = "private, no-cache";
        return TypedResults.Stream(content, isThumbnail ? Thumbnails.MediaType : found.MediaType, isThumbnail ? null : found.FileName,
            found.At, new EntityTagHeaderValue($"\"{found.Sha256}{(isThumbnail ? "-thumbnail" : "")}\""), enableRangeProcessing: true);
    }

    public async Task<IResult> UploadAsync(
        Discussion<T> discussion, string id, Write writing, QueryParameter<string> fileName, QueryParameter<bool> isInternal,
        QueryParameter<Guid> comment)
    {
        var most = _contents.Settings.MostBytes;
        var (thing, kept, note) = await FindPlaceAsync(discussion, id,
            isInternal.TryRead(_context.Request, out var given) ? given : null,
            comment.TryRead(_context.Request, out var its) ? its : null, "?comment", "?internal");
        if (_context.Request.ContentLength > most + UploadedFile.FormSize)
        {
            throw TooLarge(most);
        }

        var file = await UploadedFile.OfAsync(_context.Request, fileName.Of(_context.Request), Aborted);
        var attachment = await AtPlaceAsync(thing, async place =>
        {
            var begun = Attachment<T>.Begin(thing, discussion.Names.Kind, place, kept, note, file.Name, null, Caller, Now);
            await _store.TrySaveAsync(begun, Audit("begin"), Aborted);
            return begun;
        });
        var isFinished = false;
        try
        {
            var content = new BoundedStream(file.Content, most, () => TooLarge(most)) { Broken = UploadedFile.Broken };
            attachment.Take(await _contents.StoreAsync(attachment, content, Aborted), 0);
            var facts = await _contents.ExamineAsync(attachment, Aborted);
            writing.Carried(Convert.FromHexString(facts.Sha256));
            return await writing.CreateAsync(_store, _ =>
            {
                attachment.Finish(facts, thing);
                isFinished = true;
                return ValueTask.FromResult(attachment);
            }, Aborted, one => $"/api/v1/{discussion.Names.Plural}/{one.Ticket}/attachments/{one.Id}");
        }
        catch
        {
            isFinished = false;
            throw;
        }
        finally
        {
            if (!isFinished)
            {
                await _contents.GiveUpAsync(attachment.Id);
            }
        }
    }

    public async Task<IResult> BeginAsync(Discussion<T> discussion, string id, AttachmentRoutes.Request body, Write writing)
    {
        var (thing, comment, isInternal) =
            await FindPlaceAsync(discussion, id, body.Internal, body.Comment, "/comment", "/internal");
        if (body.Size > _contents.Settings.MostBytes)
        {
            throw TooLarge(_contents.Settings.MostBytes);
        }

        var name = UploadedFile.NameOf(body.FileName, "/fileName")
            ?? throw HttpProblemException.Invalid("/fileName", FieldCode.Blank, $"A file can't be called {body.FileName.Quoted}.");
        return await AtPlaceAsync(thing, place => writing.CreateAsync(_store, audit => ValueTask.FromResult(Attachment<T>.Begin(
            thing, discussion.Names.Kind, place, comment, isInternal, name, body.Size, Caller, audit.At)), Aborted,
            one => $"/api/v1/{discussion.Names.Plural}/{one.Ticket}/attachments/{one.Id}"));
    }

    public async Task<IResult> TakeAsync(Discussion<T> discussion, string id, string attachment, long least, long most)
    {
        var (thing, found) = await FindAsync(discussion, id, attachment);
        if (found.Author != Caller.Person)
        {
            throw HttpProblemException.Forbidden($"{found.FileName.Quoted} is sent by {found.AuthorName}.");
        }

        var (from, count) = RangeOf(found, least, most);
        found.RequireNext(from);
        var part = await _contents.StoreAsync(found, new BoundedStream(_context.Request.Body, count, () => Mismatch(count)), Aborted);
        if (part.Size != count)
        {
            throw Mismatch(count);
        }

        found.Take(part, from);
        if (found.Received == found.Size)
        {
            try
            {
                found.Finish(await _contents.ExamineAsync(found, Aborted), thing);
            }
            catch (RuleViolationException)
            {
                await _contents.GiveUpAsync(found.Id);
                throw;
            }
        }

        if (!await _store.TrySaveAsync(found, Audit(found.State == AttachmentState.Available ? "finish" : "receive"), Aborted)
            && await _store.FindAsync(found.Id, Aborted) is { } other)
        {
            other.RequireNext(from);
            throw new ConcurrentChangeException($"{found.FileName.Quoted} was changed meanwhile.");
        }

        return await _reading.OneAsync(_store, found.Id.ToString(), Aborted);
    }

    public async Task<IResult> RemoveAsync(Discussion<T> discussion, string id, string attachment, Write writing)
    {
        var (thing, found) = await FindAsync(discussion, id, attachment);
        return found.Author == Caller.Person || discussion.MayReadNotes(thing, Caller)
            ? await writing.ChangeAsync(_store, found.Id.ToString(), "remove", null, (one, audit) => one.Remove(thing, audit.At), Aborted)
            : throw HttpProblemException.Forbidden($"{found.FileName.Quoted} is removed by its author, or by those who work on it.");
    }

    private DateTimeOffset Now => _store.Clock.GetUtcNow();

    private AuditContext Audit(string action) => new() { By = Caller.Actor, Action = action, At = Now.ToMilliseconds() };

    private async Task<T> FindThingAsync(string id) => AggregateStore<T>.Load(await _reading.FindAsync(_things, id, Aborted));

    /// <summary>An attachment that the caller may see on a thing, and that thing. Of one that is still to come only who sends it
    /// knows.</summary>
    /// <exception cref="HttpProblemException">404.</exception>
    private async Task<(T Thing, Attachment<T> Found)> FindAsync(Discussion<T> discussion, string id, string attachment)
    {
        var thing = await FindThingAsync(id);
        var found = AggregateStore<Attachment<T>>.Load(await _reading.FindAsync(_store, attachment, Aborted));
        return (found.Author == Caller.Person || found.State != AttachmentState.Receiving)
            && (!found.Internal || discussion.MayReadNotes(thing, Caller))
            && (await discussion.ShownAsync(thing, Caller, _things, Aborted)).Contains(found.Ticket)
            ? (thing, found)
            : throw HttpProblemException.NotFound("attachment", attachment);
    }

    /// <summary>Where a new file goes, and whether it is internal there.</summary>
    private async Task<(T Thing, Guid? Comment, bool IsInternal)> FindPlaceAsync(
        Discussion<T> discussion, string id, bool? isInternal, Guid? comment, string commentAt, string internalAt)
    {
        var thing = await discussion.GoesOnAsync(await FindThingAsync(id), Caller, _things, Aborted);
        Comment<T>? its = null;
        if (comment is { } named)
        {
            its = await _context.RequestServices.GetRequiredService<AggregateStore<Comment<T>>>().FindAsync(named, Aborted);
            if (its?.Ticket != thing.Id || its.Author != Caller.Person)
            {
                throw HttpProblemException.Invalid(commentAt, FieldCode.NotFound, $"{thing.Number} has no comment {named} of yours.");
            }

            if (isInternal is { } said && said != its.Internal)
            {
                throw HttpProblemException.Invalid(internalAt, FieldCode.Conflicting,
                    $"The comment is {(its.Internal ? "" : "not ")}internal, and so is what belongs to it.");
            }
        }

        var internally = its?.Internal ?? isInternal ?? false;
        discussion.RequireNotes(thing, Caller, internally);
        thing.RequireOpenForComments();
        return (thing, comment, internally);
    }

    /// <summary>Takes a free place of a thing; of two who want the same one another is taken by the second.</summary>
    /// <exception cref="RuleViolationException"><c>attachment.too-many</c>.</exception>
    private async Task<TResult> AtPlaceAsync<TResult>(T thing, Func<string, Task<TResult>> take)
    {
        var most = _contents.Settings.MostFiles;
        while (true)
        {
            var taken = (await _store.Documents.QueryAsync(new DocumentQuery(
            [
                Condition.In("ticket", BsonMapping.Value(thing.Id)),
                Condition.In("state", BsonMapping.Value(AttachmentState.Receiving), BsonMapping.Value(AttachmentState.Available)),
            ], "at", false, null, most), Aborted))
                .SelectMany(one => RawBson.Values(one.Body.Span, "place")).Select(place => place.AsString).ToHashSet();
            var place = Enumerable.Range(1, most).Select(number => Attachment<T>.PlaceOf(thing.Id, number))
                .FirstOrDefault(one => !taken.Contains(one))
                ?? throw new RuleViolationException("attachment.too-many",
                    $"{thing.Number} has {most} attachments, as many as it may have.");
            try
            {
                return await take(place);
            }
            catch (DuplicateKeyException)
            {
                // Another file has it meanwhile.
            }
        }
    }

    private (long From, long Count) RangeOf(Attachment<T> attachment, long least, long most)
    {
        var text = _context.Request.Headers.ContentRange.ToString();
        if (!ContentRangeHeaderValue.TryParse(text, out var range) || range is not { From: { } from, To: { } to, Length: { } length }
            || range.Unit != "bytes")
        {
            throw HttpProblemException.Invalid("", text.Length == 0 ? FieldCode.Required : FieldCode.WrongFormat,
                $"Content-Range is needed, such as bytes 0-1048575/734003200, not {text.Quoted}.");
        }

        if (length != attachment.Size)
        {
            throw HttpProblemException.Invalid("", FieldCode.Conflicting,
                $"{attachment.FileName.Quoted} has {attachment.Size} bytes, not {length} as Content-Range says.");
        }

        var count = to - from + 1;
        return count <= most && (count >= least || to == length - 1) ? (from, count)
            : throw HttpProblemException.Invalid("", FieldCode.OutOfRange,
                $"A part has {least} to {most} bytes, the last may have fewer; not {count}.");
    }

    private static HttpProblemException Mismatch(long count) => HttpProblemException.Invalid("", FieldCode.Conflicting,
        $"The body has not the {count} bytes that Content-Range says.");

    private static HttpProblemException TooLarge(long most) => new(Problems.Create(StatusCodes.Status413PayloadTooLarge, "body-too-large",
        "Body too large", $"A file has at most {most} bytes."));
}
