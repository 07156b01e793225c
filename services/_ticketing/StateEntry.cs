namespace Itsm.Ticketing;

/// <summary>How a ticket got into its state.</summary>
/// <param name="Since">When: <c>stateSince</c>, unless a service that knows no such entry has moved it since.</param>
/// <param name="Version">The version that was saved then.</param>
public sealed record StateEntry(DateTimeOffset Since, long Version);
