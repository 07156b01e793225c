using Itsm.Platform.Errors;
using Microsoft.AspNetCore.Http.Features;

namespace Itsm.Gateway;

/// <summary>Refuses bodies that are too large, so that the caller gets to read why. The server's own limit would break off the connection
/// in the middle of the body, and the answer with it; what is refused here it takes off the line unread, for 5 s at most.</summary>
internal static class BodyLimit
{
    /// <summary>413.</summary>
    public static ProblemDetails TooLarge =>
        Problems.Create(StatusCodes.Status413PayloadTooLarge, "body-too-large", "Body too large",
            "The body is larger than the gateway takes.");

    public static IApplicationBuilder UseBodyLimit(this WebApplication app, long most) => app.Use((context, next) =>
    {
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
        if (context.Request.ContentLength > most)
        {
            return Problems.WriteAsync(context, TooLarge);
        }

        if (context.Request.ContentLength is null)
        {
            context.Request.Body = new Counted(context.Request.Body, most);
        }

        return next(context);
    });

    /// <summary>A body whose length nobody said.</summary>
    private sealed class Counted(Stream body, long most) : Stream
    {
        private long _read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await body.ReadAsync(buffer, cancellationToken);
            _read += read;
            return _read <= most ? read : throw new BadHttpRequestException("The body is too large.", StatusCodes.Status413PayloadTooLarge);
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
