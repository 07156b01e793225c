using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using HdrHistogram;

namespace Itsm.Load;

/// <summary>One client: sends, waits for the whole answer, counts, sends again. Nothing of it is shared, so nothing of it locks.</summary>
internal sealed class Client(Suite suite, int number)
{
    private const long LongestMicroseconds = 120_000_000;
    private const int Digits = 3;
    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private readonly byte[] _buffer = new byte[64 * 1024];

    public Suite Suite => suite;

    public Random Random { get; } = new(number);

    /// <summary>The row that it works on.</summary>
    public string Row { get; private set; } = "";

    /// <summary>Microseconds of each request answered as expected.</summary>
    public LongHistogram Latencies { get; } = NewHistogram();

    /// <summary>Operations done; an operation may be several requests.</summary>
    public long Completed { get; set; }

    public long Bytes { get; private set; }

    public long Errors { get; private set; }

    public static LongHistogram NewHistogram() => new(LongestMicroseconds, Digits);

    public void Begin(string row)
    {
        Row = row;
        Latencies.Reset();
        (Completed, Bytes, Errors) = (0, 0, 0);
    }

    /// <summary>Reads something; true where the answer is 200.</summary>
    public async ValueTask<bool> GetAsync(Person person, Uri address, CancellationToken ct) =>
        (await SendAsync(person, HttpMethod.Get, address, null, null, null, HttpStatusCode.OK, ct)).Expected;

    /// <summary>Posts something; the answer says whether the status was the one expected.</summary>
    public ValueTask<Reply> PostAsync(
        Person person, Uri address, byte[] body, HttpStatusCode expected, CancellationToken ct, string? ifMatch = null,
        string? idempotencyKey = null) =>
        SendAsync(person, HttpMethod.Post, address, body, ifMatch, idempotencyKey, expected, ct);

    /// <summary>Counts an error.</summary>
    public void Fail(string what, string example)
    {
        Errors++;
        suite.Fail(Row, what, example);
    }

    private async ValueTask<Reply> SendAsync(
        Person person, HttpMethod method, Uri address, byte[]? body, string? ifMatch, string? idempotencyKey, HttpStatusCode expected,
        CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, address);
        request.Headers.TryAddWithoutValidation("Authorization", person.Authorization);
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        if (idempotencyKey is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", idempotencyKey);
        }

        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = Json;
        }

        var start = Stopwatch.GetTimestamp();
        try
        {
            using var response = await suite.Http.SendAsync(request, ct);
            await using var answer = await response.Content.ReadAsStreamAsync(ct);
            var (total, last) = (0L, 0);
            for (int read; (read = await answer.ReadAsync(_buffer, ct)) > 0; total += read)
            {
                last = read;
            }

            var elapsed = Stopwatch.GetElapsedTime(start);
            Bytes += total;
            if (response.StatusCode != expected)
            {
                Fail($"{method} answered {(int)response.StatusCode}, not {(int)expected}",
                    $"{address.PathAndQuery} → {Encoding.UTF8.GetString(_buffer, 0, Math.Min(last, 300))}");
                return default;
            }

            Latencies.RecordValue(Math.Min((long)elapsed.TotalMicroseconds, LongestMicroseconds));
            return new Reply(true, Header(response, "Location"), Header(response, "ETag"));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            Fail($"{method} {e.GetType().Name}", $"{address.PathAndQuery} → {e.Message}");
            return default;
        }
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;
}

/// <summary>What an operation needs of an answer.</summary>
internal readonly record struct Reply(bool Expected, string? Location, string? ETag);
