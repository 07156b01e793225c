using System.Globalization;

namespace Itsm.Load;

/// <summary>The command line.</summary>
internal sealed record Options
{
    private const string Usage = "Itsm.Load --url http://127.0.0.1:PORT --pid PID [--seconds 10] [--warm-up 5] [--clients 32] "
        + "[--incidents 200000] [--only create,read,list,...|clocks|requests|search|assets]";

    /// <summary>The suite's address; only 127.0.0.1.</summary>
    public required Uri Url { get; init; }

    /// <summary>The suite's process.</summary>
    public required int Pid { get; init; }

    /// <summary>Seconds a row is measured for.</summary>
    public int Seconds { get; init; } = 10;

    /// <summary>Seconds before each row, and before the first of those that make nothing: methods are compiled again while they are run
    /// often, for about a minute.</summary>
    public int WarmUp { get; init; } = 5;

    /// <summary>So many at least fill the suite.</summary>
    public const int Fillers = 32;

    /// <summary>Clients that each wait for an answer before the next request.</summary>
    public int Clients { get; init; } = 32;

    /// <summary>Incidents at the large size.</summary>
    public int Incidents { get; init; } = 200_000;

    /// <summary>For <see cref="Only"/>: the clocks of service levels instead of rows.</summary>
    public const string Clocks = "clocks";

    /// <summary>For <see cref="Only"/>: service requests and approvals instead of rows.</summary>
    public const string Requests = "requests";

    /// <summary>For <see cref="Only"/>: the search instead of rows.</summary>
    public const string Search = "search";

    /// <summary>For <see cref="Only"/>: configuration items instead of rows, as many as incidents are asked for.</summary>
    public const string Assets = "assets";

    /// <summary>Rows to measure, by name or by the part before the dash; all where empty.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>Reads the command line; throws <see cref="ArgumentException"/> with a message for people.</summary>
    public static Options Parse(string[] args)
    {
        var options = new Options { Url = new Uri("http://127.0.0.1"), Pid = 0 };
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : throw new ArgumentException(Usage);
            options = args[i] switch
            {
                "--url" when Uri.TryCreate(value, UriKind.Absolute, out var url) => options with { Url = url },
                "--pid" => options with { Pid = Number(value, 1, int.MaxValue) },
                "--seconds" => options with { Seconds = Number(value, 1, 300) },
                "--warm-up" => options with { WarmUp = Number(value, 1, 300) },
                "--clients" => options with { Clients = Number(value, 1, 1_000) },
                "--incidents" => options with { Incidents = Number(value, 1, 2_000_000) },
                "--only" =>
                    options with { Only = value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) },
                _ => throw new ArgumentException(Usage),
            };
        }

        return options switch
        {
            { Pid: 0 } => throw new ArgumentException(Usage),
            { Url: not { Host: "127.0.0.1", Scheme: "http" } } => throw new ArgumentException("It loads http://127.0.0.1 only."),
            { Only: [Clocks or Requests or Search or Assets] } => options,
            _ when options.Only.FirstOrDefault(name => !Rows.All.Any(row => row.IsNamed(name))) is { } unknown =>
                throw new ArgumentException($"No row is named {unknown}. Rows: {string.Join(", ", Rows.All.Select(row => row.Name))}."),
            _ => options,
        };
    }

    private static int Number(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new ArgumentException($"{text} is not a number from {least} to {most}.");
}
