namespace Itsm.Contracts;

/// <summary>Who did something: a person, or a service by its own rule.</summary>
/// <param name="Person">Id of the person; null for a service.</param>
/// <param name="Name">Name shown to people; of a service, its name.</param>
public sealed record Actor(Guid? Person, string Name);
