using Itsm.Contracts.Ticketing;
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
    public const string Fulfill = "fulfill";

    public static readonly TicketLifeCycle<RequestState> Table = new("request", Permissions.OfTickets,
        state => state switch
        {
            Draft or WaitingForApproval or OnHold => StateCategory.Paused,
            Fulfilled => StateCategory.Resolved,
            Rejected or Closed or Cancelled => StateCategory.Closed,
            _ => StateCategory.Open,
        },
        new(Submit, Permissions.Order, [Draft], WaitingForApproval) { By = Doer.Owner },
        new(Approve, TicketLifeCycle<RequestState>.Itself, [WaitingForApproval], Approved) { By = Doer.Reader },
        new(Reject, TicketLifeCycle<RequestState>.Itself, [WaitingForApproval], Rejected) { By = Doer.Reader },
        new(Begin, TicketLifeCycle<RequestState>.Itself, [Approved], InFulfillment),
        new(Moves.Hold, Permissions.OfTickets.Work, [InFulfillment, OnHold], OnHold),
        new(Moves.Resume, Permissions.OfTickets.Work, [OnHold], InFulfillment),
        new(Fulfill, Permissions.OfTickets.Work, [InFulfillment], Fulfilled)
        {
            Summary = "Says that what was asked for is there; refused while tasks are left",
        },
        new(Moves.Reopen, Permissions.OfTickets.Reopen, [Fulfilled], InFulfillment) { By = Doer.Owner, NeedsReason = true },
        new(Moves.Close, Permissions.OfTickets.Close, [Fulfilled], Closed) { By = Doer.Owner },
        new(Moves.Cancel, Permissions.OfTickets.Cancel, [Draft, WaitingForApproval, Approved, InFulfillment, OnHold], Cancelled)
        {
            By = Doer.Owner, NeedsReason = true,
        })
    {
        Drafts = [Draft], Others = new Dictionary<string, Doer> { ["update"] = Doer.Owner },
    };
}
