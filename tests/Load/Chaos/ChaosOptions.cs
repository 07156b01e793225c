using System.Globalization;

namespace Itsm.Load.Chaos;

/// <summary>The command line of the fault harness.</summary>
internal sealed record ChaosOptions
{
    private const string Usage = "chaos [--seconds 60] [--seed NUMBER] [--clients 8] [--least-kills NUMBER]";

    /// <summary>How long it works and kills at least.</summary>
    public int Seconds { get; init; } = 60;

    /// <summary>What the order and the times of the kills follow from.</summary>
    public int Seed { get; init; } = Random.Shared.Next(1_000_000);

    /// <summary>Clients at work at the same time.</summary>
    public int Clients { get; init; } = 8;

    /// <summary>It goes on until there were so many kills; one for every ten seconds by default.</summary>
    public int LeastKills { get => field == 0 ? Seconds / 10 : field; init; }

    /// <summary>Folder of the testbed whose engines may be killed; null to leave the engines alone.</summary>
    public string? Testbed { get; } = Environment.GetEnvironmentVariable("ITSM_TESTBED") is { Length: > 0 } folder ? folder : null;

    public static ChaosOptions Parse(string[] args)
    {
        var options = new ChaosOptions();
        for (var index = 0; index < args.Length; index += 2)
        {
            var value = index + 1 < args.Length
                && int.TryParse(args[index + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new ArgumentException(Usage);
            options = args[index] switch
            {
                "--seconds" when value is >= 5 and <= 3600 => options with { Seconds = value },
                "--seed" => options with { Seed = value },
                "--clients" when value is >= 1 and <= 100 => options with { Clients = value },
                "--least-kills" => options with { LeastKills = value },
                _ => throw new ArgumentException(Usage),
            };
        }

        return options;
    }
}
