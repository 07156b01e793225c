namespace Itsm.Contracts;

/// <summary>What a value counts as that a newer version wrote and this one does not know.</summary>
/// <param name="member">Name of a member of the enum.</param>
[AttributeUsage(AttributeTargets.Enum)]
public sealed class UnknownCountsAsAttribute(string member) : Attribute
{
    /// <summary>Name of the member.</summary>
    public string Member { get; } = member;
}
