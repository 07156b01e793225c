using System.Text.Json;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Itsm.Ticketing;

/// <summary>A kind of ticket as this release declares it, stored so that others are told of what a release changes.</summary>
public sealed class DeclaredKind<TTicket> : Aggregate
    where TTicket : Ticket
{
    /// <summary>As in messages and routes: <c>incident</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The service that owns it: <c>incidents</c>.</summary>
    public required string Service { get; init; }

    /// <summary>All states that its tickets can have, in camel case.</summary>
    [AtMost(200)]
    public IReadOnlyList<string> States { get; private set; } = [];

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<DeclaredKind<TTicket>> Definition { get; } = new("kinds", "kind")
    {
        Noun = "kind of ticket", Normalize = kind => kind,
    };

    /// <summary>A kind with these states.</summary>
    public static DeclaredKind<TTicket> Create(string kind, string service, IReadOnlyList<string> states) =>
        new() { Id = DerivedId.From("kind", kind), Kind = kind, Service = service, States = states, Readers = [ReaderToken.Everyone] };

    /// <summary>Takes over the states of another release; nothing where they are the same.</summary>
    public void Declare(IReadOnlyList<string> states) => States = States.SequenceEqual(states) ? States : states;

    /// <inheritdoc/>
    protected override void OnSaving(AuditContext audit, IReadOnlyList<string> changed) => Raise(Snapshot());

    /// <summary>The message of this version.</summary>
    public TicketKindChanged Snapshot() => new() { Id = Id, Version = Version, Kind = Kind, Service = Service, States = States };
}

/// <summary>Registers kinds of tickets.</summary>
public static class KindRegistration
{
    /// <summary>Declares a kind to the other services.</summary>
    /// <param name="service">The service that owns it.</param>
    /// <param name="kind">As in its messages: <c>incident</c>.</param>
    public static ServiceBuilder Declares<TTicket, TState>(this ServiceBuilder service, string kind)
        where TTicket : Ticket
        where TState : struct, Enum
    {
        service.Stores(DeclaredKind<TTicket>.Definition)
            .Publishes<DeclaredKind<TTicket>, TicketKindChanged>(declared => declared.Snapshot());
        service.Services.AddHostedService(provider => new Declaration<TTicket>(
            DeclaredKind<TTicket>.Create(kind, service.Name, [.. Enum.GetNames<TState>().Select(JsonNamingPolicy.CamelCase.ConvertName)]),
            provider.GetRequiredService<AggregateStore<DeclaredKind<TTicket>>>(),
            provider.GetRequiredService<ILogger<Declaration<TTicket>>>()));
        return service;
    }

    private sealed class Declaration<TTicket>(
        DeclaredKind<TTicket> declared, AggregateStore<DeclaredKind<TTicket>> store, ILogger<Declaration<TTicket>> log)
        : Preparation(store.Clock, log)
        where TTicket : Ticket
    {
        protected override async Task PrepareAsync(CancellationToken ct)
        {
            var audit = AuditContext.OfService(declared.Service, "declare", Clock);
            if (!await store.AddMissingAsync(declared, audit, ct))
            {
                await store.UpdateAsync(declared.Id, audit, known => known.Declare(declared.States), ct);
            }
        }
    }
}
