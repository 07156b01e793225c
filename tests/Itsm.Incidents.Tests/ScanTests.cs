using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Itsm.Testing;
using Microsoft.AspNetCore.Builder;
using static Itsm.Incidents.Tests.Shortcuts;

namespace Itsm.Incidents.Tests;

/// <summary>Files are looked through by ClamAV: its daemon is started where it is installed.</summary>
[OuterTier]
public sealed class ScanTests
{
    // The file that all scanners know and that does no harm.
    private static readonly byte[] Eicar =
        [.. "X5O!P%@AP[4\\PZX54(P^)7CC)7}$"u8, .. "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"u8];

    [Fact]
    public async Task Malware_is_not_kept_and_what_is_clean_is_said_to_be()
    {
        await using var clam = await Daemon.StartAsync();
        await using var suite = new Suite(clam.Port);
        await suite.InitializeAsync();
        var id = (await suite.OpenAsync()).Id;
        var refused = (await SendAsync(suite, id, Eicar)).Problem(409);
        Assert.Equal("attachment.infected", refused.Code());
        Assert.Contains("Eicar", refused.Text("detail"), StringComparison.Ordinal);
        Assert.Empty((await suite.GetAsync(Caller, $"incidents/{id}/attachments")).Ok().Items);
        Assert.Empty(System.IO.Directory.EnumerateFiles(Path.Combine(suite.Data, "incidents.blobs"), "*", SearchOption.AllDirectories));

        // In the middle of much.
        byte[] large = [.. new byte[400_000], .. Eicar, .. new byte[400_000]];
        (await SendAsync(suite, id, large)).Problem(409);
        Assert.Equal("clean", (await SendAsync(suite, id, [.. "harmless"u8, .. new byte[400_000]])).Ok().Text("scan"));

        await clam.DisposeAsync();
        var answer = await SendAsync(suite, id, "harmless"u8.ToArray());
        Assert.Equal("scanner-unavailable", answer.Problem(503).Code());
        Assert.True(int.Parse(answer.Headers["Retry-After"], CultureInfo.InvariantCulture) > 0);
        Assert.Single((await suite.GetAsync(Caller, $"incidents/{id}/attachments")).Ok().Items);
    }

    private static Task<Answer> SendAsync(RunningSuite suite, string id, byte[] content) =>
        suite.SendAsync(Caller, HttpMethod.Post, $"incidents/{id}/attachments?fileName=a.bin", new ByteArrayContent(content));

    private sealed class Suite(int port) : IncidentsSuite
    {
        protected override void Configure(WebApplicationBuilder builder) =>
            builder.Configuration["Attachments:Scanner"] = $"tcp://127.0.0.1:{port}";
    }

    /// <summary>The daemon with one signature.</summary>
    private sealed class Daemon(Process process, DirectoryInfo folder, int port) : IAsyncDisposable
    {
        public int Port => port;

        public static async Task<Daemon> StartAsync()
        {
            var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin")
                .Select(path => Path.Combine(path, "clamd")).FirstOrDefault(System.IO.File.Exists);
            if (program is null)
            {
                Assert.Skip("clamd is not installed: package clamav-daemon of Debian has it.");
            }

            using var free = new TcpListener(IPAddress.Loopback, 0);
            free.Start();
            var port = ((IPEndPoint)free.LocalEndpoint).Port;
            free.Stop();
            var folder = System.IO.Directory.CreateTempSubdirectory("itsm-clamav-");
            await System.IO.File.WriteAllTextAsync(
                Path.Combine(folder.FullName, "eicar.ndb"), $"Eicar-Signature:0:*:{Convert.ToHexStringLower(Eicar)}\n");
            var settings = Path.Combine(folder.FullName, "clamd.conf");
            await System.IO.File.WriteAllTextAsync(settings, $"""
                Foreground yes
                TCPSocket {port}
                TCPAddr 127.0.0.1
                DatabaseDirectory {folder.FullName}

                """);
            var process = Process.Start(new ProcessStartInfo(program, ["--config-file", settings])
            {
                RedirectStandardOutput = true, RedirectStandardError = true,
            })!;
            var said = new StringBuilder();
            process.OutputDataReceived += (_, line) => said.AppendLine(line.Data);
            process.ErrorDataReceived += (_, line) => said.AppendLine(line.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            await RunningSuite.UntilAsync(async () =>
            {
                using var client = new TcpClient();
                try
                {
                    await client.ConnectAsync(IPAddress.Loopback, port);
                    return "";
                }
                catch (SocketException)
                {
                    return said.ToString();
                }
            }, answer => answer.Length == 0, "ClamAV", every: TimeSpan.FromMilliseconds(100));
            return new Daemon(process, folder, port);
        }

        public async ValueTask DisposeAsync()
        {
            if (folder.Exists)
            {
                process.Kill();
                await process.WaitForExitAsync();
                process.Dispose();
                folder.Delete(recursive: true);
                folder.Refresh();
            }
        }
    }
}
