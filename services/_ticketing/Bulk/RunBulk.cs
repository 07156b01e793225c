using System.Text.Json;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Http;
using Itsm.Platform.Timers;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Http;
using MongoDB.Bson;

namespace Itsm.Ticketing.Bulk;

/// <summary>Works through a bulk job. Safe to run twice, at once or after a crash: each request has a key of its own, so that it has its
/// effect once.</summary>
internal sealed class RunBulk<T>(
    AggregateStore<BulkJob<T>> jobs, OwnRequests requests, BulkActions actions, Languages languages, KindNames names, string service)
    : ITimerHandler
    where T : Aggregate
{
    private const int AtOnce = 4;
    private const int PageSize = 20;

    /// <summary>After it other timers get their turn.</summary>
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public async Task RunAsync(Guid id, CancellationToken ct)
    {
        var end = jobs.Clock.GetUtcNow() + Slice;
        var job = await jobs.FindAsync(id, ct);
        while (job is { HasEnded: false })
        {
            if (jobs.Clock.GetUtcNow() > end)
            {
                await UpdateAsync(id, "continue", one => one.Continue(jobs.Clock.GetUtcNow()), ct);
                return;
            }

            var (from, body) = (job.Results.Count, JsonOf(job.With));
            var results = new BulkResult[Math.Min(PageSize, job.Total - from)];
            var current = job;
            await Parallel.ForAsync(0, results.Length, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct },
                async (at, stop) => results[at] = await DoAsync(current, from + at, body, stop));
            job = await UpdateAsync(id, "progress", one => one.Note(from, results, jobs.Clock.GetUtcNow()), ct);
        }
    }

    private async Task<BulkResult> DoAsync(BulkJob<T> job, int number, byte[] body, CancellationToken ct)
    {
        var target = job.Targets[number];
        var language = job.Language is { } tag && languages.Find(tag) is { } asked ? asked : Language.English;
        if (!actions.Of(names.Plural).TryGetValue(job.Action, out var route))
        {
            Sentence gone = $"There is no action {job.Action} any more.";
            return new BulkResult(target, 404, "not-found", gone.In(language).ToString());
        }

        var answer = await requests.SendAsync(job.CreatedBy,
            new OwnRequest(route.Method, $"/api/v1/{names.Plural}/{Uri.EscapeDataString(target)}/{route.Path}".TrimEnd('/'))
            {
                Body = body, Key = $"bulk-{job.Id:N}-{number}", Common = job.Id, Language = language,
            }, ct);
        if (answer.Status < 400)
        {
            return new BulkResult(target, answer.Status, null, null);
        }

        if (answer.Status == StatusCodes.Status503ServiceUnavailable)
        {
            // The timer comes again, and the key makes that safe.
            throw new StoreUnavailableException($"{target} can't be changed just now.");
        }

        using var problem = JsonDocument.Parse(answer.Body);
        return new BulkResult(target, answer.Status, TextOf("code"), TextOf("detail"));

        string? TextOf(string member) => problem.RootElement.TryGetProperty(member, out var text) ? text.GetString() : null;
    }

    private Task<BulkJob<T>?> UpdateAsync(Guid id, string action, Action<BulkJob<T>> change, CancellationToken ct) =>
        jobs.UpdateAsync(id, AuditContext.OfService(service, action, jobs.Clock), change, ct);

    private static byte[] JsonOf(BsonValue value)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            AnyJsonConverter.Write(writer, value);
        }

        return bytes.ToArray();
    }
}
