using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Requests.Domain;
using Itsm.Ticketing;
using Microsoft.Extensions.Options;

namespace Itsm.Requests.Fulfilling;

/// <summary>Requests, and their tasks, that are nobody's.</summary>
internal sealed class OwnerlessRequests(
    AggregateStore<ServiceRequest> requests, Projection<TaskRecord> tasks, People people, IOptions<RequestSettings> settings)
    : Ownerless<ServiceRequest>(requests, people, RequestKind.Declared.Unfinished, settings.Value.DefaultGroup)
{
    protected override async Task<IReadOnlyList<Guid>> WithPartsOfAsync(string field, Guid id, string token, CancellationToken ct) =>
    [
        .. (await tasks.Documents.QueryAsync(new DocumentQuery(
            [Condition.In("readers", ReaderToken.Role(KnownRoles.Agent), token), Condition.In(field, BsonMapping.Value(id)),
                Condition.In("state", [.. RequestTask.OpenStates.Select(state => BsonMapping.Value(state))])],
            "openedAt", false, null, int.MaxValue), ct)).Select(found => Projection<TaskRecord>.Load(found).Request).Distinct(),
    ];
}
