namespace Itsm.Contracts;

/// <summary>A message that carries the whole public state of one thing as of one version.</summary>
/// <remarks>Keep the highest version per <see cref="Id"/>; what is not newer changes nothing.</remarks>
public interface IEntityChanged
{
    /// <summary>Identity of the thing.</summary>
    Guid Id { get; }

    /// <summary>Its version; grows by one with every change, gaps never appear at the sender.</summary>
    long Version { get; }
}
