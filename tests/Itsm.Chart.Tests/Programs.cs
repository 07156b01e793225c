using Itsm.Gateway;
using Itsm.Platform.Hosting;
using Itsm.Platform.Webhooks;
using Itsm.Ticketing.Attachments;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Itsm.Chart.Tests;

/// <summary>The suite's own programs, in their pods and in this process.</summary>
internal static class Programs
{
    /// <summary>Connection strings of engines that never answer.</summary>
    private static readonly Dictionary<string, string> Engines = new()
    {
        ["mongodb"] = "mongodb://127.0.0.1:1/", ["rabbitmq"] = "amqp://guest:guest@127.0.0.1:1/",
        ["redis"] = "127.0.0.1:1,connectTimeout=100", ["elasticsearch"] = "http://127.0.0.1:1",
    };

    /// <summary>What runs the gateway or a service.</summary>
    public static IEnumerable<Pods> In(Rendering chart) =>
        chart.Pods.Where(pods => pods.Template.Metadata.Labels.TryGetValue("itsm/tier", out var tier) && tier is "gateway" or "service");

    /// <summary>True for a connection string.</summary>
    public static bool NamesEngine(V1EnvVar variable) => variable.Name.StartsWith("ConnectionStrings__", StringComparison.Ordinal);

    /// <summary>The environment of its container, with made-up secrets.</summary>
    public static Dictionary<string, string> SettingsOf(Rendering chart, Pods pods)
    {
        var container = Assert.Single(pods.Spec.Containers);
        var settings = container.EnvFrom.Where(from => from.ConfigMapRef is not null)
            .SelectMany(from => chart.One<V1ConfigMap>(from.ConfigMapRef.Name).Data).ToDictionary();
        if (container.EnvFrom.Any(from => from.SecretRef?.Name == "audit"))
        {
            (settings["Audit__Current"], settings["Audit__Keys__a"]) = ("a", Convert.ToBase64String(new byte[32]));
        }

        foreach (var variable in container.Env.Where(variable => variable.ValueFrom?.FieldRef is null))
        {
            settings[variable.Name] = variable.Value ?? Engines[variable.Name["ConnectionStrings__".Length..]];
        }

        return settings;
    }

    /// <summary>Builds a program as its start does, with these settings.</summary>
    /// <returns>Whether it has a client of webhooks, and of the scanner.</returns>
    /// <exception cref="InvalidOperationException">The program refuses them.</exception>
    public static async Task<(bool Webhooks, bool Scanner)> BuildAsync(string component, IReadOnlyDictionary<string, string> settings)
    {
        string[] arguments = ["--environment=Production", "--Logging:LogLevel:Default=None",
            .. settings.Select(setting => $"--{setting.Key.Replace("__", ":", StringComparison.Ordinal)}={setting.Value}")];
        await using var app = component == "gateway"
            ? GatewayHost.Build(arguments)
            : ServiceHost.Build(arguments, [AppHost.AppHost.Modules.Single(module => module.Name == component)]);
        _ = app.Services.GetServices<IHostedService>().Count();
        return (app.Services.GetService<WebhookClient>() is not null, app.Services.GetService<IConfigureOptions<AttachmentSettings>>() is not null);
    }
}
