using Itsm.Platform.Access;
using Itsm.Platform.Hosting;
using Itsm.Platform.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Itsm.Ticketing.Worklists;

/// <summary>Registers what waits for people.</summary>
public static class WorkRegistration
{
    /// <summary>Answers <c>me/work</c> with what waits of a kind of things, beside that of other kinds.</summary>
    public static ServiceBuilder AddWork(this ServiceBuilder service, Func<IServiceProvider, IWorkSource> source)
    {
        service.Services.AddSingleton(source);
        return service.Shares(WorkRoutes.Map);
    }
}

/// <summary>All that waits for somebody, of all kinds, in one read.</summary>
internal static class WorkRoutes
{
    private static readonly QueryParameter<DateTimeOffset> Since = new("since", QueryValue.Instant,
        "When the caller last looked: what changed after it is counted as unread.");

    public static void Map(IEndpointRouteBuilder me) => me.MapGet("work", FindAsync).WithName("GetMyWork")
        .WithSummary("Reads all that waits for the caller, of all kinds of tickets")
        .WithDescription("In each section what is due first comes first, then by priority, then the oldest. Lists have the rest: "
            + "`?assignee=me`, `?assignmentGroup=mine&assignee=none`, `?requester=me`, and `approvals` and `tasks`.")
        .Takes(Since, SharedRoutes.Limit);

    private static async Task<MyWork> FindAsync(
        HttpRequest request, Caller caller, People people, IEnumerable<IWorkSource> sources, CancellationToken ct)
    {
        var query = new WorkQuery(caller, people, Since.TryRead(request, out var since) ? since : null,
            (int)SharedRoutes.Limit.Of(request));
        return MyWork.Of(await Task.WhenAll(sources.Select(source => source.FindAsync(query, ct))), query);
    }
}
