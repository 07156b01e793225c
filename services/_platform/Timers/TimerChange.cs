namespace Itsm.Platform.Timers;

/// <summary>A change of a timer, carried out by the relay after the save that holds it.</summary>
internal sealed record TimerChange(string Name, DateTimeOffset? Due);
