using Itsm.Contracts;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Messaging;
using Itsm.Platform.Values;

namespace Itsm.Ticketing;

/// <summary>Makes the moves of tickets; a kind that must look something up for them derives from it.</summary>
/// <param name="settings">Of the service.</param>
public class TicketMoves<TTicket>(TicketSettings settings)
    where TTicket : Ticket
{
    /// <summary>Between a resolution and the closing by itself.</summary>
    protected TimeSpan CloseAfter => settings.CloseAfter;

    /// <summary>Makes a move; the ticket is saved by who asks for it.</summary>
    /// <exception cref="RuleViolationException">The table, or the kind, does not permit it.</exception>
    public virtual ValueTask MoveAsync(TTicket ticket, string action, AuditContext audit, CancellationToken ct)
    {
        ticket.Move(action, settings.CloseAfter, audit);
        return ValueTask.CompletedTask;
    }
}

/// <summary>The requester's comment resumes a ticket that waits for them, and reopens a resolved one; a worker's first public comment
/// counts as the first answer. Safe to run twice: what was written before the ticket got into its state changes nothing.</summary>
public sealed class FollowComment<TTicket>(AggregateStore<TTicket> tickets, TicketMoves<TTicket> moves)
    : IHandle<TicketCommented>
    where TTicket : Ticket
{
    /// <inheritdoc/>
    public Task HandleAsync(TicketCommented message, CancellationToken ct)
    {
        var audit = new AuditContext
        {
            By = message.By, Action = "comment", Reason = "A comment.", At = tickets.Clock.GetUtcNow().ToMilliseconds(),
            Cause = new Cause($"comment:{message.Id}", message.Version),
        };
        return tickets.UpdateAsync(message.Ticket, audit, async ticket =>
        {
            if (ticket.ReactionTo(message) is { } action)
            {
                await moves.MoveAsync(ticket, action, audit, ct);
            }
        }, ct);
    }
}

/// <summary>Does what a step of an agreement asks for, while there is still something to hurry: raises the priority, escalates to a group,
/// escalates to people. Safe to run twice: the ticket remembers the request.</summary>
public sealed class FollowAgreement<TTicket>(AggregateStore<TTicket> tickets, People people)
    : IHandle<TicketEscalationRequested>
    where TTicket : Ticket
{
    /// <inheritdoc/>
    public async Task HandleAsync(TicketEscalationRequested message, CancellationToken ct)
    {
        var group = message.AssignTo is { } id && await people.FindGroupAsync(id, ct) is { Active: true } active ? active : null;
        var audit = new AuditContext
        {
            By = new Actor(null, "service-levels"), Action = "follow-agreement", Reason = message.Reason,
            At = tickets.Clock.GetUtcNow().ToMilliseconds(), Cause = new Cause($"agreement:{message.Id}", 1),
        };
        await tickets.UpdateAsync(message.Ticket, audit, async ticket =>
        {
            var before = ticket.AssignmentGroup;
            ticket.Follow(message, group, audit);
            if (ticket.AssignmentGroup != before)
            {
                ticket.Surround(await people.SurroundingsAsync(ticket.Requester, ticket.AssignmentGroup, ct));
            }
        }, ct);
    }
}
