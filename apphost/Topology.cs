using Itsm.Gateway;

namespace Itsm.AppHost;

/// <summary>The suite as separate programs, and the environment variables that they need, whoever starts them.</summary>
public static class Topology
{
    /// <summary>Name of the gateway among the programs.</summary>
    public const string Gateway = "gateway";

    /// <summary>The services, and last the gateway, with the file that <c>dotnet</c> runs; it lies beside this assembly.</summary>
    public static IReadOnlyList<(string Name, string File)> Programs { get; } =
    [
        .. AppHost.Modules.Select(module => (module.Name, module.GetType().Assembly.GetName().Name + ".dll")),
        (Gateway, typeof(GatewayHost).Assembly.GetName().Name + ".dll"),
    ];

    /// <summary>Engines without which no program starts: each has its connection string.</summary>
    public static IReadOnlyList<string> Engines { get; } = ["mongodb", "rabbitmq", "redis"];

    /// <summary>The engine without which search, in Development, has an index of its own.</summary>
    public const string SearchEngine = "elasticsearch";

    /// <summary>Those whose value is the development key.</summary>
    public static IReadOnlyList<string> KeyVariables { get; } =
        ["Authentication__DevelopmentKey", "Audit__Keys__development", $"Webhooks__Secrets__{DemoAutomation.Secret}"];

    /// <summary>The one whose value is the gateway's address.</summary>
    public static string GatewayVariable { get; } = Variable(DemoAutomation.Setting);

    /// <summary>Those that are the same for all programs and in every run.</summary>
    public static IReadOnlyDictionary<string, string> Variables { get; } = new Dictionary<string, string>(
        AppHost.Modules.SelectMany(AppHost.RoutesOf).Select(route => KeyValuePair.Create(Variable(route.Key), route.Value)))
    {
        ["DOTNET_ENVIRONMENT"] = "Development", ["ASPNETCORE_ENVIRONMENT"] = "Development",
        ["Directory__FirstAdministrator"] = DevelopmentTokens.Administrator,
        ["Incidents__DefaultGroup"] = DemoOrganisation.DefaultGroup, ["Requests__DefaultGroup"] = DemoOrganisation.DefaultGroup,
        ["Audit__Current"] = "development",
    };

    /// <summary>The one whose value is this service's address.</summary>
    public static string AddressVariable(string service) => $"Services__{service}";

    /// <summary>The one whose value is this engine's address.</summary>
    public static string EngineVariable(string engine) => $"ConnectionStrings__{engine}";

    private static string Variable(string setting) => setting.Replace(":", "__", StringComparison.Ordinal);
}
