using System.Net.Mime;
using System.Text;
using Itsm.Platform.Http;
using Yarp.ReverseProxy.Transforms;

namespace Itsm.Gateway;

/// <summary>Ends streams of events when the gateway stops, and says when to come back, so that clients go on elsewhere: else each would
/// hold it up until it is killed.</summary>
internal static class EndedStreams
{
    public static async ValueTask EndAsync(ResponseTransformContext context)
    {
        if (context.ProxyResponse is { Content.Headers.ContentType.MediaType: MediaTypeNames.Text.EventStream } response)
        {
            var life = context.HttpContext.RequestServices.GetRequiredService<IHostApplicationLifetime>();
            response.Content = new StreamContent(
                new EndsWith(await response.Content.ReadAsStreamAsync(context.CancellationToken), life.ApplicationStopping));
        }
    }

    /// <summary>Comes to its end when a token is cancelled.</summary>
    private sealed class EndsWith(Stream inner, CancellationToken end) : Stream
    {
        private static readonly byte[] Break = "\n\n"u8.ToArray();
        private byte[] _last = [.. Break];
        private bool _ended;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(end, cancellationToken);
            try
            {
                if (!end.IsCancellationRequested)
                {
                    var count = await inner.ReadAsync(buffer, either.Token);
                    _last = [.. _last.Concat(buffer[Math.Max(0, count - Break.Length)..count].ToArray()).TakeLast(Break.Length)];
                    return count;
                }
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                // It has come to its end.
            }

            // A read without room only waits; and an event that is not whole yet must not become one, its client gets it again.
            if (_ended || buffer.IsEmpty || !_last.SequenceEqual(Break))
            {
                return 0;
            }

            _ended = true;
            return Encoding.UTF8.GetBytes(EventStreams.ComeBack(), buffer.Span);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
