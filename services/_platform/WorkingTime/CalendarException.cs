namespace Itsm.Platform.WorkingTime;

/// <summary>An edition of a calendar makes no sense.</summary>
/// <param name="pointer">JSON pointer into the edition: <c>/week/0/hours/1</c>.</param>
/// <param name="message">One sentence that names what is wrong.</param>
public sealed class CalendarException(string pointer, string message) : Exception(message)
{
    /// <summary>JSON pointer into the edition: <c>/week/0/hours/1</c>.</summary>
    public string Pointer { get; } = pointer;
}
