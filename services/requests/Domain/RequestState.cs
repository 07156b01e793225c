using Itsm.Platform.Access;
using Itsm.Ticketing;
using static Itsm.Requests.Domain.RequestState;

namespace Itsm.Requests.Domain;

/// <summary>Where a request stands.</summary>
public enum RequestState
{
    /// <summary>Not submitted yet; seen by those whose it is.</summary>
    Draft,

    /// <summary>People decide on it.</summary>
    WaitingForApproval,

    /// <summary>It may begin.</summary>
    Approved,

    /// <summary>Refused.</summary>
    Rejected,

    /// <summary>Work is done for it.</summary>
    InFulfillment,

    /// <summary>Waits for somebody else.</summary>
    OnHold,

    /// <summary>Done; may still be reopened.</summary>
    Fulfilled,

    /// <summary>Ended.</summary>
    Closed,

    /// <summary>Ended without being fulfilled.</summary>
    Cancelled,
}

/// <summary>For whom a request waits.</summary>
public enum RequestHoldReason
{
    /// <summary>The person for whom it is; their comment ends the wait.</summary>
    Requester,

    /// <summary>A supplier.</summary>
    Vendor,

    /// <summary>Stock, a date, anything else.</summary>
    Other,
}

/// <summary>The life cycle of requests. What is not here is refused.</summary>
internal static class RequestLifeCycle
{
    public const string Submit = "submit";
    public const string Approve = "approve";
    public const string Reject = "reject";
    public const string Begin = "begin";
    public const string Hold = "hold";
    public const string Resume = "resume";
    public const string Fulfill = "fulfill";
    public const string Reopen = "reopen";
    public const string Close = "close";
    public const string Cancel = "cancel";

    /// <summary>The states in which somebody must have it.</summary>
    public static readonly RequestState[] Open = [WaitingForApproval, Approved, InFulfillment, OnHold, Fulfilled];

    /// <summary>Moves that follow from decisions and plans; nobody asks for them by name.</summary>
    private static readonly Permission Itself = new("");

    /// <summary>Who may do this to a request, beside the permission.</summary>
    public static Doer DoerOf(string action) => Table.DoerOf(action) ?? action switch
    {
        "update" => Doer.Owner,
        "watch" or "unwatch" => Doer.Reader,
        _ => Doer.Worker,
    };

    public static readonly LifeCycle<RequestState> Table = new("request",
        new(Submit, Permissions.Order, [Draft], WaitingForApproval) { By = Doer.Owner },
        new(Approve, Itself, [WaitingForApproval], Approved) { By = Doer.Reader },
        new(Reject, Itself, [WaitingForApproval], Rejected) { By = Doer.Reader },
        new(Begin, Itself, [Approved], InFulfillment),
        new(Hold, Permissions.Work, [InFulfillment, OnHold], OnHold),
        new(Resume, Permissions.Work, [OnHold], InFulfillment),
        new(Fulfill, Permissions.Work, [InFulfillment], Fulfilled),
        new(Reopen, Permissions.Reopen, [Fulfilled], InFulfillment) { By = Doer.Owner },
        new(Close, Permissions.Close, [Fulfilled], Closed) { By = Doer.Owner },
        new(Cancel, Permissions.Cancel, [Draft, WaitingForApproval, Approved, InFulfillment, OnHold], Cancelled) { By = Doer.Owner });
}
