using Itsm.Contracts.Directory;
using Itsm.Platform.Errors;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Itsm.Platform.Access;

/// <summary>Turns the person named by the token into a <see cref="Caller"/>, and asks for the route's permission.</summary>
internal static class CallerMiddleware
{
    public static IApplicationBuilder UseCallers(this IApplicationBuilder app, People people) => app.Use(async (context, next) =>
    {
        if (context.GetEndpoint() is not { } endpoint || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
        {
            await next(context);
            return;
        }

        var userName = context.User.FindFirst(people.Claim)?.Value;
        var account = context.User.FindFirst("sub") is { } subject ? new ProviderAccount(subject.Issuer, subject.Value) : null;
        if (userName is null || await people.SignInAsync(userName, account, context.RequestAborted) is not { } caller)
        {
            await Problems.WriteAsync(context, Problems.Create(StatusCodes.Status403Forbidden, "no-access", $"No access",
                userName is null
                    ? (Sentence)$"The token has no {people.Claim} claim."
                    : $"{userName} is unknown here, deactivated, or bound to another account of the identity provider."));
            return;
        }

        context.Features.Set(caller);
        context.Prefer(caller.Language);
        if (endpoint.Metadata.GetMetadata<RequiredPermission>() is { } required && !caller.May(required.Name))
        {
            await Problems.WriteAsync(context, Problems.Create(StatusCodes.Status403Forbidden, "permission-missing", $"Permission missing",
                $"This needs the permission {required.Name}, which none of your roles has."));
            return;
        }

        await next(context);
    });
}

/// <summary>The permission that a route asks for.</summary>
internal sealed record RequiredPermission(string Name);

/// <summary>Says on a route what its callers need.</summary>
public static class PermissionConventions
{
    extension<TBuilder>(TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder
    {
        /// <summary>Only callers with this permission get through; others get 403.</summary>
        public TBuilder Requires(Permission permission) => endpoint.WithMetadata(new RequiredPermission(permission.Name));
    }
}
