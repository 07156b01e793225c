namespace Itsm.Contracts;

/// <summary>The form that a text has, as a regular expression, for the contract of the HTTP API. Whoever reads it checks it.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PatternAttribute(string expression) : Attribute
{
    /// <summary>A local time of day, also <c>24:00</c>.</summary>
    public const string TimeOfDay = "^(([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?|24:00(:00)?)$";

    /// <summary>The regular expression.</summary>
    public string Expression { get; } = expression;
}
