using Itsm.Platform.Documents;
using Itsm.Platform.Supervision;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MongoDB.Bson;
using MongoDB.Bson.Serialization.Attributes;

namespace Itsm.Platform.Timers;

/// <summary>Durable timers: each a document with a due instant and a lease. Any replica of the service may claim one that is due, and
/// renews the lease as long as it runs. Eight run at once, never two of the same owner; they begin in the order in which they are due, also
/// those that came due while nobody ran, and the lateness of each is measured.</summary>
internal sealed partial class TimerStore(IDocumentDatabase database, Worker worker, TimeProvider clock, ILogger<TimerStore> log)
    : BackgroundService
{
    private const int BatchSize = 100;
    private static readonly CollectionDefinition Definition = new("timers", new IndexDefinition("due"));
    private readonly Dictionary<(string Collection, string Name), Func<Guid, DateTimeOffset, CancellationToken, Task>> _handlers = [];
    private readonly HashSet<Guid> _unreadable = [];
    private readonly DueWait _wait = new(clock);
    private readonly IDocumentCollection _timers = database.Collection(Definition);

    /// <summary>Whose timers they are.</summary>
    public string Service { get; init; } = "";

    /// <summary>Says what happens when a timer of this name comes due.</summary>
    public void Register(string collection, string name, Func<Guid, DateTimeOffset, CancellationToken, Task> handler) =>
        _handlers[(collection, name)] = handler;

    /// <summary>Sets, moves or takes back a timer; an older version of its owner changes nothing.</summary>
    public async Task ApplyAsync(string collection, Guid owner, long ownerVersion, TimerChange change, CancellationToken ct)
    {
        var id = DerivedId.From(collection, owner.ToString(), change.Name);
        for (var isFirst = ownerVersion == 1; ; isFirst = false)
        {
            // What a new owner sets is hardly there already: a look would cost more than the insert that finds it.
            var found = isFirst ? null : await _timers.FindAsync(id, ct);
            var known = found is { } document ? BsonMapping.FromBytes<DurableTimer>(document.Body) : null;
            if (known?.OwnerVersion > ownerVersion || (known is null && change.Due is null))
            {
                return;
            }

            if (change.Due is not { } due)
            {
                if (await _timers.DeleteAsync(id, found!.Value.Version, ct))
                {
                    return;
                }

                continue;
            }

            var timer = new DurableTimer(id, (known?.Version ?? 0) + 1, collection, owner, ownerVersion, change.Name, due, due, 0);
            try
            {
                if (known is null)
                {
                    await _timers.InsertAsync(timer.Stored(), ct);
                }
                else if (!await _timers.ReplaceAsync(timer.Stored(), known.Version, ct))
                {
                    continue;
                }

                LookBefore(due);
                return;
            }
            catch (DuplicateKeyException)
            {
                // Set by another replica of the relay since the look: look again.
            }
        }
    }

    /// <summary>The same as a write beside the save that asks for it; <see cref="LookBefore"/> once that is made.</summary>
    public SideWrite Beside(string collection, Guid owner, long ownerVersion, TimerChange change)
    {
        var id = DerivedId.From(collection, owner.ToString(), change.Name);

        // Each claim of a timer counts one up: that of an older version of its owner never comes near.
        var version = ownerVersion << 20;
        return new SideWrite(_timers, id, change.Due is { } due
            ? new DurableTimer(id, version, collection, owner, ownerVersion, change.Name, due, due, 0).Stored()
            : null);
    }

    /// <summary>A timer was set: has the timers looked at in time for it.</summary>
    public void LookBefore(DateTimeOffset due) => _wait.LookBefore(due);

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _stopping = stoppingToken;
        return worker.RunAsync(LoopAsync, stoppingToken);
    }

    private async Task LoopAsync(Work work)
    {
        var stoppingToken = work.Token;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                _wait.Begin();
                var next = await StartDueAsync(work);
                work.Completed();
                await _wait.UntilAsync(next, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                log.LogError(e, "Timers could not be looked at.");
                await Task.Delay(DueWait.Longest, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        // A loop that was broken off has a successor, which needs the places.
        for (var ended = 0; ended < MostAtOnce && !work.BrokenOff.IsCancellationRequested; ended++)
        {
            await _free.WaitAsync(work.BrokenOff);
        }
    }

    /// <summary>Starts what is due, oldest first.</summary>
    /// <returns>When to look again: nothing more is due before.</returns>
    private async Task<DateTimeOffset> StartDueAsync(Work work)
    {
        var ct = work.Token;
        var first = await _timers.QueryAsync(new DocumentQuery([Condition.Within(
            "due", BsonValue.Create(DateTime.UnixEpoch), true, null, false)], "due", false, null, BatchSize + _unreadable.Count), ct);
        var (now, again, unreadable) = (clock.GetUtcNow(), false, _unreadable.Count);
        HashSet<(string, Guid)> looked = [];
        foreach (var document in first)
        {
            if (TryRead(document) is not { } timer)
            {
                continue;
            }

            if (timer.Due > now)
            {
                return again ? now : timer.Due - now < DueWait.Longest ? timer.Due : now + DueWait.Longest;
            }

            var owner = (timer.Collection, timer.Owner);
            var runs = IsRunning(owner);
            if (!looked.Add(owner) || runs)
            {
                // An earlier one of its owner comes first. Where that has ended meanwhile, nobody else has the timers looked at again.
                again |= !runs;
                continue;
            }

            // Those that run are work of their own.
            work.Rest();
            await _free.WaitAsync(ct);
            work.Resume();
            await StartAsync(timer, ct);
            again |= first.Count >= BatchSize;
        }

        return again || _unreadable.Count > unreadable ? now : now + DueWait.Longest;
    }

    /// <summary>Null where it can't be read here: the others go on.</summary>
    private DurableTimer? TryRead(StoredDocument document)
    {
        try
        {
            return BsonMapping.FromBytes<DurableTimer>(document.Body);
        }
        catch (Exception e) when (e is FormatException or BsonException)
        {
            if (_unreadable.Add(document.Id))
            {
                log.LogError(e, "The timer {Timer} can't be read here; others go on.", document.Id);
            }

            return null;
        }
    }

    /// <param name="Id">Derived from collection, owner and name.</param>
    /// <param name="Version">Of this document.</param>
    /// <param name="Collection">Where its owner is.</param>
    /// <param name="Owner">The aggregate that set it.</param>
    /// <param name="OwnerVersion">As of which version.</param>
    /// <param name="Name">Tells the timers of an owner apart.</param>
    /// <param name="Set">The instant that the owner asked for.</param>
    /// <param name="Due">When to look next: that instant, a lease's end, or the next try.</param>
    /// <param name="Attempts">Failed runs.</param>
    private sealed record DurableTimer(
        [property: BsonId] Guid Id, long Version, string Collection, Guid Owner, long OwnerVersion, string Name, DateTimeOffset Set,
        DateTimeOffset Due, int Attempts)
    {
        public StoredDocument Stored() => new(Id, Version, BsonMapping.ToBytes(this));
    }
}
