using System.Security.Cryptography;
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

namespace Itsm.Ticketing.Routes;

/// <content>Files that come.</content>
internal sealed partial class AttachmentRequest<T>
{
    public async Task<IResult> UploadAsync(
        Discussion<T> discussion, string id, Write writing, QueryParameter<string> fileName, QueryParameter<bool> isInternal,
        QueryParameter<Guid> comment)
    {
        var most = _contents.Settings.MostBytes;
        var (asked, isRepeated) = (await FindThingAsync(id), await writing.IsKnownAsync(_store, Aborted));
        if (!isRepeated)
        {
            (await discussion.GoesOnAsync(asked, Caller, _things, Aborted)).RequireOpenForComments();
        }

        if (_context.Request.ContentLength > most + UploadedFile.FormSize)
        {
            throw TooLarge(most);
        }

        var file = await UploadedFile.OfAsync(_context.Request, fileName.Of(_context.Request), Aborted);
        var content = new BoundedStream(file.Content, most, () => TooLarge(most)) { Broken = UploadedFile.Broken };
        if (isRepeated)
        {
            writing.Carried(DigestOf(file.Name, await SHA256.HashDataAsync(content, Aborted)));
            return (await writing.AgainAsync(_store, Aborted))!;
        }

        bool? isNote = isInternal.TryRead(_context.Request, out var given) ? given : file.Internal;
        Guid? its = comment.TryRead(_context.Request, out var named) ? named : file.Comment;
        var (thing, note) = await FindPlaceAsync(discussion, id, isNote, its, "?comment", "?internal");
        var attachment = await AtPlaceAsync(thing, async place =>
        {
            var begun = Attachment<T>.Begin(thing, discussion.Names.Kind, place, its, note, file.Name, null, Caller, Now);
            await _store.TrySaveAsync(begun, Audit("begin"), Aborted);
            return begun;
        });
        try
        {
            attachment.Take(await _contents.StoreAsync(attachment, content, Aborted), 0);
            await file.RequireEndAsync(Aborted);
            var facts = await _contents.ExamineAsync(attachment, Aborted);
            writing.Carried(DigestOf(file.Name, Convert.FromHexString(facts.Sha256)));
            (thing, _) = await FindPlaceAsync(discussion, attachment.Ticket.ToString(), isNote, its, "?comment", "?internal");
            return await writing.CreateAsync(_store, _ =>
            {
                attachment.Finish(facts, thing);
                return ValueTask.FromResult(attachment);
            }, Aborted, one => $"/api/v1/{discussion.Names.Plural}/{one.Ticket}/attachments/{one.Id}");
        }
        finally
        {
            // Begun and not finished: refused, broken off, or a twin of the request was the first.
            if (attachment.Version == 1)
            {
                await _contents.GiveUpAsync(attachment.Id);
            }
        }
    }

    public async Task<IResult> BeginAsync(Discussion<T> discussion, string id, AttachmentRoutes.Request body, Write writing)
    {
        if (await writing.IsKnownAsync(_store, Aborted))
        {
            return (await writing.AgainAsync(_store, Aborted))!;
        }

        var (thing, isInternal) = await FindPlaceAsync(discussion, id, body.Internal, body.Comment, "/comment", "/internal");
        if (body.Size > _contents.Settings.MostBytes)
        {
            throw TooLarge(_contents.Settings.MostBytes);
        }

        var name = UploadedFile.NameOf(body.FileName, "/fileName")
            ?? throw HttpProblemException.Invalid("/fileName", FieldCode.Blank, $"A file can't be called {body.FileName.Quoted}.");
        return await AtPlaceAsync(thing, place => writing.CreateAsync(_store, audit => ValueTask.FromResult(Attachment<T>.Begin(
            thing, discussion.Names.Kind, place, body.Comment, isInternal, name, body.Size, Caller, audit.At)), Aborted,
            one => $"/api/v1/{discussion.Names.Plural}/{one.Ticket}/attachments/{one.Id}"));
    }

    public async Task<IResult> TakeAsync(Discussion<T> discussion, string id, string attachment, long least, long most)
    {
        var (thing, found) = await FindAsync(discussion, id, attachment, goesOn: true);
        thing.RequireOpenForComments();
        if (found.Author != Caller.Person)
        {
            throw HttpProblemException.Forbidden($"{found.FileName.Quoted} is sent by {found.AuthorName}.");
        }

        var (from, count) = RangeOf(found, least, most);
        found.RequireNext(from);
        if (_context.Request.ContentLength is { } length && length != count)
        {
            throw Mismatch(count);
        }

        var part = await _contents.StoreAsync(found, new BoundedStream(_context.Request.Body, count, () => Mismatch(count)), Aborted);
        var isTaken = false;
        try
        {
            found.Take(part.Size == count ? part : throw Mismatch(count), from);
            if (found.Received == found.Size)
            {
                var facts = await _contents.ExamineAsync(found, Aborted);
                found.Finish(facts, await HolderOfAsync(found));
            }

            isTaken = await _store.TrySaveAsync(found, Audit(found.State == AttachmentState.Available ? "finish" : "receive"), Aborted);
        }
        catch (RuleViolationException e) when (e.Code is "attachment.infected" or "attachment.type-refused")
        {
            await _contents.GiveUpAsync(found.Id);
            throw;
        }
        finally
        {
            if (!isTaken)
            {
                await _contents.DropAsync(found, part);
            }
        }

        if (!isTaken)
        {
            (await _store.FindAsync(found.Id, Aborted))?.RequireNext(from);
            throw new ConcurrentChangeException($"{found.FileName.Quoted} was changed meanwhile.");
        }

        return await _reading.OneAsync(_store, found.Id.ToString(), Aborted);
    }

    /// <summary>Where a new file goes, and whether it is internal there.</summary>
    private async Task<(T Thing, bool IsInternal)> FindPlaceAsync(
        Discussion<T> discussion, string id, bool? isInternal, Guid? comment, string commentAt, string internalAt)
    {
        var thing = await discussion.GoesOnAsync(await FindThingAsync(id), Caller, _things, Aborted);
        Comment<T>? its = null;
        if (comment is { } named)
        {
            its = await _context.RequestServices.GetRequiredService<AggregateStore<Comment<T>>>().FindAsync(named, Aborted);
            if (its?.Author != Caller.Person || !(await discussion.ShownAsync(thing, Caller, _things, Aborted)).Contains(its.Ticket))
            {
                throw HttpProblemException.Invalid(commentAt, FieldCode.NotFound, $"{thing.Number} has no comment {named} of yours.");
            }

            if (isInternal is { } said && said != its.Internal)
            {
                throw HttpProblemException.Invalid(internalAt, FieldCode.Conflicting,
                    its.Internal ? (Sentence)$"The comment is internal, and so is what belongs to it."
                        : $"The comment is not internal, nor is what belongs to it.");
            }
        }

        var internally = its?.Internal ?? isInternal ?? false;
        discussion.RequireNotes(thing, Caller, internally);
        thing.RequireOpenForComments();
        return (thing, internally);
    }

    /// <summary>Takes a free place of a thing; of two who want the same one another is taken by the second.</summary>
    /// <exception cref="RuleViolationException"><c>attachment.too-many</c>.</exception>
    private async Task<TResult> AtPlaceAsync<TResult>(T thing, Func<string, Task<TResult>> take)
    {
        var most = _contents.Settings.MostFiles;
        while (true)
        {
            var files = await _store.Documents.QueryAsync(new DocumentQuery(
            [
                Condition.In("ticket", BsonMapping.Value(thing.Id)),
                Condition.In("state", BsonMapping.Value(AttachmentState.Receiving), BsonMapping.Value(AttachmentState.Available)),
            ], "at", false, null, DocumentQuery.MostLimit), Aborted);
            if (files.Select(AggregateStore<Attachment<T>>.Load)
                .Count(one => one.State == AttachmentState.Receiving && one.Author == Caller.Person) >= MostReceiving)
            {
                throw new RuleViolationException("attachment.too-many",
                    $"{MostReceiving} files of yours are still to come to {thing.Number}; bring or remove one.");
            }

            var taken = files.SelectMany(one => RawBson.Values(one.Body.Span, "place")).Select(place => place.AsString).ToHashSet();
            var place = Enumerable.Range(1, most).Select(number => Attachment<T>.PlaceOf(thing.Id, number))
                .FirstOrDefault(one => taken.Count < most && !taken.Contains(one))
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
        $"Body too large", $"A file has at most {most} bytes."));
}
