using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Ticketing.Attachments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Itsm.Ticketing.Routes;

/// <summary>Files: sent at once or in parts, listed, read, removed.</summary>
public static class AttachmentRoutes
{
    private const int LongestName = 255;
    private const long LeastPart = 1024 * 1024;
    private const long MostPart = 64 * 1024 * 1024;

    private static readonly ListDefinition Lists = new()
    {
        Filters = [Filter.Flag("internal"), Filter.Person("author"), Filter.Id("comment")], Sorts = ["at"], DefaultSort = "at",
        Expandable = ["author"],
    };

    private static readonly QueryParameter<string> FileName = new("fileName", QueryValue.Text(LongestName),
        "What the file is called; that of the form's part where left out.");

    private static readonly QueryParameter<bool> Internal = new("internal", QueryValue.Flag,
        "True for the eyes of those who read work notes; with a comment it is what that is.");

    private static readonly QueryParameter<Guid> Comment = new("comment", QueryValue.Id,
        "The caller's own comment that it belongs to.");

    /// <summary>A file that is to come in parts.</summary>
    /// <example>{ "fileName": "trace.zip", "size": 73400320 }</example>
    public sealed record Request
    {
        /// <summary>What it is called, without folders.</summary>
        [Required, StringLength(LongestName, MinimumLength = 1)]
        public required string FileName { get; init; }

        /// <summary>Bytes.</summary>
        [Range(1, long.MaxValue)]
        public required long Size { get; init; }

        /// <summary>True for the eyes of those who read work notes; with a comment it is what that is.</summary>
        public bool? Internal { get; init; }

        /// <summary>The caller's own comment that it belongs to.</summary>
        public Guid? Comment { get; init; }
    }

    extension(IEndpointRouteBuilder things)
    {
        /// <summary>Maps <c>{id}/attachments</c> for things of this type.</summary>
        /// <param name="names">What the kind is called.</param>
        /// <param name="read">To read them.</param>
        /// <param name="write">To attach files, and remove one's own.</param>
        /// <param name="notes">To read and attach internal ones, and remove those of others, beside being one of the thing's note
        /// readers.</param>
        /// <param name="alsoOf">Others whose attachments show here too, such as those merged into it; none where left out.</param>
        /// <param name="survivor">The other that goes on instead of this one, and gets its attachments; null where it goes on
        /// itself.</param>
        public void MapAttachments<T>(
            KindNames names, Permission read, Permission write, Permission notes, Func<T, IEnumerable<Guid>>? alsoOf = null,
            Func<T, Guid?>? survivor = null)
            where T : Aggregate, ICommentable
        {
            var (discussion, name) = (new Discussion<T>(names, notes, alsoOf, survivor), typeof(T).Name);
            things.MapGet("{id}/attachments", (string id, AttachmentRequest<T> request, ListQuery list) =>
                request.ListAsync(discussion, id, list, Lists))
                .WithName($"List{name}Attachments").WithSummary("Lists the files, and the internal ones for those who may read them")
                .Requires(read).Lists<Attachment<T>>(Lists);
            things.MapGet("{id}/attachments/{attachment}", (string id, string attachment, AttachmentRequest<T> request) =>
                request.GetAsync(discussion, id, attachment))
                .WithName($"Get{name}Attachment").WithSummary("Reads what is known of a file").Requires(read).Reads<Attachment<T>>(Lists);
            things.MapGet("{id}/attachments/{attachment}/content", (string id, string attachment, AttachmentRequest<T> request) =>
                request.DownloadAsync(discussion, id, attachment, isThumbnail: false))
                .WithName($"Download{name}Attachment").WithSummary("Reads a file, or a range of it")
                .WithDescription("To be saved, not shown: `Content-Disposition` says so. Its type is told by its content.")
                .Requires(read).Tagged().AddOpenApiOperationTransformer(AttachmentDocs.DescribeContent);
            things.MapGet("{id}/attachments/{attachment}/thumbnail", (string id, string attachment, AttachmentRequest<T> request) =>
                request.DownloadAsync(discussion, id, attachment, isThumbnail: true))
                .WithName($"Get{name}AttachmentThumbnail").WithSummary("Reads a picture of an image, at most 320 pixels wide and high")
                .Requires(read).Tagged().AddOpenApiOperationTransformer(AttachmentDocs.DescribeContent);
            things.MapPost("{id}/attachments", (string id, AttachmentRequest<T> request, Write writing) =>
                request.UploadAsync(discussion, id, writing, FileName, Internal, Comment))
                .WithName($"AttachTo{name}").WithSummary("Attaches a file: the body itself, or the part file of a form")
                .Requires(write).Takes(FileName, Internal, Comment).StreamsBody().Produces<Attachment<T>>(StatusCodes.Status201Created)
                .AddOpenApiOperationTransformer(AttachmentDocs.DescribeBody);
            things.MapPost("{id}/attachments/uploads", (string id, Request body, AttachmentRequest<T> request, Write writing) =>
                request.BeginAsync(discussion, id, body, writing))
                .WithName($"BeginUploadTo{name}").WithSummary("Begins a file that comes in parts")
                .WithDescription("The parts follow at `…/attachments/{attachment}/content`, within 24 hours.")
                .Requires(write).Produces<Attachment<T>>(StatusCodes.Status201Created);
            things.MapPut("{id}/attachments/{attachment}/content", (string id, string attachment, AttachmentRequest<T> request) =>
                request.TakeAsync(discussion, id, attachment, LeastPart, MostPart))
                .WithName($"Continue{name}Upload").WithSummary("Brings the next part of a file")
                .WithDescription("`Content-Range: bytes 0-1048575/734003200` says which: what follows the `received` bytes of the "
                    + "attachment, 1 to 64 MiB, the last may have fewer. Where an answer was lost, read the attachment and go on from "
                    + "there. With the last part it is examined and becomes available.")
                .Requires(write).StreamsBody().Tagged().Produces<Attachment<T>>()
                .AddOpenApiOperationTransformer(AttachmentDocs.DescribePart);
            things.MapDelete("{id}/attachments/{attachment}",
                (string id, string attachment, AttachmentRequest<T> request, Write writing) =>
                    request.RemoveAsync(discussion, id, attachment, writing))
                .WithName($"Remove{name}Attachment").WithSummary("Removes a file, and keeps that it was there").Requires(write).ChangesOne()
                .Produces<Attachment<T>>();
        }
    }
}
