using Itsm.Platform.Access;

namespace Itsm.Incidents;

/// <summary>What the routes of this service ask for.</summary>
internal static class Permissions
{
    public static readonly Permission Read = new("incidents.read", KnownRoles.Requester, KnownRoles.Agent, KnownRoles.MajorIncidentManager, KnownRoles.SecurityAnalyst, KnownRoles.Administrator);
    public static readonly Permission Open = new("incidents.open", KnownRoles.Requester, KnownRoles.Agent, KnownRoles.SecurityAnalyst, KnownRoles.Administrator);
    public static readonly Permission OpenForOthers = new("incidents.open-for-others", KnownRoles.Agent, KnownRoles.SecurityAnalyst, KnownRoles.Administrator);
    public static readonly Permission Comment = new("incidents.comment", KnownRoles.Requester, KnownRoles.Agent, KnownRoles.MajorIncidentManager, KnownRoles.SecurityAnalyst, KnownRoles.Administrator);
    public static readonly Permission WriteNotes = new("incidents.write-notes", KnownRoles.Agent, KnownRoles.MajorIncidentManager, KnownRoles.SecurityAnalyst, KnownRoles.Administrator);
    public static readonly Permission Edit = new("incidents.edit", KnownRoles.Agent, KnownRoles.MajorIncidentManager, KnownRoles.SecurityAnalyst, KnownRoles.Administrator);
    public static readonly Permission Work = new("incidents.work", KnownRoles.Agent, KnownRoles.MajorIncidentManager, KnownRoles.SecurityAnalyst, KnownRoles.Administrator);
    public static readonly Permission Reopen = new("incidents.reopen", KnownRoles.Requester, KnownRoles.Agent, KnownRoles.MajorIncidentManager, KnownRoles.SecurityAnalyst, KnownRoles.Administrator);
    public static readonly Permission Close = new("incidents.close", KnownRoles.Requester, KnownRoles.Agent, KnownRoles.MajorIncidentManager, KnownRoles.SecurityAnalyst, KnownRoles.Administrator);
    public static readonly Permission Cancel = new("incidents.cancel", KnownRoles.Requester, KnownRoles.Agent, KnownRoles.MajorIncidentManager, KnownRoles.SecurityAnalyst, KnownRoles.Administrator);
    public static readonly Permission Escalate = new("incidents.escalate", KnownRoles.Agent, KnownRoles.MajorIncidentManager, KnownRoles.SecurityAnalyst, KnownRoles.Administrator);
    public static readonly Permission OverridePriority = new("incidents.override-priority", KnownRoles.Agent, KnownRoles.MajorIncidentManager, KnownRoles.Administrator);
    public static readonly Permission ProposeMajor = new("incidents.propose-major", KnownRoles.Agent, KnownRoles.MajorIncidentManager, KnownRoles.SecurityAnalyst);
    public static readonly Permission DecideMajor = new("incidents.decide-major", KnownRoles.MajorIncidentManager);
    public static readonly Permission HandleSecurity = new("incidents.handle-security", KnownRoles.SecurityAnalyst);
    public static readonly Permission ReadHistory = new("incidents.read-history", KnownRoles.Agent, KnownRoles.MajorIncidentManager, KnownRoles.SecurityAnalyst, KnownRoles.Administrator);
    public static readonly Permission Import = new("incidents.import", KnownRoles.Administrator);
    public static readonly Permission Configure = new("incidents.configure", KnownRoles.Administrator);

    public static readonly Permission[] All =
    [
        Read, Open, OpenForOthers, Comment, WriteNotes, Edit, Work, Reopen, Close, Cancel, Escalate, OverridePriority, ProposeMajor, DecideMajor,
        HandleSecurity, ReadHistory, Import, Configure,
    ];
}
