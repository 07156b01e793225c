namespace Itsm.Load;

/// <summary>The table, and the figures against the targets.</summary>
internal sealed class Report
{
    private const double MostMilliseconds = 60;
    private const double MostRatio = 1.3;
    private const double Megabyte = 1024 * 1024;
    private const double MostMegabytes = 300;
    private readonly List<Result> _results = [];
    private int _met;
    private int _missed;

    public static void Head() => Console.WriteLine(
        $"{"row",-14}{"incidents",18}{"items",6}{"rate/s",9}{"p50 ms",8}{"p95 ms",8}{"p99 ms",8}{"max ms",9}{"errors",8}{"bytes/op",10}{"suite",7}"
        + $"{"load",6}{"cpu ms",8}{"docs",6}{"rows",7}{"KB",7}{"deliv.",7}{"backlog",9}  targets");

    /// <summary>Prints a row as soon as it is there: the run takes minutes.</summary>
    public void Add(Result result)
    {
        _results.Add(result);
        var incidents = result.From == result.To ? $"{result.From:n0}" : $"{result.From:n0}→{result.To:n0}";
        var (p50, p95, p99, max) = result.Latency;
        var (each, name) = (result.Each, $"{result.Name,-14}{incidents,18}{result.Items,6}{result.Rate,9:n0}");
        Console.WriteLine(
            $"{name}{p50,8:n1}{p95,8:n1}{p99,8:n1}{max,9:n1}{result.Errors,8:n0}{result.Bytes,10:n0}{result.SuiteCpu,7:n2}"
            + $"{result.LoadCpu,6:n2}{each.Cpu * 1000,8:n2}{each.Documents,6:n1}{each.IndexRows,7:n1}{each.Allocated / 1024,7:n0}"
            + $"{each.Deliveries,7:n1}{result.Backlog.TotalSeconds,8:n1}s  {Verdict(result)}");
    }

    /// <summary>Prints what is not of one row.</summary>
    public void End(Suite suite)
    {
        Console.WriteLine();
        Console.WriteLine("rate in operations (lifecycle: create, start, resolve), latency of requests; suite and load: processors kept "
            + "busy; closed loop, so latency follows from rate and clients");
        Console.WriteLine("of one operation, with what follows its answer: processor time, documents and index rows written, KB allocated, "
            + "messages handled; backlog: until all of it was published");
        Console.WriteLine();
        foreach (var large in _results.Where(result => result.IsList && result.Size > Sizes.Small))
        {
            if (_results.Find(result => result.Name == large.Name && result.Size == Sizes.Small) is { } small && large.Rate > 0)
            {
                var ratio = small.Rate / large.Rate;
                Console.WriteLine($"{Judge(ratio < MostRatio)}  {large.Name}: time of a list at {large.Size:n0} is {ratio:0.00} of that at "
                    + $"{small.Size:n0} (< {MostRatio})");
            }
        }

        if (suite.MemoryAtTenThousand > 0)
        {
            var megabytes = suite.MemoryAtTenThousand / Megabyte;
            Console.WriteLine($"{Judge(megabytes < MostMegabytes)}  resident memory of the suite after 10,000 incidents, under load: "
                + $"{megabytes:n0} MB (< {MostMegabytes:n0} MB)");
        }

        var figures = suite.Figures();
        Console.WriteLine($"      resident memory of the suite at the end, {suite.Count:n0} incidents: {figures.Resident / Megabyte:n0} "
            + $"MB, at most {figures.Peak / Megabyte:n0} MB");
        Console.WriteLine();
        Console.WriteLine($"{_met} targets met, {_missed} missed, {suite.Errors:n0} errors");
        foreach (var (what, failure) in suite.Failures.Take(20))
        {
            Console.WriteLine($"{failure.Count,9:n0} × {what}, such as {failure.Example}");
        }
    }

    private string Verdict(Result result)
    {
        if (result.Name == "fill")
        {
            return "";
        }

        var rate = result.Target > 0 ? $"{Judge(result.Rate >= result.Target)} ≥ {result.Target:n0}/s  " : "";
        return $"{rate}{Judge(result.Latency.P99 is > 0 and < MostMilliseconds)} p99 < {MostMilliseconds} ms";
    }

    private string Judge(bool met)
    {
        (_met, _missed) = met ? (_met + 1, _missed) : (_met, _missed + 1);
        return met ? "PASS" : "FAIL";
    }
}
