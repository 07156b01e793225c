using System.Security.Claims;
using Itsm.Platform.Access;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Itsm.Platform.Http;

/// <summary>Carries out requests to the routes of this process without a connection, in the name of a person: by the same checks, rules and
/// answers as those that they send themselves.</summary>
public sealed class OwnRequests(IServiceScopeFactory scopes, People people)
{
    /// <summary>From the routing to the routes; set when they are mapped.</summary>
    internal RequestDelegate? Pipeline { get; set; }

    /// <summary>Carries out a request.</summary>
    /// <param name="by">Who asks, with the rights that they have now.</param>
    /// <param name="request">What they ask for.</param>
    /// <param name="ct">Ends it.</param>
    /// <returns>The answer; 403 where the person is unknown or deactivated.</returns>
    public async Task<OwnAnswer> SendAsync(Guid by, OwnRequest request, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider, RequestAborted = ct };
        context.Features.Set<IHttpMaxRequestBodySizeFeature>(new Unlimited());
        if (request.Body is { } sent)
        {
            context.Features.Set<IHttpRequestBodyDetectionFeature>(new HasBody());
            (context.Request.Body, context.Request.ContentType, context.Request.ContentLength) =
                (new MemoryStream(sent, writable: false), "application/json", sent.Length);
        }

        (context.Request.Method, context.Request.Path, context.Request.QueryString) =
            (request.Method, request.Path, new QueryString(request.Query));
        context.Request.Headers.IfMatch = "*";
        if (request.Key is { } key)
        {
            context.Request.Headers["Idempotency-Key"] = key;
        }

        context.Response.Body = body;
        context.User = await people.FindPersonAsync(by, ct) is { } person ? people.PrincipalOf(person, nameof(OwnRequests))
            : new ClaimsPrincipal(new ClaimsIdentity(nameof(OwnRequests)));
        context.Features.Set(request.Language);
        context.Features.Set(new CommonRequest(request.Common));
        await Pipeline!(context);
        return new OwnAnswer(context.Response.StatusCode, body.ToArray());
    }

    private sealed class Unlimited : IHttpMaxRequestBodySizeFeature
    {
        public bool IsReadOnly => false;

        public long? MaxRequestBodySize { get; set; }
    }

    private sealed class HasBody : IHttpRequestBodyDetectionFeature
    {
        public bool CanHaveBody => true;
    }
}

/// <summary>A request of this process to itself.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">From <c>/api</c> on.</param>
public sealed record OwnRequest(string Method, string Path)
{
    /// <summary>With its question mark; empty for none.</summary>
    public string Query { get; init; } = "";

    /// <summary>JSON; null for none.</summary>
    public byte[]? Body { get; init; }

    /// <summary>Idempotency key; null for none.</summary>
    public string? Key { get; init; }

    /// <summary>In which refusals are written, whatever the person prefers; English where left out.</summary>
    public Language Language { get; init; } = Language.English;

    /// <summary>Stands in the audit entries of all requests that are made together.</summary>
    public required Guid Common { get; init; }
}

/// <summary>An answer to a request of this process to itself.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">JSON; empty for none.</param>
public sealed record OwnAnswer(int Status, byte[] Body);

/// <summary>What a request is a part of.</summary>
internal sealed record CommonRequest(Guid Id);
