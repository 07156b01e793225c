using Itsm.Platform.Hosting;

namespace Itsm.AppHost;

/// <content>The command line.</content>
public static partial class AppHost
{
    private const int DefaultPort = 8080;

    /// <summary>What the command line says.</summary>
    public sealed record Options
    {
        /// <summary>What the command line takes, for people.</summary>
        internal const string Usage = """
            Usage: run [--port 8080] [--data .itsm] [--fresh | --separate | --demo URL] [--tickets]
              --port      of the gateway; 0 for any free one
              --data      folder with all data
              --fresh     begins with an empty folder
              --separate  each service as a process of its own, on the engines that ConnectionStrings__mongodb, … name
              --demo      loads the demo organisation into the suite at this address
              --tickets   loads its tickets, too, where the suite is in Development; once it answers
            """;

        /// <summary>Port of the gateway; 0 for any free one.</summary>
        public int Port { get; init; } = DefaultPort;

        /// <summary>Folder with all data.</summary>
        public string Data { get; init; } = ".itsm";

        /// <summary>True to start with an empty folder.</summary>
        public bool Fresh { get; init; }

        /// <summary>True to run each service as a process of its own.</summary>
        public bool Separate { get; init; }

        /// <summary>Where the demo organisation is loaded into a suite that runs already; null to run one.</summary>
        public Uri? Demo { get; init; }

        /// <summary>True to load the tickets of the demo organisation, too.</summary>
        public bool Tickets { get; init; }

        /// <summary>Names of the services to run, which must include the directory; null for all. For tests.</summary>
        public IReadOnlyList<string>? Services { get; init; }

        /// <summary>Services that are not part of the product; for tests.</summary>
        public IReadOnlyList<IServiceModule> More { get; init; } = [];

        /// <summary>Applied to both web applications; for tests.</summary>
        public Action<WebApplicationBuilder>? Configure { get; init; }

        /// <summary>Reads the arguments of the command line.</summary>
        /// <exception cref="ArgumentException">One is not understood; the message says which.</exception>
        public static Options Parse(string[] args)
        {
            var options = new Options();
            for (var index = 0; index < args.Length; index++)
            {
                options = args[index] switch
                {
                    "--fresh" => options with { Fresh = true },
                    "--separate" => options with { Separate = true },
                    "--tickets" => options with { Tickets = true },
                    "--port" when index + 1 < args.Length && int.TryParse(args[index + 1], out var port) && port is >= 0 and <= 65535 =>
                        Next(options with { Port = port }),
                    "--demo" when index + 1 < args.Length && Uri.TryCreate(args[index + 1], UriKind.Absolute, out var url) =>
                        Next(options with { Demo = url }),
                    "--data" when index + 1 < args.Length => Next(options with { Data = args[index + 1] }),
                    var other =>
                        throw new ArgumentException($"{other} is not understood, or lacks a good value.\n{Usage}"),
                };

                Options Next(Options changed)
                {
                    index++;
                    return changed;
                }
            }

            return options is { Fresh: true, Separate: true }
                ? throw new ArgumentException("--fresh empties the folder of the embedded engines; with --separate drop the databases "
                    + "instead.")
                : options;
        }
    }
}
