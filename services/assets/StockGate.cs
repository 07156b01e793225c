namespace Itsm.Assets;

/// <summary>Lets those wait for each other in this process who take from one stock: else of many at once most would lose the race of
/// versions too often, and be refused what is there. Between processes the versions decide.</summary>
internal sealed class StockGate : IDisposable
{
    private const int Gates = 64;
    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, Gates).Select(_ => new SemaphoreSlim(1))];

    /// <param name="name">Of the stock, as the request has it.</param>
    /// <param name="work">Takes from it.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<IResult> TakeAsync(string name, Func<Task<IResult>> work, CancellationToken ct)
    {
        var gate = _gates[(uint)name.GetHashCode(StringComparison.OrdinalIgnoreCase) % Gates];
        await gate.WaitAsync(ct);
        try
        {
            return await work();
        }
        finally
        {
            gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_gates, gate => gate.Dispose());
}
