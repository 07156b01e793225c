using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Elastic.Clients.Elasticsearch;
using Elastic.Transport;

namespace Itsm.Search.Engines.Elasticsearch;

/// <summary>Where Elasticsearch is and who calls it: <c>ConnectionStrings:elasticsearch</c> with what <see cref="SearchSettings"/> adds.</summary>
internal static class ElasticsearchAddress
{
    private static readonly TimeSpan LongestRequest = TimeSpan.FromSeconds(10);

    /// <summary>Settings of the client.</summary>
    /// <param name="connection">Addresses of nodes, with commas; user and password of the first are used for all.</param>
    /// <param name="settings">API key and certificates, and whether other nodes are asked for.</param>
    /// <param name="network">What requests go through instead of the network; null for the network.</param>
    /// <exception cref="InvalidOperationException">The connection string can't be understood, or the client's certificate not be
    /// read.</exception>
    public static ElasticsearchClientSettings Parse(string connection, SearchSettings settings, HttpMessageHandler? network = null)
    {
        List<Uri> nodes = [.. connection.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(text =>
            Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address
                : throw new InvalidOperationException("ConnectionStrings:elasticsearch is not an address such as "
                    + "https://user:password@host:9200, or several with commas."))];
        List<Uri> bare = [.. nodes.Select(node => new UriBuilder(node) { UserName = "", Password = "" }.Uri)];
        NodePool pool = settings.Sniffs ? new SniffingNodePool(bare)
            : bare.Count == 1 ? new SingleNodePool(bare[0]) : new StaticNodePool(bare);
        var client = new ElasticsearchClientSettings(pool, new HttpRequestInvoker((inner, _) => new PlainMediaTypes(network ?? inner)))
            .RequestTimeout(LongestRequest)
            .SniffOnStartup(false)
            .SniffOnConnectionFault(true)

            // To a server on this machine the bytes cost less than their compression.
            .EnableHttpCompression(!bare.TrueForAll(node => node.IsLoopback));
        if (settings.CertificateFingerprint is { Length: > 0 } fingerprint)
        {
            client.CertificateFingerprint(fingerprint);
        }

        if (CertificateOf(settings) is { } certificate)
        {
            client.ClientCertificate(certificate);
        }

        if (settings.ApiKey is { Length: > 0 } key)
        {
            client.Authentication(new ApiKey(key));
        }
        else if (nodes[0].UserInfo.Split(':', 2) is [{ Length: > 0 } user, var password])
        {
            client.Authentication(new BasicAuthentication(Uri.UnescapeDataString(user), Uri.UnescapeDataString(password)));
        }

        return client;
    }

    private static X509Certificate2? CertificateOf(SearchSettings settings)
    {
        var (path, key) = (settings.ClientCertificate, settings.ClientCertificateKey);
        if (string.IsNullOrEmpty(path))
        {
            return string.IsNullOrEmpty(key) ? null
                : throw new InvalidOperationException("Search:ClientCertificate is missing: Search:ClientCertificateKey is its key.");
        }

        try
        {
            return string.IsNullOrEmpty(key) && X509Certificate2.GetCertContentType(path) == X509ContentType.Pfx
                ? X509CertificateLoader.LoadPkcs12FromFile(path, null)
                : X509Certificate2.CreateFromPemFile(path, string.IsNullOrEmpty(key) ? path : key);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new InvalidOperationException(
                $"Search:ClientCertificate is {path}, which can't be read as a certificate with its key: {e.Message}", e);
        }
    }
}
