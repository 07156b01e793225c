using System.Globalization;

namespace Itsm.Load;

/// <summary>What a process has used, as /proc says.</summary>
/// <param name="Resident">Bytes in memory.</param>
/// <param name="Peak">Most bytes in memory so far.</param>
/// <param name="Cpu">Processor time.</param>
internal readonly record struct ProcessFigures(long Resident, long Peak, TimeSpan Cpu)
{
    private const int TicksPerSecond = 100;

    public static bool IsRunning(int pid)
    {
        try
        {
            return Stat(pid)[0] is not ("Z" or "X");
        }
        catch (IOException)
        {
            return false;
        }
    }

    public static ProcessFigures Of(int pid)
    {
        try
        {
            var (resident, peak) = (0L, 0L);
            foreach (var line in File.ReadLines($"/proc/{pid}/status"))
            {
                resident = line.StartsWith("VmRSS:", StringComparison.Ordinal) ? Kilobytes(line) : resident;
                peak = line.StartsWith("VmHWM:", StringComparison.Ordinal) ? Kilobytes(line) : peak;
            }

            var stat = Stat(pid);
            return new(resident * 1024, peak * 1024, TimeSpan.FromSeconds((double)(Number(stat[11]) + Number(stat[12])) / TicksPerSecond));
        }
        catch (IOException)
        {
            return default;
        }
    }

    /// <summary>Processor time of all that runs on this machine, since it started.</summary>
    public static TimeSpan OfMachine()
    {
        var ticks = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..].Select(Number).ToList();

        // user, nice, system, idle, waiting for disks, interrupts, …
        return TimeSpan.FromSeconds((double)(ticks.Take(7).Sum() - ticks[3] - ticks[4]) / TicksPerSecond);
    }

    /// <summary>Bytes in memory, those shared with other processes divided by how many share them.</summary>
    public static long Proportional(int pid) =>
        File.ReadLines($"/proc/{pid}/smaps_rollup").Where(line => line.StartsWith("Pss:", StringComparison.Ordinal)).Sum(Kilobytes) * 1024;

    // The fields after the name, which is in parentheses and may have blanks.
    private static string[] Stat(int pid)
    {
        var text = File.ReadAllText($"/proc/{pid}/stat");
        return text[(text.LastIndexOf(')') + 2)..].Split(' ');
    }

    private static long Kilobytes(string line) => Number(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
