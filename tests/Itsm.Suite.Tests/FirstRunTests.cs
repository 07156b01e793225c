using System.Net;
using System.Net.Sockets;
using Itsm.AppHost;
using Itsm.Testing;

namespace Itsm.Suite.Tests;

/// <summary>What somebody meets who starts it for the first time.</summary>
public sealed class FirstRunTests
{
    [Fact]
    public async Task A_port_that_is_taken_is_said_before_anything_is_started()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var data = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var refused = await Assert.ThrowsAsync<IOException>(() => AppHost.AppHost.StartAsync(new() { Port = port, Data = data }));
        Assert.StartsWith($"Port {port} is taken", refused.Message, StringComparison.Ordinal);
        Assert.False(System.IO.Directory.Exists(data));
    }

    [Fact]
    public async Task A_folder_for_data_that_can_not_be_used_is_named()
    {
        var file = Path.GetTempFileName();
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            AppHost.AppHost.StartAsync(new() { Port = 0, Data = Path.Combine(file, "below") }));
        Assert.Contains(file, refused.Message, StringComparison.Ordinal);
        File.Delete(file);
    }

    [Theory, InlineData("--port", "many"), InlineData("--data"), InlineData("--colour")]
    public void What_is_not_understood_is_named_with_all_that_is(params string[] arguments)
    {
        var refused = Assert.Throws<ArgumentException>(() => AppHost.AppHost.Options.Parse(arguments));
        Assert.StartsWith(arguments[0] + " is not understood", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--fresh", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_script_and_the_program_say_what_they_take()
    {
        foreach (var script in System.IO.Directory.EnumerateFiles(SourceTree.PathTo("build")).Where(file => !Path.HasExtension(file)))
        {
            var (code, output, error) = await new Command(script, "--help").RunAsync();
            Assert.True(
                code == 0 && output.Contains(Path.GetFileName(script), StringComparison.Ordinal), $"{script}: {code} {error} {output}");
        }

        Assert.Equal(0, await AppHost.AppHost.RunAsync(["--help"]));
    }
}
