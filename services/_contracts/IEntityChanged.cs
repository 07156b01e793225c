namespace Itsm.Contracts;

/// <summary>A message that carries the whole public state of one thing as of one version.</summary>
/// <remarks>Keep the highest version per <see cref="Id"/>; what is not newer changes nothing.</remarks>
public interface IEntityChanged
{
    /// <summary>Identity of the thing.</summary>
    Guid Id { get; }

    /// <summary>Its version; grows by one with every change, gaps never appear at the sender.</summary>
    long Version { get; }

    /// <summary>How much its writer knew to say: <see cref="CurrentSchema"/> of whoever wrote it. A message whose own is above 1 declares
    /// this as a member with the initial value 1.</summary>
    int Schema => 1;

    /// <summary>1, and one more each time that a member, or a value of an enum, is added of which copies made before must take notice.</summary>
    static virtual int CurrentSchema => 1;
}
