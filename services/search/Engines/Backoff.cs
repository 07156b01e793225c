namespace Itsm.Search.Engines;

/// <summary>Pauses between attempts: each a random part of a longest one that doubles from 10 ms to 1 s, so that writers who are in each
/// other's way spread out.</summary>
/// <param name="patience">How long attempts go on.</param>
internal sealed class Backoff(TimeSpan patience)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private TimeSpan _longest = First;

    /// <returns>False, without a pause, where the patience is over.</returns>
    public async Task<bool> PauseAsync(CancellationToken ct)
    {
        if (TimeProvider.System.GetElapsedTime(_started) > patience)
        {
            return false;
        }

        await Task.Delay(_longest * Random.Shared.NextDouble(), TimeProvider.System, ct);
        _longest = _longest * 2 < Longest ? _longest * 2 : Longest;
        return true;
    }
}
