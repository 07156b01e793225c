using System.ComponentModel.DataAnnotations;

namespace Itsm.Notifications.Live;

/// <summary>Section <c>Live</c>.</summary>
public sealed class LiveSettings
{
    /// <summary>How many events Redis keeps to resume from; 50,000 by default. Each takes about 1 kB.</summary>
    [Range(10, 1_000_000)]
    public int Kept { get; set; } = 50_000;

    /// <summary>How many of them each node holds in memory, where there is no Redis all that there are; 5,000 by default. Each takes about
    /// 2 kB.</summary>
    [Range(10, 100_000)]
    public int KeptInMemory { get; set; } = 5_000;

    /// <summary>How many streams one person may have open, over all nodes; 10 by default.</summary>
    [Range(1, 1_000)]
    public int MostStreamsOfAPerson { get; set; } = 10;

    /// <summary>How many streams one node holds open; 5,000 by default. Each takes about 20 kB and two descriptors.</summary>
    [Range(1, 1_000_000)]
    public int MostStreams { get; set; } = 5_000;

    /// <summary>Silence after which a sign of life is sent; 15 s by default, below the gateway's limit of 100 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);
}
