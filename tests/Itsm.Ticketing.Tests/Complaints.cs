using System.ComponentModel.DataAnnotations;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Hosting;
using Itsm.Platform.Http;
using Itsm.Ticketing.Routes;
using Itsm.Ticketing.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Itsm.Ticketing.Tests;

/// <summary>Where a complaint stands.</summary>
public enum ComplaintState
{
    /// <summary>Nobody has answered.</summary>
    Received,

    /// <summary>It is answered.</summary>
    Answered,

    /// <summary>Ended.</summary>
    Closed,
}

/// <summary>A complaint never waits.</summary>
public enum ComplaintHold;

/// <summary>Somebody is not content with a product.</summary>
public sealed class Complaint : Ticket<ComplaintState, ComplaintHold>
{
    internal static readonly TicketPermissions Permissions = new("complaints", KnownRoles.Agent, KnownRoles.Administrator);

    internal static readonly TicketKind<Complaint, ComplaintState, ComplaintHold> Declared = new()
    {
        Names = new("complaint", "complaints", "Complaint", "CPL") { Noun = "letter of complaint" },
        LifeCycle = new("complaint", Permissions,
            state =>
                state switch
                {
                    ComplaintState.Answered => StateCategory.Resolved,
                    ComplaintState.Closed => StateCategory.Closed,
                    _ => StateCategory.Open,
                },
            new("answer", Permissions.Work, [ComplaintState.Received], ComplaintState.Answered),
            new(Moves.Reopen, Permissions.Reopen, [ComplaintState.Answered], ComplaintState.Received)
            {
                By = Doer.Owner, NeedsReason = true,
            },
            new(Moves.Close, Permissions.Close, [ComplaintState.Answered], ComplaintState.Closed) { By = Doer.Owner }),
        OwnMoves = ["answer"],
        Summary = ["product"],
        CountFields = ["priority"],
    };

    /// <summary>What it is about.</summary>
    public string Product { get; private init; } = "";

    /// <summary>What was said to it.</summary>
    public string? Answer { get; private set; }

    [Hidden]
    public IReadOnlyList<WorkTask> Tasks { get; private set; } = [];

    protected override string Kind => "complaint";

    protected override IReadOnlyList<TicketTask> TaskList { get => Tasks; set => Tasks = [.. value.Cast<WorkTask>()]; }

    protected override TicketLifeCycle<ComplaintState> LifeCycle => Declared.LifeCycle;

    protected override ComplaintHold AwaitsRequester => default;

    internal static Complaint Receive(string number, string title, string product, Guid group, Guid by, AuditContext audit)
    {
        var complaint = new Complaint
        {
            Id = Guid.CreateVersion7(audit.At), Number = number, Title = title, Product = product, Requester = by, OpenedBy = by,
            OpenedAt = audit.At, StateSince = audit.At, AssignmentGroup = group,
        };
        complaint.Rate(Level.Medium, Level.Medium, PriorityMatrix<Complaint>.Default());
        return complaint;
    }

    internal void AnswerWith(string text, TimeSpan closeAfter, AuditContext audit)
    {
        Move("answer", closeAfter, audit);
        Answer = text;
    }
}

internal sealed class ComplaintSettings : TicketSettings;

/// <summary>A service that is not part of the product: what a kind of ticket needs beside its declaration.</summary>
public sealed class ComplaintsService : IServiceModule
{
    /// <summary>A new complaint.</summary>
    /// <example>{ "title": "It is too loud", "product": "Fan" }</example>
    public sealed record Request(
        [property: StringLength(200, MinimumLength = 3)] string Title, [property: StringLength(100, MinimumLength = 1)] string Product);

    /// <summary>What is said to it.</summary>
    /// <example>{ "text": "We send another one." }</example>
    public sealed record AnswerRequest([property: StringLength(4000, MinimumLength = 3)] string Text);

    public string Name => "complaints";

    public IReadOnlyList<string> Paths => ["complaints"];

    public void AddServices(ServiceBuilder service)
    {
        service.AddTickets(Complaint.Declared, provider => provider.GetRequiredService<IOptions<ComplaintSettings>>().Value);
        service.Services.AddOptions<ComplaintSettings>()
            .Configure(settings => (settings.CloseAfter, settings.DefaultGroup) = (TimeSpan.FromDays(3), "service-desk"));
    }

    public void MapEndpoints(IEndpointRouteBuilder api)
    {
        var complaints = api.MapGroup("complaints").WithTags("Complaints");
        complaints.MapTickets(Complaint.Declared);
        complaints.MapPost("",
            (Request request, Write write, AggregateStore<Complaint> store, NumberSeries<Complaint> numbers, Ownerless<Complaint> ownerless,
                CancellationToken ct) =>
                write.CreateAsync(store,
                    async audit =>
                        Complaint.Receive(await numbers.NextAsync(ct), request.Title, request.Product,
                            (await ownerless.DefaultGroupAsync(ct))!.Id, write.Caller.Person, audit), ct))
            .WithName("ReceiveComplaint").Requires(Complaint.Permissions.Comment).Produces<Complaint>(StatusCodes.Status201Created);
        complaints.MapPost("{id}/answer",
            (string id, AnswerRequest request, Write write, AggregateStore<Complaint> store, IOptions<ComplaintSettings> settings,
                CancellationToken ct) =>
                write.ChangeAsync(store, id, "answer", request.Text,
                    (complaint, audit) => complaint.AnswerWith(request.Text, settings.Value.CloseAfter, audit), ct))
            .WithName("AnswerComplaint").Requires(Complaint.Permissions.Work).ChangesOne().Produces<Complaint>();
    }
}
