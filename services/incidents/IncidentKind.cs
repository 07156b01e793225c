using Itsm.Incidents.Domain;
using Itsm.Platform.Http;
using Itsm.Ticketing;

namespace Itsm.Incidents;

/// <summary>What incidents are beside tickets of any kind.</summary>
internal static class IncidentKind
{
    public static readonly TicketKind<Incident, IncidentState, HoldReason> Declared = new()
    {
        Names = new("incident", "incidents", "Incident", "INC"),
        LifeCycle = IncidentLifeCycle.Table,
        OwnMoves = [IncidentLifeCycle.Resolve],
        OwnEdit = true,
        Indexes =
        [
            new("category", "openedAt"), new("parent", "openedAt") { Sparse = true },
            new("major.stage", "openedAt") { Sparse = true },
            new("channel", "openedAt") { Sparse = true }, new("source.sourceNumber", "openedAt") { Sparse = true },
            new("source.key") { Unique = true, Serves = "imports" },
        ],
        Filters =
        [
            Filter.Thing<Category<Incident>>("category"), Filter.Id("parent"), Filter.OneOf<MajorStage>("major", "major.stage"),
            Filter.OneOf<Channel>("channel"), Filter.Text("sourceNumber", "source.sourceNumber"),
        ],
        Summary = ["impact", "urgency", "channel", "parent", "affectedService", "source"],
        CountFields = ["category", "channel"],
        Expanders = [TicketExpanders.Parent<Incident>()],
        CommentsAlsoOf = incident => incident.MergedFrom,
        Survivor = incident => incident.MergedInto,
    };
}
