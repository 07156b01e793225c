using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;

namespace Itsm.Testing;

/// <summary>A server that speaks S3, of packages from the npm registry, which stay in <c>artifacts</c>. It lives as long as the test
/// process; what uses it starts a process, and is marked [OuterTier].</summary>
internal static class S3Server
{
    private static readonly string Source = SourceTree.PathTo("tests", "_testing", "S3");
    private static Process? _process;

    /// <summary>Its address as <see cref="BucketAddress"/> reads it; null where node, npm or the packages can't be had.</summary>
    public static async Task<string?> StartAsync()
    {
        try
        {
            if (await PackagesAsync() is not { } packages)
            {
                return null;
            }

            _process = Process.Start(new ProcessStartInfo("node", ["--openssl-legacy-provider", Path.Combine(Source, "server.js")])
            {
                RedirectStandardInput = true, RedirectStandardOutput = true,
                Environment = { ["NODE_PATH"] = Path.Combine(packages, "node_modules") },
            })!;
            return await _process.StandardOutput.ReadLineAsync() is { } port ? $"http://S3RVER:S3RVER@127.0.0.1:{port}/blobs" : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static async Task<string?> PackagesAsync()
    {
        var list = Path.Combine(Source, "package.json");
        var version = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(list)))[..8];
        var folder = SourceTree.PathTo("artifacts", "s3-" + version);
        if (System.IO.Directory.Exists(folder))
        {
            return folder;
        }

        var made = System.IO.Directory.CreateDirectory($"{folder}-{Path.GetRandomFileName()}").FullName;
        File.Copy(list, Path.Combine(made, "package.json"));
        var (code, _, _) = await new Command("npm", "install", "--prefix", made, "--no-fund", "--no-audit").RunAsync();
        try
        {
            System.IO.Directory.Move(made, code == 0 ? folder : made + "-failed");
        }
        catch (IOException) when (System.IO.Directory.Exists(folder))
        {
            System.IO.Directory.Delete(made, recursive: true);
        }

        return code == 0 ? folder : null;
    }
}

/// <summary>Where a bucket is, and who may use it.</summary>
public sealed record BucketAddress(string Endpoint, string AccessKey, string SecretKey, string Bucket)
{
    /// <summary>Of <c>http://key:secret@host:port/bucket</c>.</summary>
    public static BucketAddress Of(string address)
    {
        var all = new Uri(address);
        var keys = all.UserInfo.Split(':');
        return new(all.GetLeftPart(UriPartial.Scheme) + all.Authority, Uri.UnescapeDataString(keys[0]), Uri.UnescapeDataString(keys[1]),
            all.AbsolutePath.Trim('/'));
    }

    /// <summary>A closed door before the store.</summary>
    public (Proxy Door, BucketAddress Behind) Behind()
    {
        var there = new Uri(Endpoint);
        var door = Proxy.Before(there.Host, there.Port);
        return (door, this with { Endpoint = $"http://127.0.0.1:{door.Port}" });
    }

    /// <summary>A service's settings for it.</summary>
    public IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>
    {
        ["Blobs:S3:Endpoint"] = Endpoint, ["Blobs:S3:AccessKey"] = AccessKey, ["Blobs:S3:SecretKey"] = SecretKey,
        ["Blobs:S3:Bucket"] = Bucket,
    };
}
