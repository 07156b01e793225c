namespace Itsm.Search.Engines;

/// <summary>Pauses between attempts: each a random part of a longest one that doubles from 10 ms to 1 s, so that writers who are in each
/// other's way spread out.</summary>
/// <param name="patience">How long attempts go on.</param>
/// <param name="attempts">How many there are at most.</param>
internal sealed class Backoff(TimeSpan patience, int attempts = int.MaxValue)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private TimeSpan _longest = First;
    private int _left = attempts;

    /// <returns>False, without a pause, where there is to be no further attempt.</returns>
    public async Task<bool> PauseAsync(CancellationToken ct)
    {
        if (--_left <= 0 || TimeProvider.System.GetElapsedTime(_started) > patience)
        {
            return false;
        }

        await Task.Delay(_longest * Random.Shared.NextDouble(), TimeProvider.System, ct);
        _longest = _longest * 2 < Longest ? _longest * 2 : Longest;
        return true;
    }
}
