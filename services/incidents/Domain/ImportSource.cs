namespace Itsm.Incidents.Domain;

/// <summary>Where an import found an incident.</summary>
/// <param name="System">The source: <c>servicenow</c>.</param>
/// <param name="SourceNumber">Its number there; with the system, unique.</param>
/// <param name="Key">System and number, for the unique index.</param>
public sealed record ImportSource(string System, string SourceNumber, string Key);
