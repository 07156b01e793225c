using Itsm.AppHost;
using Itsm.Gateway;
using Itsm.Platform.Documents.Mongo;
using MongoDB.Driver;

namespace Itsm.Load.Chaos;

/// <summary>The fault harness: the suite as separate processes under steady work, killed piece by piece; then everything is accounted
/// for.</summary>
internal static class ChaosRun
{
    private static readonly TimeSpan Recovery = TimeSpan.FromMinutes(6);

    /// <returns>Exit code: 0 where nothing is lost, doubled or otherwise wrong.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        ChaosOptions options;
        try
        {
            options = ChaosOptions.Parse(args);
        }
        catch (ArgumentException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 2;
        }

        Console.WriteLine("seed "
            + $"{options.Seed}{(options.Testbed is null ? "; no testbed is named by ITSM_TESTBED, so the engines are left alone" : "")}");
        var data = Path.Combine(Path.GetTempPath(), $"itsm-chaos-{Environment.ProcessId}");
        var prefix = $"chaos-{Environment.ProcessId}";
        var suite = await SeparateSuite.StartAsync(new SeparateSuite.Options
        {
            Data = data,
            Settings = new Dictionary<string, string>
            {
                ["Storage__Prefix"] = prefix, ["Messaging__Prefix"] = prefix, ["Messaging__QueueExpiry"] = "00:10:00",
                ["RateLimits__PermitsPerSecond"] = "1000000", ["RateLimits__Burst"] = "1000000",
            },
        }, CancellationToken.None);
        using var leftovers = new Leftovers(SeparateSuite.EngineOf("mongodb"), new Uri(SeparateSuite.EngineOf("rabbitmq")), prefix,
            SeparateSuite.FindEngine(Topology.SearchEngine));
        var ledger = new Ledger();
        var finished = false;
        try
        {
            using var mongo = MongoDatabase.Connect(SeparateSuite.EngineOf("mongodb"), "chaos");
            var promises = new Promises(mongo, leftovers, prefix);
            await RunAsync(suite, options, data, ledger, promises);
            ledger.CheckSilences();
            finished = true;
            return ledger.IsClean ? 0 : 1;
        }
        finally
        {
            if (!finished || !ledger.IsClean)
            {
                foreach (var process in suite.Processes)
                {
                    Console.WriteLine($"\nThe last of {process.Name}:\n{process.LastLines(15)}");
                }
            }

            ledger.Print(options);
            await suite.DisposeAsync();
            if (finished && ledger.IsClean)
            {
                await leftovers.DeleteAsync();
                System.IO.Directory.Delete(data, recursive: true);
            }
        }
    }

    private static async Task RunAsync(SeparateSuite suite, ChaosOptions options, string data, Ledger ledger, Promises promises)
    {
        using var giveUp = new CancellationTokenSource(TimeSpan.FromSeconds(options.Seconds) + Recovery);
        using var end = new CancellationTokenSource();
        using var endOfListening = new CancellationTokenSource();
        using var caller = new Caller(suite.Address, DevelopmentTokens.In(data), ledger, giveUp.Token);
        var listener = new Listener(caller);
        var listening = listener.RunAsync(endOfListening.Token);
        await listener.Begun.Task.WaitAsync(TimeSpan.FromSeconds(20));
        try
        {
            var work = Enumerable.Range(0, options.Clients)
                .Select(number => new Worker(number, caller, ledger, options.Seed).RunAsync(end.Token)).ToList();
            await new Killer(suite, options, ledger, caller.Http).RunAsync(giveUp.Token);
            await end.CancelAsync();
            Console.WriteLine("The end of the kills; waiting for what is under way.");
            await Task.WhenAll(work);
            var services = suite.Processes.Select(process => process.Name).ToList();
            await new Accounting(caller, ledger, listener, promises, services).CheckAsync(giveUp.Token);
            await new SearchAccounting(caller, ledger, options.Seed).CheckAsync(giveUp.Token);
            await new ClocksAccounting(caller, ledger, options.Seed).CheckAsync(giveUp.Token);
        }
        catch (OperationCanceledException) when (giveUp.IsCancellationRequested)
        {
            ledger.Wrong("harness", "The suite did not recover in time: some requests were never answered.");
        }

        await endOfListening.CancelAsync();
        await listening;
        ledger.LiveEvents = $"{listener.Count}, {listener.Connections} connections, {listener.Resets} resets";
    }
}
