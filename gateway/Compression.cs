using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.Options;

namespace Itsm.Gateway;

/// <summary>Compresses answers for callers that accept it, unless they are known to be small. Entity tags stay as the services gave
/// them.</summary>
internal static class Compression
{
    // Event streams are not among them: their events would wait for more.
    private static readonly string[] Types = ["application/json", "application/problem+json", "application/x-ndjson", "text/csv"];

    public static void AddCompression(this IServiceCollection services) => services
        .AddSingleton<IResponseCompressionProvider, OfLarge>()
        .AddResponseCompression(options =>
        {
            // Tokens come in a header that no page of somebody else makes a browser send, so an answer's length gives none away.
            options.EnableForHttps = true;
            options.MimeTypes = Types;
        });

    private sealed class OfLarge(IServiceProvider services, IOptions<ResponseCompressionOptions> options)
        : ResponseCompressionProvider(services, options)
    {
        private const long Least = 1024;

        public override bool ShouldCompressResponse(HttpContext context) =>
            !(context.Response.ContentLength < Least) && base.ShouldCompressResponse(context);
    }
}
