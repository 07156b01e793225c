using Itsm.Incidents.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Values;

namespace Itsm.Incidents.UseCases;

/// <summary>Things that requests name by id, key or number.</summary>
internal static class Lookups
{
    extension(AggregateStore<Incident> incidents)
    {
        /// <summary>The visible incident that a request names.</summary>
        public async ValueTask<Incident> RequireIncidentAsync(string idOrNumber, Caller caller, string pointer, CancellationToken ct)
        {
            var incident = await incidents.FindDocumentAsync(idOrNumber, ct) is { } found ? AggregateStore<Incident>.Load(found) : null;
            return incident is not null && caller.Sees(incident.Readers)
                ? incident
                : throw new InvalidValueException(pointer, FieldCode.NotFound,
                    $"There is no incident {idOrNumber.Quoted} that you can see.");
        }

        /// <summary>Refuses where others follow the incident: the tree has one level, and nobody may be left behind.</summary>
        /// <exception cref="RuleViolationException">With this code.</exception>
        public async ValueTask RequireNoChildrenAsync(Incident incident, string code, CancellationToken ct)
        {
            if ((await incidents.Documents.QueryAsync(new DocumentQuery([Condition.In("parent", BsonMapping.Value(incident.Id))],
                "openedAt", false, null, 1), ct)).Count > 0)
            {
                throw new RuleViolationException(code, $"{incident.Number} has children itself; give them another parent first.");
            }
        }
    }
}
