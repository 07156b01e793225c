using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Supervision;
using Itsm.Platform.Timers;
using Itsm.Platform.Webhooks;
using Itsm.Requests.Domain;
using Itsm.Requests.Ordering;
using Microsoft.Extensions.Options;

namespace Itsm.Requests.Fulfilling;

/// <summary>Makes the calls of requests that are due, and gives up waits that are over. A try is noted before it is made, with a time at
/// which it is made again should this process die over it: as the same call, by its <c>webhook-id</c>. Slow receivers keep no timer
/// waiting: while this process has enough calls under way, what is due comes again a little later, and counts as no try.</summary>
internal sealed class Calls(
    AggregateStore<ServiceRequest> requests, Catalog catalog, Fulfillment fulfillment, WebhookClient webhooks,
    IOptions<RequestSettings> settings, Supervisor supervisor, ILogger<Calls> log) : BackgroundService, ITimerHandler
{
    internal const int AtOnce = 16;
    private static readonly TimeSpan NoRoom = TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim _free = new(AtOnce);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new AnyJsonConverter() } };
    private readonly Channel<Call> _begun = Channel.CreateUnbounded<Call>();
    private readonly Worker _worker = supervisor.Watch("calls of requests");

    /// <inheritdoc/>
    public async Task RunAsync(Guid id, CancellationToken ct)
    {
        var audit = fulfillment.OwnAct("call");
        if (await requests.UpdateAsync(id, audit, one => one.EndWaits(audit), ct) is not { } request)
        {
            return;
        }

        foreach (var key in request.CallsDue(audit.At))
        {
            if (!_free.Wait(0, CancellationToken.None))
            {
                throw new TimerPostponedException(NoRoom);
            }

            Call? call = null;
            try
            {
                call = await BeginAsync(id, key, fulfillment.OwnAct("call"), ct);
            }
            finally
            {
                if (call is null || !_begun.Writer.TryWrite(call))
                {
                    _free.Release();
                }
            }
        }
    }

    /// <summary>Of a token, what is stored.</summary>
    public static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _free.Dispose();
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _worker.RunAsync(loop =>
    {
        // Each call is work of its own.
        loop.Rest();
        var limits = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = loop.Token };
        return Parallel.ForEachAsync(_begun.Reader.ReadAllAsync(loop.Token), limits, async (call, ct) =>
        {
            using var work = _worker.Begin(ct);
            try
            {
                await MakeAsync(call, work.Token).WaitAsync(work.BrokenOff);
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                log.LogError(e, "The call {Task} of {Request} came to no end; it is made again.", call.Task.Key, call.Request.Number);
            }
            finally
            {
                _free.Release();
            }
        });
    }, stoppingToken);

    private async Task<Call?> BeginAsync(Guid id, string key, AuditContext audit, CancellationToken ct)
    {
        var (token, begun) = (Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)), false);
        return await requests.UpdateAsync(id, audit, one => begun = one.BeginCall(key, Hash(token), audit), ct) is { } now && begun
            ? new Call(now, now.Tasks.First(task => task.Key == key), token)
            : null;
    }

    private async Task MakeAsync(Call call, CancellationToken ct)
    {
        var (request, task) = (call.Request, call.Task);
        var rule = (await catalog.OfAsync(request, ct)).Content.Plan.First(step => step.Key == task.Key).Call!;
        var answer = await webhooks.SendAsync(rule.Url, rule.Secret, task.CallIn(request.Id).ToString(), Body(call), ct);
        var audit = fulfillment.OwnAct("call");
        var deadlines = await fulfillment.DeadlinesAsync(request.Tasks, ct);
        await requests.UpdateAsync(request.Id, audit,
            one => one.EndCall(task.Key, task.Run, task.Attempts, answer, rule, deadlines, audit), ct);
    }

    private string Body(Call call)
    {
        // In the query, which traces leave out.
        var path = $"/api/v1/request-callbacks?token={call.Token}";
        return JsonSerializer.Serialize(new
        {
            request = call.Request.Number, item = call.Request.ItemKey, task = call.Task.Key, attempt = call.Task.Attempts,
            requester = call.Request.Requester, subject = call.Request.Subject,
            answers = call.Request.Answers.ToDictionary(answer => answer.Question, answer => answer.Value),
            callback = settings.Value.PublicAddress is { } gateway ? new Uri(gateway, path).ToString() : path,
        }, Json);
    }

    private sealed record Call(ServiceRequest Request, RequestTask Task, string Token);
}
