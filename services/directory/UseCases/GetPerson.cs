using Itsm.Directory.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;

namespace Itsm.Directory.UseCases;

/// <summary>Reads one person; <c>me</c> is oneself.</summary>
internal static class GetPerson
{
    public static void Map(IEndpointRouteBuilder people) => people
        .MapGet("{id}", (string id, Read read, AggregateStore<Person> store, CancellationToken ct) =>
            read.OneAsync(store, id == "me" ? read.Caller.Person.ToString() : id, ct))
        .WithName(nameof(GetPerson)).WithSummary("Reads a person by id or user name, or oneself as me").Requires(Permissions.Read)
        .Reads<Person>(ListPeople.Lists);
}
