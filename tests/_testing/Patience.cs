namespace Itsm.Testing;

/// <summary>How long tests wait for what must come to pass. Only a test that fails waits that long, so a slow machine gets what it
/// needs.</summary>
public static class Patience
{
    /// <summary>For what takes milliseconds on a machine that has nothing else to do.</summary>
    public static TimeSpan Most { get; } = TimeSpan.FromMinutes(1);
}
