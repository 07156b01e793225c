using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Itsm.Platform.Errors;
using Microsoft.Extensions.Options;

namespace Itsm.Ticketing.Attachments;

/// <summary>Has content looked through by ClamAV's daemon, where the settings name one.</summary>
internal sealed class ClamScanner(IOptions<AttachmentSettings> settings)
{
    private const string Clean = "stream: OK";
    private const string Found = " FOUND";
    private const int LongestReply = 4_096;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    /// <summary>A scan of content that is still to be read; null where none is configured.</summary>
    /// <exception cref="HttpProblemException">503: it does not answer.</exception>
    public async Task<Scan?> BeginAsync(CancellationToken ct)
    {
        if (settings.Value.Scanner is not { } address)
        {
            return null;
        }

        var scan = new Scan(settings.Value.ScanPatience, ct);
        try
        {
            await scan.OpenAsync(new Uri(address));
            return scan;
        }
        catch
        {
            scan.Dispose();
            throw;
        }
    }

    /// <summary>One conversation with the daemon (INSTREAM).</summary>
    internal sealed class Scan(TimeSpan patience, CancellationToken caller) : IDisposable
    {
        private readonly TcpClient _client = new();
        private readonly CancellationTokenSource _limit = Limit(patience, caller);
        private readonly byte[] _length = new byte[sizeof(int)];

        public Task OpenAsync(Uri address) => AnswersAsync(async ct =>
        {
            await _client.ConnectAsync(address.Host, address.Port, ct);
            await _client.GetStream().WriteAsync("zINSTREAM\0"u8.ToArray(), ct);
            return true;
        });

        public Task TakeAsync(ReadOnlyMemory<byte> bytes) => AnswersAsync(async ct =>
        {
            BinaryPrimitives.WriteInt32BigEndian(_length, bytes.Length);
            await _client.GetStream().WriteAsync(_length, ct);
            await _client.GetStream().WriteAsync(bytes, ct);
            return true;
        });

        /// <returns>What was found; null where it is clean.</returns>
        public Task<string?> EndAsync() => AnswersAsync(async ct =>
        {
            await _client.GetStream().WriteAsync(new byte[sizeof(int)], ct);
            using var reply = new MemoryStream();
            var buffer = new byte[LongestReply];
            int read;
            while (reply.Length < LongestReply && (read = await _client.GetStream().ReadAsync(buffer, ct)) > 0)
            {
                reply.Write(buffer, 0, read);
                if (buffer[read - 1] == 0)
                {
                    break;
                }
            }

            var said = Encoding.UTF8.GetString(reply.ToArray()).TrimEnd('\0', '\n');
            return said == Clean ? null
                : said.EndsWith(Found, StringComparison.Ordinal) ? said["stream: ".Length..^Found.Length]
                : throw new IOException($"ClamAV says: {said}");
        });

        public void Dispose()
        {
            _client.Dispose();
            _limit.Dispose();
        }

        private static CancellationTokenSource Limit(TimeSpan patience, CancellationToken caller)
        {
            var limit = CancellationTokenSource.CreateLinkedTokenSource(caller);
            limit.CancelAfter(patience);
            return limit;
        }

        private async Task<TResult> AnswersAsync<TResult>(Func<CancellationToken, Task<TResult>> talk)
        {
            try
            {
                return await talk(_limit.Token);
            }
            catch (Exception e) when (e is SocketException or IOException
                || (e is OperationCanceledException && !caller.IsCancellationRequested))
            {
                throw new HttpProblemException(Problems.Create(503, "scanner-unavailable", $"Scanner unavailable",
                    $"The malware scanner does not answer just now, and files are not taken unseen: {e.Message}")) { RetryAfter = Pause };
            }
        }
    }
}
