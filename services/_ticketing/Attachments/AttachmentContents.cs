using System.Security.Cryptography;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Timers;
using Itsm.Platform.Values;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Itsm.Ticketing.Attachments;

/// <summary>What is in attachments: stores it, tells what it is, and deletes what is left of those that are none any more.</summary>
internal sealed class AttachmentContents<T>(
    AggregateStore<Attachment<T>> store, IBlobStore blobs, ClamScanner scanner, IOptions<AttachmentSettings> settings, string service,
    ILogger<Attachment<T>> log) : ITimerHandler
    where T : Aggregate, ICommentable
{
    private const int BufferSize = 128 * 1024;

    /// <summary>The settings.</summary>
    public AttachmentSettings Settings => settings.Value;

    /// <summary>Stores a stretch of one.</summary>
    public async Task<AttachmentPart> StoreAsync(Attachment<T> attachment, Stream content, CancellationToken ct)
    {
        var blob = NewId();
        return new AttachmentPart(blob, await blobs.WriteAsync(attachment.Id, blob, content, ct));
    }

    /// <summary>Deletes a stretch that is stored, and a part of nothing.</summary>
    public Task DropAsync(Attachment<T> attachment, AttachmentPart part) =>
        blobs.DeleteAsync(attachment.Id, part.Blob, CancellationToken.None);

    /// <summary>The whole of one, to read.</summary>
    public Stream Open(Attachment<T> attachment) => new PartsStream(attachment.Parts, async (part, ct) =>
        await blobs.OpenAsync(attachment.Id, part.Blob, ct)
            ?? throw new EndOfStreamException($"The content of attachment {attachment.Id} is not there."));

    /// <summary>The whole of one, to read; null where it was removed meanwhile.</summary>
    public async Task<Stream?> OpenAsync(Attachment<T> attachment, CancellationToken ct)
    {
        if (attachment.Parts is [var first, ..])
        {
            await using var there = await blobs.OpenAsync(attachment.Id, first.Blob, ct);
            if (there is null)
            {
                return null;
            }
        }

        return Open(attachment);
    }

    /// <summary>The small picture of one; null where there is none.</summary>
    public async Task<Stream?> OpenThumbnailAsync(Attachment<T> attachment, CancellationToken ct) =>
        attachment.Thumbnail is { } blob ? await blobs.OpenAsync(attachment.Id, blob, ct) : null;

    /// <summary>Tells what one is, all of which is stored.</summary>
    /// <exception cref="RuleViolationException"><c>attachment.infected</c>, or <c>attachment.type-refused</c>.</exception>
    /// <exception cref="HttpProblemException">503: the scanner does not answer.</exception>
    public async Task<AttachmentFacts> ExamineAsync(Attachment<T> attachment, CancellationToken ct)
    {
        await using var content = Open(attachment);
        var head = new byte[Math.Min(MediaTypes.HeadSize, content.Length)];
        await content.ReadExactlyAsync(head, ct);
        var mediaType = MediaTypes.Of(head, attachment.FileName);
        if (settings.Value.Refuses(mediaType))
        {
            throw new RuleViolationException("attachment.type-refused",
                $"{attachment.FileName.Quoted} is {mediaType}, which is not taken.");
        }

        content.Position = 0;
        var (sha256, scan) = await ReadThroughAsync(attachment, content, ct);
        content.Position = 0;
        var image = await Thumbnails.OfAsync(mediaType, content, ct);
        Guid? thumbnail = null;
        if (image?.Small is { } small)
        {
            thumbnail = NewId();
            await blobs.WriteAsync(attachment.Id, thumbnail.Value, new MemoryStream(small), ct);
        }

        return new AttachmentFacts(mediaType, sha256, scan, image?.Size, thumbnail);
    }

    /// <summary>Gives up one that can't be taken; where that fails, too, its timer does it later.</summary>
    public async Task GiveUpAsync(Guid id)
    {
        try
        {
            await RunAsync(id, CancellationToken.None);
        }
        catch (Exception e) when (e is StoreUnavailableException or ConcurrentChangeException or IOException)
        {
            log.LogWarning("Attachment {Attachment} is given up later: {Reason}", id, e.Message);
        }
    }

    /// <summary>Deletes what is left of one that never came whole, or was removed, and of attempts at the parts of one that did.</summary>
    public async Task RunAsync(Guid id, CancellationToken ct)
    {
        var attachment = await store.UpdateAsync(id, AuditContext.OfService(service, "give-up", store.Clock), one =>
        {
            if (one.State == AttachmentState.Receiving)
            {
                one.Remove(null, store.Clock.GetUtcNow());
            }
        }, ct);
        await blobs.DeleteAsync(id, attachment is null ? []
            : [.. attachment.Parts.Select(part => part.Blob), .. attachment.Thumbnail is { } small ? new[] { small } : []], ct);
    }

    private async Task<(string Sha256, AttachmentScan Scan)> ReadThroughAsync(
        Attachment<T> attachment, Stream content, CancellationToken ct)
    {
        using var scan = await scanner.BeginAsync(ct);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferSize];
        int read;
        while ((read = await content.ReadAsync(buffer, ct)) > 0)
        {
            hash.AppendData(buffer, 0, read);
            await (scan?.TakeAsync(buffer.AsMemory(0, read)) ?? Task.CompletedTask);
        }

        if (scan is not null && await scan.EndAsync() is { } found)
        {
            log.LogWarning("{Found} was found in attachment {Attachment}, which is not kept.", found, attachment.Id);
            throw new RuleViolationException("attachment.infected", $"{attachment.FileName.Quoted} holds {found}; it is not kept.");
        }

        return (Convert.ToHexStringLower(hash.GetHashAndReset()), scan is null ? AttachmentScan.NotScanned : AttachmentScan.Clean);
    }

    private Guid NewId() => Guid.CreateVersion7(store.Clock.GetUtcNow());
}
