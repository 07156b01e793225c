using Itsm.Platform.Access;
using Itsm.Platform.Errors;
using Itsm.Platform.Values;

namespace Itsm.Ticketing;

/// <summary>Who may do a thing to a ticket, beside the permission for it.</summary>
public enum Doer
{
    /// <summary>Those who work on it: they have the permission to work, and may read its work notes.</summary>
    Worker,

    /// <summary>They, and those whose it is: its requester, and whoever opened it.</summary>
    Owner,

    /// <summary>They, and those whose it is until the work on it begins.</summary>
    OwnerUntilBegun,

    /// <summary>Everybody who may see it.</summary>
    Reader,
}

/// <summary>Whose a ticket is.</summary>
public static class TicketOwnership
{
    extension(Ticket ticket)
    {
        /// <summary>True where the caller is one of those who work on it.</summary>
        public bool IsWorkedOnBy(Caller caller, Permission worker) => caller.May(worker.Name) && caller.Sees(ticket.NoteReaders);

        /// <summary>Why the caller is not one of those who may do it; null where they are. Of a restricted ticket it is always for those
        /// who work on it.</summary>
        public Sentence? WhyNot(Caller caller, Permission worker, Doer doer) =>
            ticket.IsWorkedOnBy(caller, worker) ? null
            : ticket.IsRestricted || doer == Doer.Worker ? $"That is for those who work on {ticket.Number}."
            : doer == Doer.Reader ? null
            : caller.Person == ticket.Requester || caller.Person == ticket.OpenedBy
            ? doer == Doer.OwnerUntilBegun && ticket.HasWorkBegun
            ? (Sentence)$"The work on {ticket.Number} has begun: comment on it instead." : null
            : $"{ticket.Number} is somebody else's; for that this needs the permission {worker.Name}.";

        /// <summary>Only those who work on it go on: whoever merely sees it does not.</summary>
        /// <exception cref="HttpProblemException">403.</exception>
        public void RequireWorker(Caller caller, Permission worker)
        {
            if (ticket.WhyNot(caller, worker, Doer.Worker) is { } why)
            {
                throw HttpProblemException.Forbidden(why);
            }
        }
    }
}
