using System.Text.Json;
using Itsm.Load;
using Itsm.Load.Chaos;

if (args is ["chaos", .. var rest])
{
    return await ChaosRun.RunAsync(rest);
}

if (args is ["separate", .. var settings])
{
    return await SeparateRun.RunAsync(settings);
}

if (args is ["judged"])
{
    return await JudgedRun.RunAsync();
}

Options options;
try
{
    options = Options.Parse(args);
}
catch (ArgumentException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}

using var suite = new Suite(options);
using var end = new CancellationTokenSource();
var report = new Report();
var signedIn = Task.CompletedTask;
var gaveUp = false;
try
{
    await suite.WaitUntilHealthyAsync(TimeSpan.FromSeconds(60));
    signedIn = await suite.KeepSignedInAsync(end.Token);
    Console.WriteLine(
        $"{options.Clients} clients, {options.Seconds} s a row, {Environment.ProcessorCount} processors shared with the suite");
    Console.WriteLine();
    await (options.Only switch
    {
        [Options.Clocks] => new ClocksRun(suite, options).RunAsync(end.Token),
        [Options.Requests] => new RequestsRun(suite, options).RunAsync(end.Token),
        [Options.Search] => new SearchRun(suite, options).RunAsync(end.Token),
        [Options.Assets] => new AssetsRun(suite, options).RunAsync(end.Token),
        _ => MeasureRowsAsync(),
    });
}
catch (Exception e) when (e is InvalidOperationException or HttpRequestException or OperationCanceledException or JsonException
    or KeyNotFoundException)
{
    Console.Error.WriteLine($"Gave up: {e.Message}");
    gaveUp = true;
}

await end.CancelAsync();
await signedIn;
report.End(suite);
return gaveUp || suite.Errors > 0 ? 1 : 0;

async Task MeasureRowsAsync()
{
    Report.Head();
    var run = new Run(suite, options);
    int[] sizes = options.Incidents > Sizes.Small ? [Sizes.Small, options.Incidents] : [Sizes.Small];
    foreach (var size in sizes)
    {
        if (suite.Count < size)
        {
            report.Add(await run.FillAsync(size));
        }

        var rows = Rows.All.Where(row => options.Only.Count == 0 || options.Only.Any(row.IsNamed)).ToList();
        foreach (var row in rows.Where(row => size == sizes[0] && (row.IsList || row.Name == "read")))
        {
            await run.WarmUpAsync(row);
        }

        foreach (var row in rows)
        {
            report.Add(await run.MeasureAsync(row, size));
        }
    }
}
