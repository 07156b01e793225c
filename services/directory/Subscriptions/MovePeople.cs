using Itsm.Directory.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Timers;
using Itsm.Platform.Values;

namespace Itsm.Directory.Subscriptions;

/// <summary>Tells the people of a site its time zone and calendar. Safe to run twice: who has them is left alone.</summary>
internal sealed class MovePeople(AggregateStore<Site> sites, AggregateStore<Person> people) : ITimerHandler
{
    private const int PageSize = 200;

    public async Task RunAsync(Guid id, CancellationToken ct)
    {
        if (await sites.FindAsync(id, ct) is not { } site)
        {
            return;
        }

        var audit = new AuditContext
        {
            By = new(null, "directory"), Action = "follow-site", Reason = $"Site {site.Key} has changed.",
            At = people.Clock.GetUtcNow().ToMilliseconds(),
        };
        var query = new DocumentQuery([Condition.In("readers", ReaderToken.Everyone), Condition.In("site", site.Key)], "userName", false,
            null, PageSize);
        while (true)
        {
            var page = await people.Documents.QueryAsync(query, ct);
            foreach (var person in page)
            {
                await people.UpdateAsync(person.Id, audit, found =>
                {
                    // Moved elsewhere since the look.
                    if (found.Site == site.Key)
                    {
                        found.MoveTo(site);
                    }
                }, ct);
            }

            if (page.Count < PageSize)
            {
                return;
            }

            query = query with { After = new DocumentPosition(RawBson.Values(page[^1].Body.Span, "userName")[0], page[^1].Id) };
        }
    }
}
