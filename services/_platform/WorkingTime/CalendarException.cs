using Itsm.Platform.Values;

namespace Itsm.Platform.WorkingTime;

/// <summary>An edition of a calendar makes no sense.</summary>
/// <param name="pointer">JSON pointer into the edition: <c>/week/0/hours/1</c>.</param>
/// <param name="code">What kind of wrong it is.</param>
/// <param name="message">One sentence that names what is wrong.</param>
public sealed class CalendarException(string pointer, FieldCode code, string message) : Exception(message)
{
    /// <summary>What kind of wrong it is.</summary>
    public FieldCode Code { get; } = code;

    /// <summary>JSON pointer into the edition: <c>/week/0/hours/1</c>.</summary>
    public string Pointer { get; } = pointer;
}
