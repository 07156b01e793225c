using Itsm.Platform.Access;
using Itsm.Platform.Http;

namespace Itsm.Ticketing;

/// <summary>Whose a ticket is.</summary>
public static class TicketOwnership
{
    extension(Ticket ticket)
    {
        /// <summary>True where the caller is one of those who work on it.</summary>
        public bool IsWorkedOnBy(Caller caller, Permission worker) => caller.May(worker.Name) && caller.Sees(ticket.NoteReaders);

        /// <summary>Those who do not work on a ticket may change, end or reopen their own only, not every one that they can see.</summary>
        /// <exception cref="HttpProblemException">403.</exception>
        public void RequireOwnUnless(Caller caller, Permission worker)
        {
            if (!ticket.IsWorkedOnBy(caller, worker) && caller.Person != ticket.Requester && caller.Person != ticket.OpenedBy)
            {
                throw new HttpProblemException(Problems.Create(403, "permission-missing", "Permission missing", $"{ticket.Number} is somebody else's; for that this needs the permission {worker.Name}."));
            }
        }

        /// <summary>Only those who work on it go on: whoever merely sees it does not.</summary>
        /// <exception cref="HttpProblemException">403.</exception>
        public void RequireWorker(Caller caller, Permission worker)
        {
            if (!ticket.IsWorkedOnBy(caller, worker))
            {
                throw new HttpProblemException(Problems.Create(403, "permission-missing", "Permission missing", $"That is for those who work on {ticket.Number}."));
            }
        }
    }
}
