using Itsm.Platform.Values;

namespace Itsm.Platform.WorkingTime;

/// <summary>An edition of a calendar makes no sense.</summary>
/// <param name="pointer">JSON pointer into the edition: <c>/week/0/hours/1</c>.</param>
/// <param name="code">What kind of wrong it is.</param>
/// <param name="message">One sentence that names what is wrong.</param>
public sealed class CalendarException(string pointer, FieldCode code, Sentence message) : Exception
{
    /// <summary>One sentence that names what is wrong.</summary>
    public Sentence Why { get; } = message;

    /// <inheritdoc/>
    public override string Message => Why.ToString();


    /// <summary>What kind of wrong it is.</summary>
    public FieldCode Code { get; } = code;

    /// <summary>JSON pointer into the edition: <c>/week/0/hours/1</c>.</summary>
    public string Pointer { get; } = pointer;
}
