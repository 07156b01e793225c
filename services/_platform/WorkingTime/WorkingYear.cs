namespace Itsm.Platform.WorkingTime;

/// <summary>The working time of one year, in milliseconds since 1970: sorted, apart, with sums.</summary>
internal sealed class WorkingYear
{
    private readonly long[] _from;
    private readonly long[] _to;
    private readonly long[] _before;

    public WorkingYear(List<(long From, long To)> hours)
    {
        (_from, _to, _before) = ([.. hours.Select(one => one.From)], [.. hours.Select(one => one.To)], new long[hours.Count]);
        for (var index = 0; index < hours.Count; index++)
        {
            _before[index] = Total;
            Total += _to[index] - _from[index];
        }
    }

    /// <summary>All working time of the year.</summary>
    public long Total { get; }

    public int Count => _from.Length;

    public (long From, long To) this[int index] => (_from[index], _to[index]);

    /// <summary>The first hours that end after an instant.</summary>
    public int After(long instant)
    {
        var index = Array.BinarySearch(_to, instant);
        return index < 0 ? ~index : index + 1;
    }

    /// <summary>Working time of the year before an instant.</summary>
    public long Before(long instant)
    {
        var index = After(instant);
        return index == Count ? Total : _before[index] + Math.Max(0, instant - _from[index]);
    }

    /// <summary>The earliest instant before which the year has this much working time: more than none, at most all.</summary>
    public long At(long worked)
    {
        var index = Array.BinarySearch(_before, worked);
        index = index < 0 ? ~index - 1 : index - 1;
        return _from[index] + (worked - _before[index]);
    }
}
