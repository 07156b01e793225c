using System.Security.Cryptography;
using Itsm.Platform.Errors;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Http;

namespace Itsm.Platform.Http;

/// <summary>The idempotency key of a POST, and what tells its request from others.</summary>
/// <param name="Key">As sent.</param>
/// <param name="Request">SHA-256 of method, path, query and body.</param>
internal sealed record IdempotencyKey(string Key, byte[] Request)
{
    private const int Longest = 255;

    /// <summary>Reads the header and the body of a POST, or of any request of this process to itself, before the body is bound.</summary>
    public static async Task ReadAsync(HttpContext context)
    {
        if (!(HttpMethods.IsPost(context.Request.Method) || context.Features.Get<CommonRequest>() is not null)
            || context.Request.Headers["Idempotency-Key"].ToString() is not { Length: > 0 } key)
        {
            return;
        }

        if (key.Length > Longest || key.Any(character => character is < ' ' or > '~'))
        {
            throw HttpProblemException.Invalid("", key.Length > Longest ? FieldCode.TooLong : FieldCode.WrongFormat,
                $"Idempotency-Key must be 1 to {Longest} printable ASCII characters, not {key.Quoted}.");
        }

        if (context.GetEndpoint()?.Metadata.GetMetadata<StreamedBody>() is not null)
        {
            context.Features.Set(new IdempotencyKey(key, []));
            return;
        }

        // In memory: there may be no disk to write to, and a body is bounded.
        context.Request.EnableBuffering(int.MaxValue);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Target(context.Request));
        var buffer = new byte[8192];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            hash.AppendData(buffer, 0, read);
        }

        context.Request.Body.Position = 0;
        context.Features.Set(new IdempotencyKey(key, hash.GetHashAndReset()));
    }

    /// <summary>The same, of a request whose body has this digest.</summary>
    public IdempotencyKey Of(HttpRequest request, byte[] body) => this with { Request = SHA256.HashData([.. Target(request), .. body]) };

    private static byte[] Target(HttpRequest request) => System.Text.Encoding.UTF8.GetBytes($"{request.Path}{request.QueryString}\n");
}
