using Elastic.Clients.Elasticsearch;
using Elastic.Transport;

namespace Itsm.Search.Engines.Elasticsearch;

/// <summary>Where Elasticsearch is and who calls it: <c>ConnectionStrings:elasticsearch</c> with what <see cref="SearchSettings"/> adds.</summary>
internal static class ElasticsearchAddress
{
    private static readonly TimeSpan LongestRequest = TimeSpan.FromSeconds(10);

    /// <summary>Settings of the client.</summary>
    /// <param name="connection">Addresses of nodes, with commas; user and password of the first are used for all.</param>
    /// <param name="settings">API key and certificate.</param>
    /// <param name="network">What requests go through instead of the network; null for the network.</param>
    /// <exception cref="InvalidOperationException">The connection string can't be understood.</exception>
    public static ElasticsearchClientSettings Parse(string connection, SearchSettings settings, HttpMessageHandler? network = null)
    {
        List<Uri> nodes = [.. connection.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(text =>
            Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address
                : throw new InvalidOperationException("ConnectionStrings:elasticsearch is not an address such as "
                    + "https://user:password@host:9200, or several with commas."))];
        List<Uri> bare = [.. nodes.Select(node => new UriBuilder(node) { UserName = "", Password = "" }.Uri)];
        var client = new ElasticsearchClientSettings(bare.Count == 1 ? new SingleNodePool(bare[0]) : new StaticNodePool(bare),
                new HttpRequestInvoker((inner, _) => new PlainMediaTypes(network ?? inner)))
            .RequestTimeout(LongestRequest)

            // To a server on this machine the bytes cost less than their compression.
            .EnableHttpCompression(!bare.TrueForAll(node => node.IsLoopback));
        if (settings.CertificateFingerprint is { Length: > 0 } fingerprint)
        {
            client.CertificateFingerprint(fingerprint);
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
}
