using System.Diagnostics;

namespace Itsm.Testing;

/// <summary>Runs another program to its end.</summary>
public sealed record Command(string Program, params IReadOnlyList<string> Arguments)
{
    /// <summary>What it reads.</summary>
    public string Input { get; init; } = "";

    /// <summary>Beside the environment of the tests.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Its exit code and what it printed.</summary>
    public async Task<(int Code, string Output, string Error)> RunAsync()
    {
        var start = new ProcessStartInfo(Program, Arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(Input);
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
