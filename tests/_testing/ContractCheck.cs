using Xunit;

namespace Itsm.Testing;

/// <summary>Fails a test whose answer is not as the contract declares it: status, headers, content type and JSON.</summary>
public sealed class ContractCheck(Func<Task<Contract>> contract) : DelegatingHandler(new SocketsHttpHandler())
{
    private static readonly HttpRequestOptionsKey<Contract> Key = new(nameof(Contract));

    /// <summary>By what an answer was checked; null where it was not.</summary>
    internal static Contract? ContractOf(HttpResponseMessage response) =>
        response.RequestMessage!.Options.TryGetValue(Key, out var contract) ? contract : null;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (!request.RequestUri!.AbsolutePath.StartsWith("/api/", StringComparison.Ordinal)
            || request.Method == HttpMethod.Options
            || request.Method == HttpMethod.Head)
        {
            return response;
        }

        ReadOnlyMemory<byte>? body = null;
        if (Contract.IsJson(response.Content.Headers.ContentType?.MediaType) && response.Content.Headers.ContentEncoding.Count == 0)
        {
            await response.Content.LoadIntoBufferAsync(cancellationToken);
            body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        }

        var declared = await contract();
        request.Options.Set(Key, declared);
        if (declared.FaultOf(response, body) is { } fault)
        {
            Assert.Fail($"{request.Method} {request.RequestUri.PathAndQuery} {(int)response.StatusCode}: the contract {fault}");
        }

        return response;
    }
}
