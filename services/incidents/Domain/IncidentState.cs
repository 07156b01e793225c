namespace Itsm.Incidents.Domain;

/// <summary>Where an incident stands.</summary>
public enum IncidentState
{
    /// <summary>Nobody has begun.</summary>
    New,

    /// <summary>Somebody works on it.</summary>
    InProgress,

    /// <summary>It waits for somebody else; <see cref="HoldReason"/> says for whom.</summary>
    OnHold,

    /// <summary>Service is restored; it may still be reopened.</summary>
    Resolved,

    /// <summary>Ended.</summary>
    Closed,

    /// <summary>Ended without a resolution.</summary>
    Cancelled,
}

/// <summary>For whom or what an incident waits.</summary>
public enum HoldReason
{
    /// <summary>The caller must answer; their comment ends the wait.</summary>
    Caller,

    /// <summary>A change must be carried out.</summary>
    Change,

    /// <summary>A problem must be solved.</summary>
    Problem,

    /// <summary>A vendor must deliver.</summary>
    Vendor,
}

/// <summary>How an incident was resolved.</summary>
public enum ResolutionCode
{
    /// <summary>The cause is gone.</summary>
    FixedPermanently,

    /// <summary>Service is back, the cause is not gone.</summary>
    FixedByWorkaround,

    /// <summary>The caller found the answer.</summary>
    SolvedByCaller,

    /// <summary>Resolved with its parent or original.</summary>
    ResolvedWithParent,

    /// <summary>A vendor fixed it.</summary>
    FixedByVendor,

    /// <summary>It did not come up again.</summary>
    NotReproducible,

    /// <summary>As an import brought it; the notes have the source's own code.</summary>
    Imported,
}

/// <summary>How an incident came in.</summary>
public enum Channel
{
    /// <summary>The self-service portal.</summary>
    Portal,

    /// <summary>A call.</summary>
    Phone,

    /// <summary>A mail.</summary>
    Mail,

    /// <summary>A chat.</summary>
    Chat,

    /// <summary>A monitoring system.</summary>
    Monitoring,
}
