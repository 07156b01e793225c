using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Itsm.Platform.Values;

namespace Itsm.Platform.Http;

/// <summary>What an attribute on a member of a request finds wrong with its value, with its code and in the words of this
/// API.</summary>
internal static class RuleFaults
{
    /// <param name="rule">The attribute.</param>
    /// <param name="name">Of the member.</param>
    /// <param name="value">As bound.</param>
    /// <param name="length">Of a text: its code points, which is what the contract means by characters.</param>
    /// <returns>Null where nothing is wrong.</returns>
    public static (FieldCode Code, Sentence Message)? Find(ValidationAttribute rule, string name, object? value, int length) => rule switch
    {
        RequiredAttribute when value is null => (FieldCode.Required, $"{name} is required."),
        RequiredAttribute => value is string text && !OneLine.HasVisible(text) ? (FieldCode.Blank, $"{name} is blank.") : null,
        _ when value is null => null,
        StringLengthAttribute limit => Count(name, length, limit.MinimumLength, limit.MaximumLength, "characters".AsWord,
            FieldCode.TooShort, FieldCode.TooLong),
        MinLengthAttribute limit => CountOf(name, value, length, limit.Length, null),
        MaxLengthAttribute limit => CountOf(name, value, length, 0, limit.Length),
        LengthAttribute limit => CountOf(name, value, length, limit.MinimumLength, limit.MaximumLength),
        _ when rule.IsValid(value) => null,
        RangeAttribute range => (FieldCode.OutOfRange,
            $"{name} must be {range.Minimum} to {range.Maximum}, not {value}."),
        EmailAddressAttribute => (FieldCode.WrongFormat, $"{name} can't be {Text(value).Quoted}: a mail address."),
        _ when rule.FormatErrorMessage(name).TrimEnd('.').AsWord is var expected =>
            (FieldCode.WrongFormat, $"{name} can't be {Text(value).Quoted}: {expected}."),
        _ => null,
    };

    private static (FieldCode Code, Sentence Message)? CountOf(string name, object value, int length, int least, int? most) =>
        value is string ? Count(name, length, least, most, "characters".AsWord, FieldCode.TooShort, FieldCode.TooLong)
        : Count(name, ((IEnumerable)value).Cast<object?>().Count(), least, most, "items".AsWord, FieldCode.TooFew, FieldCode.TooMany);

    private static (FieldCode Code, Sentence Message)? Count(
        string name, int count, int least, int? most, Word what, FieldCode tooFew, FieldCode tooMany)
    {
        Sentence limits = (least, most) switch
        {
            (0, _) => $"at most {most}",
            (_, null) => $"at least {least}",
            _ when least == most => $"exactly {most}",
            _ => $"{least} to {most}",
        };
        return count < least ? (tooFew, $"{name} must have {limits} {what}, not {count}.")
            : count > most ? (tooMany, $"{name} must have {limits} {what}, not {count}.")
            : null;
    }

    private static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;
}
