namespace Itsm.Contracts;

/// <summary>A message of which some subscribers want those of one routing key alone: only these are delivered to them.</summary>
public interface IRouted
{
    /// <summary>What tells them apart, such as the kind of ticket: one word without dots, never empty.</summary>
    string RoutingKey { get; }
}
